/** Weights. Stored in hundredths of a pound; kilograms are converted once, after the sum, by the exact factor. */
import { type Parsed, formatDecimal, parseDecimal, parsed, unreadable } from './decimal.ts';
import { type Weight, divideHalfUp, weight } from './units.ts';

export type WeightUnit = 'lb' | 'kg';
/** One pound is 0.45359237 kg, exactly (the international pound of 1959): 45,359,237 of 100,000,000 parts. */
export const KILOGRAMS_PER_POUND = { parts: 45_359_237n, of: 100_000_000n } as const;

/** Decimals taken of an entered weight; kilogram labels carry three. */
const decimals: Readonly<Record<WeightUnit, number>> = { lb: 2, kg: 3 };
const UNIT = /(?:lbs?\.?|#|pounds?|kgs?\.?|kilos?|kilograms?)$/i;
/** A number as packing lists have it, small enough for every bound below. */
const PLAIN = /^(\d{1,4})(?:\.(\d{1,2}))?$/;
/** No single entered weight is larger: 1,000,000 lb. */
const ENTERED_MAX = 100_000_000;

/** Thousandths of a kilogram to hundredths of a pound, rounded half up: 1,000 kg is 2,204.62 lb. */
export const gramsToWeight = (grams: number): Weight =>
  weight(divideHalfUp(BigInt(grams) * 100n * KILOGRAMS_PER_POUND.of, KILOGRAMS_PER_POUND.parts * 1000n));
/** Hundredths of a pound to thousandths of a kilogram, rounded half up. */
export const weightToGrams = (value: Weight): number =>
  divideHalfUp(BigInt(value) * KILOGRAMS_PER_POUND.parts * 1000n, 100n * KILOGRAMS_PER_POUND.of);

export interface EnteredWeight {
  readonly weight: Weight;
  /** The unit that was typed, or the given one. */
  readonly unit: WeightUnit;
}

function split(text: string, unit: WeightUnit): { number: string; unit: WeightUnit } {
  const trimmed = text.trim();
  const [named = ''] = UNIT.exec(trimmed) ?? [];
  if (named === '') return { number: trimmed, unit };
  return { number: trimmed.slice(0, -named.length).trimEnd(), unit: /^k/i.test(named) ? 'kg' : 'lb' };
}

/** One number in hundredths of a pound or thousandths of a kilogram, not yet converted. */
function entered(text: string, unit: WeightUnit): Parsed<{ amount: number; unit: WeightUnit }> {
  const plain = PLAIN.exec(text);
  // Packing lists hold hundreds of plain numbers and are read at every keystroke of a form.
  if (plain) return parsed({ amount: Number((plain[1] ?? '') + (plain[2] ?? '').padEnd(decimals[unit], '0')), unit });
  const part = split(text, unit);
  const number = parseDecimal(part.number, decimals[part.unit]);
  if (!number.ok) return number;
  if (number.value < 0) return unreadable('negative', `"${text.trim()}" is below zero; a weight cannot be.`);
  if (number.value > ENTERED_MAX) return unreadable('too_large', `"${text.trim()}" is more than a weight can be here; check the unit.`);
  return parsed({ amount: number.value, unit: part.unit });
}
const converted = (amount: number, unit: WeightUnit): Weight => (unit === 'lb' ? weight(amount) : gramsToWeight(amount));

/** "41,280", "41280.5 lb", "27.835 kg" -> weight and the unit that was entered. */
export function parseWeight(text: string, unit: WeightUnit = 'lb'): Parsed<EnteredWeight> {
  const one = entered(text, unit);
  return one.ok ? parsed({ weight: converted(one.value.amount, one.value.unit), unit: one.value.unit }) : one;
}

export interface WeightList {
  /** Each entry converted on its own: for plausibility only. */
  readonly weights: readonly Weight[];
  /** Summed in the entered unit and converted once (R5). */
  readonly total: Weight;
  readonly unit: WeightUnit;
}

/**
 * A packing list: "61.35+58.90+63.20", one a line, or apart by ; or blanks. A comma followed by a blank also parts. All
 * entries share one unit: the one named at the end ("27.83+28.01 kg") or with each, else the given one.
 */
export function parseWeightList(text: string, unit: WeightUnit = 'lb'): Parsed<WeightList> {
  const glued = text.replace(/(\d)\s+(?=[a-z#])/gi, '$1');
  const parts = glued
    .split(/[+;\s]+|,\s+/)
    .map((part) => part.replace(/,$/, ''))
    .filter((part) => part !== '');
  const named = split(parts.at(-1) ?? '', unit);
  if (parts.length === 0) return unreadable('empty', 'There is no weight in the list; type weights such as 61.35+58.90.');
  const weights: Weight[] = [];
  let total = 0;
  for (const [i, part] of parts.entries()) {
    const one = entered(part, named.unit);
    if (!one.ok) return unreadable(one.code, `Weight ${i + 1} of ${parts.length}: ${one.message}`);
    if (one.value.unit !== named.unit)
      return unreadable(
        'mixed_units',
        `Weight ${i + 1} of ${parts.length} is in ${one.value.unit}, the others in ${named.unit}; use one unit.`,
      );
    weights.push(converted(one.value.amount, named.unit));
    total += one.value.amount;
  }
  return parsed({ weights, total: converted(total, named.unit), unit: named.unit });
}

/** 4128000 -> "41,280.00 lb". */
export const formatWeight = (value: Weight): string => `${formatDecimal(value, 2)} lb`;
/** 4128000 -> "18,724.293 kg". */
export const formatKilograms = (value: Weight): string => `${formatDecimal(weightToGrams(value), 3)} kg`;
