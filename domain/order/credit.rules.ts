/** What a customer could owe us: open receivables, goods on their way and what was agreed, less money not yet applied (R15). */
import type { Party } from '../party/party.entity.ts';
import type { Product } from '../product/product.entity.ts';
import type { Receivable } from '../receivable/receivable.entity.ts';
import { extendCount, extendWeight, isWeightPrice } from '../units/price.ts';
import { type Cents, type Weight, cents, weight } from '../units/units.ts';
import type { Order, OrderLine, OrderStage } from './order.entity.ts';
import { inBase } from './order-totals.rules.ts';

/** In the base currency. The total is the first three less the last. */
export interface Exposure {
  readonly openReceivables: Cents;
  readonly shippedUnbilled: Cents;
  readonly openOrders: Cents;
  readonly unappliedCash: Cents;
}
export const exposureTotal = ({ openReceivables, shippedUnbilled, openOrders, unappliedCash }: Exposure): Cents =>
  cents(openReceivables + shippedUnbilled + openOrders - unappliedCash);

/** Agreed with the customer, and not on the road yet. */
export const OPEN_STAGES = ['agreed', 'sent', 'confirmed', 'freight_booked', 'appointment_set'] as const satisfies readonly OrderStage[];
/** On the road or with the customer, and not paid. What of it was invoiced counts among the receivables. */
export const SHIPPED_STAGES = ['loaded', 'weights_in', 'invoiced', 'delivered'] as const satisfies readonly OrderStage[];
const isAmong = (stages: readonly OrderStage[], stage: OrderStage): boolean => stages.includes(stage);
/** The order takes up credit. A purchase, a freight order and a deal that we only broker do not. */
export const takesCredit = ({ kind, agency, stage }: Pick<Order, 'kind' | 'agency' | 'stage'>): boolean =>
  kind === 'sale' && agency !== true && (isAmong(OPEN_STAGES, stage) || isAmong(SHIPPED_STAGES, stage));

type Bounds = ReadonlyMap<string, Pick<Product, 'poundsPerCaseMax'>>;

/** The most that the line can come to: its weight where it is known, else the ordered one or all cases at their heaviest. [R15] */
export function largestWeight(line: OrderLine, products: Bounds): Weight | undefined {
  if (line.netWeight !== undefined) return line.netWeight;
  const heaviest = line.weightBasis === 'net' ? undefined : products.get(line.productId ?? '')?.poundsPerCaseMax;
  const most = heaviest === undefined || line.cases === undefined ? undefined : weight(heaviest * line.cases);
  if (most === undefined) return line.orderedWeight;
  return line.orderedWeight === undefined || most > line.orderedWeight ? most : line.orderedWeight;
}

function largestLine(line: OrderLine, products: Bounds): Cents {
  const { price, priceUnit, cases, loads } = line;
  if (price === undefined || priceUnit === undefined) return cents(0);
  if (!isWeightPrice(priceUnit)) return extendCount((priceUnit === 'case' ? cases : loads) ?? 0, price);
  return extendWeight(largestWeight(line, products) ?? weight(0), price, priceUnit);
}
/** The order at its largest weights, charges included, in the base currency. [R15] */
export function largestAmount(order: Order, products: Bounds): Cents {
  const lines = (order.lines ?? []).reduce((sum, line) => sum + largestLine(line, products), 0);
  const charges = (order.charges ?? []).reduce((sum, { amount }) => sum + amount, 0);
  return inBase(cents(lines + charges), order);
}

/** What lies behind the exposure of one customer. Papers and orders of others must not be among it. */
export interface Ledger {
  readonly receivables: readonly Receivable[];
  readonly orders: readonly Order[];
  readonly products: Bounds;
}

/** Papers that count: what they owe us, once it was issued and as long as it is open. */
const isOurs = ({ direction, stage }: Receivable): boolean => direction !== 'payable' && stage !== 'draft' && stage !== 'cancelled';
const isBill = (one: Receivable): boolean => isOurs(one) && (one.kind === 'invoice' || one.kind === 'adjustment');
const isSettled = ({ stage }: Receivable): boolean => stage === 'paid' || stage === 'settled' || stage === 'denied';
const isCash = (one: Receivable): boolean => isOurs(one) && (one.kind === 'payment' || one.kind === 'credit');

/** What of an order that was shipped is on no invoice yet. One that is called invoiced counts until its invoice is here. */
function unbilled(order: Order, amount: Cents, billed: ReadonlyMap<string, number>): number {
  const known = billed.get(order.id);
  if (known === undefined) return amount;
  return order.stage === 'invoiced' || order.stage === 'delivered' ? 0 : Math.max(0, amount - known);
}

export function exposureOf({ receivables, orders, products }: Ledger): Exposure {
  const applied = new Map<string, number>();
  let unapplied = 0;
  for (const one of receivables.filter(isCash)) {
    let rest = one.amount ?? 0;
    for (const { receivableId, amount } of one.applications ?? []) {
      applied.set(receivableId, (applied.get(receivableId) ?? 0) + inBase(amount, one));
      rest -= amount;
    }
    unapplied += inBase(cents(rest), one);
  }
  const billed = new Map<string, number>();
  let open = 0;
  for (const one of receivables.filter(isBill)) {
    const amount = inBase(one.amount ?? cents(0), one);
    if (one.orderId !== undefined) billed.set(one.orderId, (billed.get(one.orderId) ?? 0) + amount);
    if (!isSettled(one)) open += amount - (applied.get(one.id) ?? 0);
  }
  let [shipped, agreed] = [0, 0];
  for (const order of orders.filter(takesCredit)) {
    const amount = largestAmount(order, products);
    const rest = unbilled(order, amount, billed);
    if (isAmong(SHIPPED_STAGES, order.stage)) shipped += rest;
    else agreed += rest;
  }
  return { openReceivables: cents(open), shippedUnbilled: cents(shipped), openOrders: cents(agreed), unappliedCash: cents(unapplied) };
}

export interface CreditView {
  readonly exposure: Exposure;
  readonly limit: Cents | undefined;
  readonly isOnHold: boolean;
  /** How far the exposure lies above the limit; 0 where it does not, or where no limit is agreed. */
  readonly excess: Cents;
}
export function creditOf(customer: Pick<Party, 'creditLimit' | 'creditHold'> | undefined, ledger: Ledger): CreditView {
  const exposure = exposureOf(ledger);
  const limit = customer?.creditLimit;
  const excess = limit === undefined ? 0 : Math.max(0, exposureTotal(exposure) - limit);
  return { exposure, limit, isOnHold: customer?.creditHold === true, excess: cents(excess) };
}
export const needsCreditApproval = ({ isOnHold, excess }: CreditView): boolean => isOnHold || excess > 0;
