import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { Problem } from '../../../domain/entity/problem.ts';
import { type Order, type OrderStage, orderStages } from '../../../domain/order/order.entity.ts';
import {
  checkOrder,
  deriveOrder,
  doublesWindow,
  isBinding,
  likelyDoubles,
  nextStages,
  orderNoun,
} from '../../../domain/order/order.rules.ts';
import { changeRecord, createRecord } from '../../../domain/record/record.commands.ts';
import { minimalDocument, moment } from '../sample.ts';

const draft = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'purchase',
  number: 'PO-2026-0117',
  orderedOn: '2026-09-04',
  supplierId: 'party-1',
  lines: [{ lineId: 'line-1', description: 'Beef trim 85s', cases: 20, netWeight: 4128000, price: 27050, priceUnit: 'lb' }],
  ...more,
});
function order(more: Record<string, unknown> = {}): Order {
  const decision = createRecord(orderNoun, 'order-1', draft(more), moment());
  if (!decision.ok) throw new Error(decision.rejection.message);
  return decision.change.after as Order;
}
function problemsOf(more: Record<string, unknown>): readonly Problem[] {
  const decision = createRecord(orderNoun, 'order-1', draft(more), moment());
  return decision.ok ? decision.warnings : decision.rejection.problems;
}
const codes = (problems: readonly Problem[]): string[] => problems.map((problem) => `${problem.severity} ${problem.field} ${problem.code}`);

describe('totals', () => {
  it('[R5] are the sums of the rounded lines plus the charges', () => {
    const made = order({
      lines: [
        {
          lineId: 'a',
          description: 'Tenderloin',
          caseWeights: '61.35+58.90+63.20+60.05+59.75+62.40+57.80+61.15',
          price: 148357,
          priceUnit: 'lb',
        },
        { lineId: 'b', description: 'Trim', cases: 20, netWeight: 4128000, price: 27050, priceUnit: 'lb' },
        { lineId: 'c', description: 'Not priced yet', cases: 5 },
      ],
      charges: [
        { lineId: 'f', kind: 'linehaul', amount: 385000 },
        { lineId: 'g', kind: 'adjustment', amount: -5000 },
      ],
    });
    expect(made).toMatchObject({ totalCases: 33, totalWeight: 48460 + 4128000, totalAmount: 718938 + 11166240 + 385000 - 5000 });
    expect(made.lines?.map((line) => line.amount)).toEqual([718938, 11166240, undefined]);
  });

  it('follow a changed line, and what a person types into them is overwritten', () => {
    const before = order();
    const decision = changeRecord(orderNoun, before, { lines: [{ ...before.lines?.[0], price: 30000 }], totalAmount: 1 }, moment('w2'));
    expect(decision.ok && decision.change.after['totalAmount']).toBe(12384000);
  });

  it('are shown for a form that is still being filled in', () => {
    const half = {
      lines: [
        { lineId: 'a', cases: 3, price: 10000, priceUnit: 'case' },
        { lineId: 'b', price: 'x' },
      ],
    } as never;
    expect(deriveOrder(half)).toMatchObject({ totalCases: 3, totalAmount: 300 });
  });

  it('never throw, whatever the document holds', () => {
    const line = fc.record(
      {
        lineId: fc.string(),
        description: fc.anything(),
        cases: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double(), fc.anything()),
        loads: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.maxSafeInteger()),
        netWeight: fc.oneof(fc.integer({ min: 0, max: 100_000_000 }), fc.maxSafeInteger(), fc.anything()),
        caseWeights: fc.oneof(fc.constantFrom('61.35+58.9', '999999999999', '999999+999999 kg', '1e9'), fc.anything()),
        price: fc.oneof(fc.integer({ min: 100, max: 1_000_000_000 }), fc.maxSafeInteger(), fc.anything()),
        priceUnit: fc.oneof(fc.constantFrom('lb', 'cwt', 'kg', 'case', 'load', 'toString'), fc.anything()),
        weightUnit: fc.oneof(fc.constantFrom('lb', 'kg'), fc.anything()),
      },
      { requiredKeys: [] },
    );
    const rows = fc.oneof(fc.array(fc.oneof(line, fc.anything())), fc.anything());
    const charges = fc.oneof(
      fc.array(fc.record({ kind: fc.constant('fuel'), amount: fc.oneof(fc.maxSafeInteger(), fc.anything()) })),
      fc.anything(),
    );
    fc.assert(
      fc.property(rows, charges, fc.anything(), (lines, someCharges, orderedOn) => {
        const derived = deriveOrder({ lines, charges: someCharges, orderedOn } as unknown as AnyDocument);
        expect(Number.isSafeInteger(derived['totalAmount'])).toBe(true);
        expect(Number.isSafeInteger(derived['totalWeight'])).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('stay exact at the bounds of every field', () => {
    const lines = Array.from({ length: 500 }, (_, i) => ({
      lineId: `l${i}`,
      description: 'x',
      netWeight: 100_000_000,
      price: 1_000_000_000,
      priceUnit: 'lb',
    }));
    const made = order({ lines });
    expect(made.totalAmount).toBe(500 * 10_000_000_000_000);
    expect(made.totalWeight).toBe(50_000_000_000);
  });
});

describe('what an order must say', () => {
  it('[D1] a number and, unless it is freight, an item', () => {
    expect(codes(problemsOf({ number: '' }))).not.toContain('hard number required');
    expect(codes(problemsOf({ kind: 'barter', number: '  ' }))).toContain('hard kind unknown_choice');
    expect(codes(problemsOf({ number: '', importId: 'i-1' }))).toContain('hard number required');
    expect(codes(problemsOf({ lines: [] }))).toContain('hard lines required');
    expect(codes(problemsOf({ lines: [{ lineId: 'a', description: '   ', cases: 1 }] }))).toContain('hard lines.0.description required');
    expect(codes(problemsOf({ kind: 'freight', carrierId: 'party-2', lines: [] }))).toEqual([]);
  });

  it('[D2, D3] quantities of at least one and prices of at least a cent', () => {
    const withLine = (more: Record<string, unknown>): string[] =>
      codes(problemsOf({ lines: [{ lineId: 'a', description: 'Trim', cases: 1, price: 100, priceUnit: 'case', ...more }] }));
    expect(withLine({})).toEqual([]);
    expect(withLine({ cases: 0 })).toContain('hard lines.0.cases too_small');
    expect(withLine({ price: 99 })).toContain('hard lines.0.price too_small');
    expect(withLine({ cases: 1.5 })).toContain('hard lines.0.cases wrong_type');
  });

  it('[D2, D3] both before it is agreed', () => {
    const bare = { lines: [{ lineId: 'a', description: 'Trim' }] };
    expect(codes(problemsOf(bare))).toEqual(['soft lines.0.cases no_quantity', 'soft lines.0.price no_price']);
    expect(codes(problemsOf({ ...bare, stage: 'agreed' }))).toEqual(['hard lines.0.cases no_quantity', 'hard lines.0.price no_price']);
    expect(isBinding('offer')).toBe(false);
    expect(isBinding('sent')).toBe(true);
    expect(isBinding('cancelled')).toBe(false);
  });

  it.each([
    ['the day before', { fulfillOn: '2026-09-03' }, ['hard fulfillOn before_order']],
    ['the same day', { fulfillOn: '2026-09-04' }, []],
    ['a pickup before', { pickupOn: '2026-09-01' }, ['hard pickupOn before_order']],
    ['a fulfillment before the pickup', { pickupOn: '2026-09-09', fulfillOn: '2026-09-08' }, ['soft fulfillOn before_pickup']],
    ['no order date', { orderedOn: '', fulfillOn: '2026-09-03' }, ['soft orderedOn no_date']],
  ])('[D4] dates: %s', (_, more, expected) => {
    expect(codes(problemsOf(more))).toEqual(expected);
  });

  it('[D5] a missing side warns, because the replaced tables left it empty', () => {
    expect(codes(problemsOf({ supplierId: '' }))).toEqual(['soft supplierId missing_side']);
    expect(codes(problemsOf({ kind: 'sale', supplierId: '' }))).toEqual(['soft customerId missing_side']);
    expect(codes(problemsOf({ kind: 'freight' }))).toEqual(['soft carrierId missing_side']);
  });

  it('[D6] places, rates and weights fit together', () => {
    expect(codes(problemsOf({ originId: 'l', destinationId: 'l' }))).toEqual(['soft destinationId same_place']);
    expect(codes(problemsOf({ currency: 'cad' }))).toEqual(['soft exchangeRate rate_of_one']);
    expect(codes(problemsOf({ currency: 'cad', exchangeRate: 735000 }))).toEqual([]);
    expect(codes(problemsOf({ grossWeight: 100, tareWeight: 200 }))).toEqual(['hard tareWeight tare_over_gross']);
  });

  it.each([
    ['customer_pickup', 'delivered', true],
    ['supplier_delivery', 'fob', true],
    ['supplier_delivery', 'delivered', false],
    ['we_pickup', 'fob', false],
  ])('[D8] %s with %s warns: %s', (logistics, priceBasis, warns) => {
    expect(codes(problemsOf({ logistics, priceBasis }))).toEqual(warns ? ['soft priceBasis basis_and_logistics'] : []);
  });

  it('[D9] allocations name a line and do not give away more than it has', () => {
    const allocation = { lineId: 'x', orderLineId: 'line-1', otherOrderId: 'order-2', otherLineId: 'l', weight: 4000000 };
    expect(codes(problemsOf({ allocations: [allocation] }))).toEqual([]);
    expect(codes(problemsOf({ allocations: [{ ...allocation, orderLineId: 'gone' }] }))).toEqual([
      'hard allocations.0.orderLineId unknown_line',
    ]);
    expect(codes(problemsOf({ allocations: [allocation, { ...allocation, lineId: 'y', weight: 128001 }] }))).toEqual([
      'soft allocations.0.weight over_allocated',
      'soft allocations.1.weight over_allocated',
    ]);
  });
});

describe('[D7] stages', () => {
  it.each<[OrderStage, OrderStage, boolean]>([
    ['draft', 'agreed', true],
    ['agreed', 'draft', true],
    ['loaded', 'cancelled', true],
    ['delivered', 'closed', true],
    ['closed', 'paid', true],
    ['closed', 'draft', false],
    ['closed', 'cancelled', false],
    ['cancelled', 'draft', true],
    ['cancelled', 'sent', false],
  ])('[D7] from %s to %s: %s', (from, to, allowed) => {
    const before = order({ stage: from });
    const refused = checkOrder({ ...before, stage: to }, before).some(
      (problem) => problem.code === 'closed_stage' && problem.severity === 'hard',
    );
    expect(refused).toBe(!allowed);
  });

  it('[D7] every stage can be left, and reaches every other one in the end', () => {
    for (const stage of Object.keys(orderStages) as OrderStage[]) {
      const seen = new Set<OrderStage>([stage]);
      for (const one of seen) for (const next of nextStages(one)) seen.add(next);
      expect(seen.size, stage).toBe(Object.keys(orderStages).length);
    }
  });
});

it('[R28] an order is kept until two years after the end of its year', () => {
  expect(order({ orderedOn: '2026-12-31' }).retainUntil).toBe('2028-12-31');
  expect(order({ orderedOn: '2027-01-01' }).retainUntil).toBe('2029-12-31');
  expect(order({ orderedOn: '' })).not.toHaveProperty('retainUntil');
});

describe('[R30] doubles', () => {
  const first = { ...order({ customerOrderNumber: 'C-77' }), id: 'order-1' };
  const other = (more: Partial<Order>): Order => ({ ...first, id: 'order-2', ...more });

  it.each([
    ['the same within seven days', { orderedOn: '2026-09-11' }, 1],
    ['eight days later', { orderedOn: '2026-09-12' }, 0],
    ['another customer number', { customerOrderNumber: 'C-78' }, 0],
    ['another supplier', { supplierId: 'party-9' }, 0],
    ['the other side', { kind: 'sale' }, 0],
    ['the item in other spelling', { lines: [{ lineId: 'z', description: ' BEEF  trim 85s ' }] }, 1],
    ['another item', { lines: [{ lineId: 'z', description: 'Beef trim 50s' }] }, 0],
    ['itself', { id: 'order-1' }, 0],
  ] as const)('[R30] %s', (_, more, found) => {
    expect(likelyDoubles(first, [other(more)])).toHaveLength(found);
  });

  it('[R30] the window for the query covers exactly those days', () => {
    expect(doublesWindow('2026-09-04')).toEqual({ from: '2026-08-28', to: '2026-09-11' });
  });
});

it('the smallest order is a draft in dollars at a rate of one', () => {
  expect(minimalDocument(orderNoun)).toMatchObject({ stage: 'draft', currency: 'usd', exchangeRate: 1_000_000, status: 'active' });
});
