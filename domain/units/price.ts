/** Prices with their unit: typing, showing, converting and extending them (R4, R5). */
import { type Parsed, formatDecimal, parseDecimal, parsed, unreadable } from './decimal.ts';
import { type Cents, type UnitPrice, type Weight, cents, divideHalfUp, unitPrice } from './units.ts';
import { KILOGRAMS_PER_POUND } from './weight.ts';

export type WeightPriceUnit = 'lb' | 'cwt' | 'kg';
export type PriceUnit = WeightPriceUnit | 'case' | 'load';

/** Price per pound = price x parts / of. 1 cwt is 100 lb. */
const perPound: Readonly<Record<WeightPriceUnit, { readonly parts: bigint; readonly of: bigint }>> = {
  lb: { parts: 1n, of: 1n },
  cwt: { parts: 1n, of: 100n },
  kg: KILOGRAMS_PER_POUND,
};
export const isWeightPrice = (unit: PriceUnit): unit is WeightPriceUnit => unit === 'lb' || unit === 'cwt' || unit === 'kg';

/** The same price per another unit of weight, to 4 decimals, half up: 1483.57/cwt is 14.8357/lb and 32.7071/kg. */
export function convertPrice(value: UnitPrice, from: WeightPriceUnit, to: WeightPriceUnit): UnitPrice {
  const a = perPound[from];
  const b = perPound[to];
  return unitPrice(divideHalfUp(BigInt(value) * a.parts * b.of, a.of * b.parts));
}

/** The money for a weight at a price, rounded half up once. 4128000 lb/100 at 2.7050/lb is 11,166,240 cents. */
export function extendWeight(net: Weight, value: UnitPrice, unit: WeightPriceUnit): Cents {
  const { parts, of } = perPound[unit];
  return cents(divideHalfUp(BigInt(net) * BigInt(value) * parts, of * 10_000n));
}
/** The money for a number of cases or loads at a price each. */
export const extendCount = (count: number, value: UnitPrice): Cents => cents(divideHalfUp(BigInt(count) * BigInt(value), 100n));

/** How far a price is from a reference, in basis points of the reference, half up; undefined where they cannot be compared. */
export function priceDeviation(value: UnitPrice, unit: PriceUnit, reference: UnitPrice, referenceUnit: PriceUnit): number | undefined {
  if (reference <= 0) return undefined;
  if (!isWeightPrice(unit) || !isWeightPrice(referenceUnit)) {
    return unit === referenceUnit ? divideHalfUp((BigInt(value) - BigInt(reference)) * 10_000n, BigInt(reference)) : undefined;
  }
  const a = BigInt(value) * perPound[unit].parts * perPound[referenceUnit].of;
  const b = BigInt(reference) * perPound[referenceUnit].parts * perPound[unit].of;
  return divideHalfUp((a - b) * 10_000n, b);
}

export interface EnteredPrice {
  readonly price: UnitPrice;
  readonly unit: PriceUnit;
}

const unitWords: Readonly<Record<string, PriceUnit>> = {
  lb: 'lb',
  lbs: 'lb',
  '#': 'lb',
  pound: 'lb',
  cwt: 'cwt',
  hundredweight: 'cwt',
  kg: 'kg',
  kgs: 'kg',
  kilo: 'kg',
  case: 'case',
  cs: 'case',
  box: 'case',
  bx: 'case',
  load: 'load',
  ld: 'load',
  truck: 'load',
};
const PRICE = /^\$?\s*([\d.,]+)\s*(c|¢|cents?)?\s*(?:(?:\/|per|a)\s*([a-z#]+)|([a-z#]+))?$/i;

/**
 * What brokers say: "2.705", "$2.705/lb", "270.50/cwt", "270.5c" (cents, per pound unless told), "5.96 kg", "150/case".
 * Without a unit the given one is taken. 4 decimals of a dollar at most.
 */
export function parsePrice(text: string, unit: PriceUnit): Parsed<EnteredPrice> {
  const match = PRICE.exec(text.trim());
  const [, number = '', inCents, slashed, bare] = match ?? [];
  if (!match) return unreadable('bad_price', `"${text.trim()}" is not a price; type one such as 2.705, 270.50/cwt or 270.5c.`);
  const word = (slashed ?? bare)?.toLowerCase();
  const named = word === undefined ? undefined : Object.hasOwn(unitWords, word) ? unitWords[word] : null;
  if (named === null) return unreadable('unknown_unit', `"${word}" is not a price unit; use lb, cwt, kg, case or load.`);
  const value = parseDecimal(number, inCents === undefined ? 4 : 2);
  if (!value.ok) return value;
  return parsed({ price: unitPrice(value.value), unit: named ?? (inCents === undefined ? unit : 'lb') });
}

/** 27050, 'lb' -> "$2.7050/lb"; per cwt, case and load with two decimals where the other two are zero. */
export function formatPrice(value: UnitPrice, unit?: PriceUnit): string {
  const least = unit === undefined || unit === 'lb' || unit === 'kg' ? 4 : 2;
  return `$${formatDecimal(value, 4, least)}${unit === undefined ? '' : `/${unit}`}`;
}
