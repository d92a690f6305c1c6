import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Margin,
  earned,
  isBelowFloor,
  marginOfSale,
  marginPerPound,
  marginPercent,
  markupPercent,
  together,
} from '../../../domain/order/margin.rules.ts';
import type { Order } from '../../../domain/order/order.entity.ts';
import { cents, weight } from '../../../domain/units/units.ts';
import { orderOf, purchase, sale } from './deals.ts';

const over = (one: Order, ...purchases: readonly Order[]) => marginOfSale(one, new Map(purchases.map((bought) => [bought.id, bought])));
function known(one: Order, ...purchases: readonly Order[]): Margin {
  const view = over(one, ...purchases);
  if (!view.known) throw new Error(view.why);
  return view.margin;
}
const why = (one: Order, ...purchases: readonly Order[]): string => {
  const view = over(one, ...purchases);
  return view.known ? 'known' : view.why;
};
const plain = (sold: number, cost: number): Margin => ({ sale: cents(sold), cost: cents(cost), weight: weight(0) });

describe('margin', () => {
  it('[R10] is 3,309.56 for the load of the trade notes: 0.0802 a pound, 2.75 % of the sale, 2.83 % of the cost', () => {
    const margin = known(sale(), purchase());
    expect([margin.sale, margin.cost, earned(margin)]).toEqual([12_033_120, 11_702_164, 330_956]);
    expect([marginPerPound(margin), marginPercent(margin), markupPercent(margin)]).toEqual([802, 275, 283]);
  });

  it('[R10] averages are weighted, never the mean of means', () => {
    const [large, small] = [plain(9_000_000, 8_910_000), plain(1_000_000, 800_000)];
    expect([marginPercent(large), marginPercent(small), marginPercent(together([large, small]))]).toEqual([100, 2000, 290]);
  });

  it('[R10] several deals earn together what each of them earns', () => {
    const margins = fc.array(fc.tuple(fc.nat(1_000_000_000), fc.nat(1_000_000_000)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(margins, (pairs) => {
        const all = pairs.map(([sold, cost]) => plain(sold, cost));
        expect(earned(together(all))).toBe(all.reduce((sum, one) => sum + earned(one), 0));
        const percents = all.flatMap((one) => marginPercent(one) ?? []);
        const average = marginPercent(together(all));
        if (average === undefined || percents.length < all.length) return;
        expect(average).toBeGreaterThanOrEqual(Math.min(...percents));
        expect(average).toBeLessThanOrEqual(Math.max(...percents));
      }),
    );
  });

  it('[R10] is compared with the floor before it is rounded', () => {
    // 2.7499 % shows as 2.75 % and lies below a floor of 2.75 %.
    expect(marginPercent(plain(1_000_000, 972_501))).toBe(275);
    expect([isBelowFloor(plain(1_000_000, 972_501), 275), isBelowFloor(plain(1_000_000, 972_500), 275)]).toEqual([true, false]);
    expect([isBelowFloor(plain(0, 1), 0), isBelowFloor(plain(100, 100), 0), isBelowFloor(plain(0, 0), 0)]).toEqual([true, false, false]);
  });

  it('[R10] takes of a purchase what the allocation names, by cases where both sides count them', () => {
    const half = { lineId: 'a', orderLineId: 's', otherOrderId: 'po-1', otherLineId: 'b' };
    const sold = { lineId: 's', description: 'Trim', cases: 344, netWeight: 2_070_000, price: 29_150, priceUnit: 'lb' };
    expect(known(sale({ lines: [sold], allocations: [{ ...half, cases: 344 }] }), purchase()).cost).toBe(5_851_082);
    const { cases: _, ...weighed } = sold;
    const byWeight = known(sale({ lines: [weighed], allocations: [{ ...half, weight: 2_070_000 }] }), purchase());
    // 2,070,000 of 4,128,000 of 11,702,164 cents.
    expect(byWeight.cost).toBe(5_868_091);
  });

  it('[R10] the charges of a purchase go to its lines by weight, taxes of the sale earn nothing, other currencies are converted', () => {
    const lines = [
      { lineId: 'b', description: 'Trim', netWeight: 3_000, price: 10_000, priceUnit: 'lb' },
      { lineId: 'c', description: 'Chuck', netWeight: 1_000, price: 20_000, priceUnit: 'lb' },
    ];
    const bought = purchase({ lines, charges: [{ lineId: 'f', kind: 'linehaul', amount: 400 }], currency: 'cad', exchangeRate: 500_000 });
    const sold = sale({
      lines: [{ lineId: 's', description: 'Trim', netWeight: 3_000, price: 20_000, priceUnit: 'lb' }],
      charges: [{ lineId: 't', kind: 'tax', amount: 99 }],
      allocations: [{ lineId: 'a', orderLineId: 's', otherOrderId: 'po-1', otherLineId: 'b', weight: 3_000 }],
    });
    // 3,000 + 3/4 of 400 Canadian cents at 0.5.
    expect(known(sold, bought)).toMatchObject({ sale: 6_000, cost: 1_650 });
  });

  it('[R10] is not guessed where the cost is not known', () => {
    expect(why(sale({ allocations: [] }), purchase())).toBe('line 1 is not yet covered by purchases');
    const short = [{ lineId: 'a', orderLineId: 's', otherOrderId: 'po-1', otherLineId: 'b', weight: 4_127_999 }];
    expect(why(sale({ allocations: short }), purchase())).toBe('line 1 is not yet covered by purchases');
    expect(why(sale())).toContain('is not on this device');
    expect(why(sale(), orderOf('po-1', { kind: 'purchase', lines: [] }))).toContain('is not on this device');
    expect(why(sale({ lines: [{ lineId: 's', description: 'Trim', netWeight: 4_128_000 }] }), purchase())).toBe('a line has no amount yet');
    const unpriced = { lineId: 'b', description: 'Trim', netWeight: 4_128_000 };
    expect(why(sale(), purchase({ lines: [unpriced] }))).toContain('has no amount');
  });

  it('[R10] is not computed from an order of which somebody sees only a part', () => {
    const { charges: _, totalAmount: __, ...seen } = purchase();
    expect(why(sale(), seen as Order)).toContain('your role does not show you all of it');
    const { totalAmount: ___, ...own } = sale();
    expect(why(own as Order, purchase())).toContain('your role does not show you all of the order');
  });
});
