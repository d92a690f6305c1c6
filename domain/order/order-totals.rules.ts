/** What an order comes to: sums of its rounded lines and its charges, in its own currency and in the base currency. */
import { type Cents, type Weight, cents, divideHalfUp, weight } from '../units/units.ts';
import { billingWeight } from './order-line.rules.ts';
import type { Order } from './order.entity.ts';

export interface OrderTotals {
  readonly cases: number;
  readonly weight: Weight;
  /** Lines plus charges. */
  readonly amount: Cents;
}
/** Sums of the rounded lines; the bounds of the fields keep them exact. */
export function orderTotals(document: Pick<Order, 'lines' | 'charges'>): OrderTotals {
  const lines = document.lines ?? [];
  // A form that is being filled in holds '' where a number is still missing.
  const total = (values: readonly unknown[]): number =>
    values.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0);
  return {
    cases: total(lines.map((line) => line.cases)),
    weight: weight(total(lines.map(billingWeight))),
    amount: cents(total(lines.map((line) => line.amount)) + total((document.charges ?? []).map((charge) => charge.amount))),
  };
}

/** Exchange rates are millionths: base currency for one of the own. Rounded half up once. */
export const inBase = (amount: Cents, { exchangeRate = 1_000_000 }: { readonly exchangeRate?: number }): Cents =>
  exchangeRate === 1_000_000 ? amount : cents(divideHalfUp(BigInt(amount) * BigInt(exchangeRate), 1_000_000n));
