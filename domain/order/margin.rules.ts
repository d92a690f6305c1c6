/** What a sale earns: margin in percent of the sale, markup in percent of the cost, averages weighted (R10). */
import {
  type BasisPoints,
  type Cents,
  type UnitPrice,
  type Weight,
  basisPoints,
  cents,
  divideHalfUp,
  unitPrice,
  weight,
} from '../units/units.ts';
import { billingWeight } from './order-line.rules.ts';
import type { Order, OrderLine } from './order.entity.ts';
import { inBase, orderTotals } from './order-totals.rules.ts';

/** What goods were sold for and what they cost, in the base currency. */
export interface Margin {
  readonly sale: Cents;
  readonly cost: Cents;
  readonly weight: Weight;
}
export const earned = ({ sale, cost }: Pick<Margin, 'sale' | 'cost'>): Cents => cents(sale - cost);

/** Several deals as one, so that its percentages are the weighted averages and never a mean of means. [R10] */
export const together = (margins: readonly Margin[]): Margin => ({
  sale: cents(margins.reduce((sum, { sale }) => sum + sale, 0)),
  cost: cents(margins.reduce((sum, { cost }) => sum + cost, 0)),
  weight: weight(margins.reduce((sum, one) => sum + one.weight, 0)),
});

const share = (part: number, of: number): BasisPoints | undefined =>
  of > 0 ? basisPoints(divideHalfUp(BigInt(part) * 10_000n, BigInt(of))) : undefined;
/** Percent of the sale; undefined where nothing was sold. [R10] */
export const marginPercent = (margin: Margin): BasisPoints | undefined => share(earned(margin), margin.sale);
/** Percent of the cost; undefined where it cost nothing. [R10] */
export const markupPercent = (margin: Margin): BasisPoints | undefined => share(earned(margin), margin.cost);
/** Per pound; undefined where no weight is known. */
export const marginPerPound = (margin: Margin): UnitPrice | undefined =>
  margin.weight > 0 ? unitPrice(divideHalfUp(BigInt(earned(margin)) * 10_000n, BigInt(margin.weight))) : undefined;

/** Compared before anything is rounded, so a margin that is shown as the floor may lie below it. [R10] */
export const isBelowFloor = ({ sale, cost }: Margin, floor: number): boolean =>
  BigInt(sale - cost) * 10_000n < BigInt(floor) * BigInt(sale);
/** Whether it earns less of each dollar than the other did. */
export const isWorse = (margin: Margin, than: Margin): boolean =>
  BigInt(earned(margin)) * BigInt(than.sale) < BigInt(earned(than)) * BigInt(margin.sale);

export type MarginView =
  | { readonly known: true; readonly margin: Margin }
  /** In words that tell no number. */
  | { readonly known: false; readonly why: string };

type Allocation = NonNullable<Order['allocations']>[number];
/** A part of a bought line, counted in cases where both sides count them, else in weight. */
interface Part {
  readonly part: number;
  readonly whole: number;
}
interface Bought {
  readonly allocation: Allocation;
  readonly purchase: Order;
  readonly line: OrderLine;
}

const unknown = (why: string): MarginView => ({ known: false, why });

/** Hidden fields leave an order whose own sum is missing or does not come out. */
const isWhole = (order: Order): boolean => order.totalAmount === orderTotals(order).amount;

function boughtFor(allocations: readonly Allocation[], purchases: ReadonlyMap<string, Order>): Bought[] | undefined {
  const bought = allocations.flatMap((allocation) => {
    const purchase = purchases.get(allocation.otherOrderId);
    const line = purchase?.lines?.find(({ lineId }) => lineId === allocation.otherLineId);
    return purchase && line && isWhole(purchase) ? [{ allocation, purchase, line }] : [];
  });
  return bought.length === allocations.length ? bought : undefined;
}

/** How much of each bought line goes into the sold one; undefined where that leaves a part of the sold line open. */
function partsOf(sold: OrderLine, bought: readonly Bought[]): Part[] | undefined {
  const measures = [
    { sold: sold.cases, part: ({ allocation }: Bought) => allocation.cases, whole: ({ line }: Bought) => line.cases },
    { sold: billingWeight(sold), part: ({ allocation }: Bought) => allocation.weight, whole: ({ line }: Bought) => billingWeight(line) },
  ];
  for (const measure of measures) {
    const parts = bought.map((one): Part => ({ part: measure.part(one) ?? 0, whole: measure.whole(one) ?? 0 }));
    const isMeasured = parts.length > 0 && parts.every(({ part, whole }) => part > 0 && whole > 0);
    const covered = parts.reduce((sum, { part }) => sum + part, 0);
    if (measure.sold !== undefined && isMeasured && covered >= measure.sold) return parts;
  }
  return undefined;
}

/** That part of the line, with its weight's share of the charges of the purchase; undefined where a weight is missing. */
function costOf({ purchase, line }: Bought, { part, whole }: Part): Cents | undefined {
  const lines = purchase.lines ?? [];
  const charges = (purchase.charges ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const weights = lines.map(billingWeight);
  const own = billingWeight(line);
  const total = weights.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const isSharable =
    lines.length === 1 || charges === 0 || (own !== undefined && weights.every((value) => value !== undefined) && total > 0);
  if (line.amount === undefined || !isSharable) return undefined;
  const [of, all] = lines.length === 1 || charges === 0 ? [1, 1] : [own ?? 0, total];
  const exact = (BigInt(line.amount) * BigInt(all) + BigInt(charges) * BigInt(of)) * BigInt(part);
  return inBase(cents(divideHalfUp(exact, BigInt(whole) * BigInt(all))), purchase);
}

/**
 * What a sale earns over the purchases that its allocations name: their goods and their charges. Where a line is not covered, or
 * a purchase is not known, the cost is not known, and nothing is guessed. [R10]
 */
export function marginOfSale(sale: Order, purchases: ReadonlyMap<string, Order>): MarginView {
  const lines = sale.lines ?? [];
  if (!isWhole(sale)) return unknown('your role does not show you all of the order');
  if (lines.some(({ amount }) => amount === undefined)) return unknown('a line has no amount yet');
  const costs: Cents[] = [];
  for (const [i, line] of lines.entries()) {
    const bought = boughtFor(
      (sale.allocations ?? []).filter(({ orderLineId }) => orderLineId === line.lineId),
      purchases,
    );
    if (!bought) return unknown(`a purchase for line ${i + 1} is not on this device, or your role does not show you all of it`);
    const parts = partsOf(line, bought);
    if (!parts) return unknown(`line ${i + 1} is not yet covered by purchases`);
    for (const [n, one] of bought.entries()) {
      const cost = costOf(one, parts[n] ?? { part: 0, whole: 1 });
      if (cost === undefined) return unknown(`a purchase for line ${i + 1} has no amount or no weights yet`);
      costs.push(cost);
    }
  }
  const taxes = (sale.charges ?? []).reduce((sum, { kind, amount }) => sum + (kind === 'tax' ? amount : 0), 0);
  const totals = orderTotals(sale);
  const margin = {
    sale: inBase(cents(totals.amount - taxes), sale),
    cost: cents(costs.reduce((sum, cost) => sum + cost, 0)),
    weight: totals.weight,
  };
  return { known: true, margin };
}
