import { describe, expect, it } from 'vitest';
import {
  type Ledger,
  creditOf,
  exposureOf,
  exposureTotal,
  largestAmount,
  largestWeight,
  needsCreditApproval,
  takesCredit,
} from '../../../domain/order/credit.rules.ts';
import type { OrderLine } from '../../../domain/order/order.entity.ts';
import { cents, unitPrice, weight } from '../../../domain/units/units.ts';
import { orderOf, paperOf } from './deals.ts';

const sold = (id: string, stage: string, amount: number, more: Record<string, unknown> = {}) =>
  orderOf(id, {
    kind: 'sale',
    stage,
    customerId: 'lone-star',
    lines: [{ lineId: 'l', description: 'Trim', loads: 1, price: amount * 100, priceUnit: 'load' }],
    ...more,
  });
const ledger = (more: Partial<Ledger>): Ledger => ({ receivables: [], orders: [], products: new Map(), ...more });
const invoice = (id: string, amount: number, more: Record<string, unknown> = {}) => paperOf(id, { kind: 'invoice', amount, ...more });
const payment = (
  id: string,
  amount: number,
  applications: readonly (readonly [string, number])[] = [],
  more: Record<string, unknown> = {},
) =>
  paperOf(id, {
    kind: 'payment',
    amount,
    applications: applications.map(([receivableId, part], i) => ({ lineId: `a${i}`, receivableId, amount: part })),
    ...more,
  });

describe('credit exposure', () => {
  it('[R15] of the trade notes is 355,370, which is 5,370 above a limit of 350,000', () => {
    const view = creditOf(
      { creditLimit: cents(35_000_000) },
      ledger({
        receivables: [invoice('i-1', 30_000_000), payment('p-1', 9_955_000, [['i-1', 8_755_000]])],
        orders: [sold('shipped', 'loaded', 5_832_000), sold('open', 'confirmed', 9_660_000)],
      }),
    );
    expect(view.exposure).toEqual({
      openReceivables: 21_245_000,
      shippedUnbilled: 5_832_000,
      openOrders: 9_660_000,
      unappliedCash: 1_200_000,
    });
    expect([exposureTotal(view.exposure), view.excess, needsCreditApproval(view)]).toEqual([35_537_000, 537_000, true]);
  });

  it('[R15] counts a catch-weight order at its largest weight: 960 cases of 65.6 lb at 1.61 are 101,391.36, nominally 96,600.00', () => {
    const line = {
      lineId: 'l',
      description: 'Trim',
      productId: 'trim',
      cases: 960,
      orderedWeight: weight(6_000_000),
      price: unitPrice(16_100),
      priceUnit: 'lb',
    } as OrderLine;
    const products = new Map([['trim', { poundsPerCaseMax: weight(6_560) }]]);
    const order = orderOf('so', { kind: 'sale', stage: 'confirmed', lines: [line] });
    expect([largestAmount(order, products), largestAmount(order, new Map())]).toEqual([10_139_136, 9_660_000]);
    // The weight that came in is what it is; net goods weigh what was agreed.
    expect(largestWeight({ ...line, netWeight: weight(5_990_000) }, products)).toBe(5_990_000);
    expect(largestWeight({ ...line, weightBasis: 'net' }, products)).toBe(6_000_000);
    expect(largestWeight({ ...line, orderedWeight: weight(7_000_000) }, products)).toBe(7_000_000);
  });

  it('[R15] counts what they owe us once: billed goods are receivables, and what is paid, cancelled or ours to pay is none', () => {
    const exposure = exposureOf(
      ledger({
        receivables: [
          invoice('i-1', 1_000, { orderId: 'billed' }),
          invoice('i-2', 400, { orderId: 'partly' }),
          invoice('i-3', 7_000, { stage: 'paid' }),
          invoice('i-4', 7_000, { stage: 'cancelled' }),
          invoice('i-5', 7_000, { stage: 'draft' }),
          invoice('theirs', 7_000, { direction: 'payable' }),
          payment('p-1', 100, [['i-1', 100]]),
          payment('p-2', 50, [], { kind: 'credit' }),
          payment('p-3', 9_000, [], { stage: 'cancelled' }),
          paperOf('claim', { kind: 'claim', claimedAmount: 9_000 }),
        ],
        orders: [
          sold('billed', 'delivered', 1_500),
          sold('partly', 'weights_in', 1_000),
          sold('unseen', 'delivered', 300),
          sold('draft', 'draft', 9_000),
          sold('offer', 'offer', 9_000),
          sold('gone', 'cancelled', 9_000),
          sold('paid', 'paid', 9_000),
          sold('agency', 'confirmed', 9_000, { agency: true }),
          orderOf('purchase', { kind: 'purchase', stage: 'confirmed', customerId: 'lone-star' }),
        ],
      }),
    );
    expect(exposure).toEqual({ openReceivables: 1_300, shippedUnbilled: 600 + 300, openOrders: 0, unappliedCash: 50 });
  });

  it('[R15] is in the base currency', () => {
    const euro = { currency: 'eur', exchangeRate: 1_100_000 };
    const papers = [invoice('i', 1_000, euro), payment('p', 300, [['i', 200]], euro)];
    const exposure = exposureOf(ledger({ receivables: papers, orders: [sold('o', 'agreed', 1_000, euro)] }));
    expect(exposure).toEqual({ openReceivables: 880, shippedUnbilled: 0, openOrders: 1_100, unappliedCash: 110 });
  });

  it('[R15] without an agreed limit nothing is asked, on hold everything is', () => {
    const orders = [sold('o', 'agreed', 1_000)];
    const asks = (customer: Parameters<typeof creditOf>[0]) => needsCreditApproval(creditOf(customer, ledger({ orders })));
    expect(asks(undefined)).toBe(false);
    expect(asks({})).toBe(false);
    expect(asks({ creditLimit: cents(1_000) })).toBe(false);
    expect(asks({ creditLimit: cents(999) })).toBe(true);
    expect(asks({ creditLimit: cents(1_000_000), creditHold: true })).toBe(true);
  });

  it('[R15] only sales of our own take up credit, from agreed until they are paid', () => {
    expect(takesCredit(sold('o', 'agreed', 1))).toBe(true);
    expect(['draft', 'inquiry', 'offer', 'paid', 'closed', 'cancelled'].some((stage) => takesCredit(sold('o', stage, 1)))).toBe(false);
  });
});
