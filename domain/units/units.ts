/**
 * The numbers of the trade, as exact integers (DESIGN 3.6). A unit is part of the type, so cents never meet pounds by
 * accident; only this folder makes them and rounds them.
 */

/** Integer cents of the document's currency. */
export type Cents = number & { readonly unit: 'cents' };
/** Integer 1/10000 of the currency per price unit: 2.7050 $/lb is 27050. */
export type UnitPrice = number & { readonly unit: 'price/10000' };
/** Integer hundredths of a pound: 41,280.00 lb is 4128000. */
export type Weight = number & { readonly unit: 'lb/100' };
/** Integer basis points: 2.75 % is 275. */
export type BasisPoints = number & { readonly unit: 'bp' };

/** An integer within the exact range; anything else is a bug of the caller, not bad input. */
function exact(value: number, unit: string): number {
  if (!Number.isSafeInteger(value)) throw new Error(`${unit}: ${value} is not an exact integer`);
  return Object.is(value, -0) ? 0 : value;
}

export const cents = (value: number): Cents => exact(value, 'cents') as Cents;
export const unitPrice = (value: number): UnitPrice => exact(value, 'unit price') as UnitPrice;
export const weight = (value: number): Weight => exact(value, 'weight') as Weight;
export const basisPoints = (value: number): BasisPoints => exact(value, 'basis points') as BasisPoints;

/** Rounds numerator/denominator half away from zero, exactly. Source: broker rules, section 4 (round half-up once). */
export function divideHalfUp(numerator: bigint, denominator: bigint): number {
  if (denominator <= 0n) throw new Error('the denominator must be positive');
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  const rounded = (magnitude * 2n + denominator) / (denominator * 2n);
  return exact(Number(negative ? -rounded : rounded), 'quotient');
}
