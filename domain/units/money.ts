/** Amounts of money as people type and read them. Shape: integer cents. */
import { type Parsed, formatDecimal, parseDecimal, parsed } from './decimal.ts';
import { type BasisPoints, type Cents, basisPoints, cents } from './units.ts';

/** "$1,234.50", "1234.5", "(12.00)" for a negative amount as accountants write it -> cents. */
export function parseMoney(text: string): Parsed<Cents> {
  const trimmed = text.trim();
  const bracketed = /^\((.*)\)$/.exec(trimmed);
  const bare = (bracketed?.[1] ?? trimmed)
    .replace(/^([+-]?)\s*(?:\$|usd)\s*/i, '$1')
    .replace(/usd$/i, '')
    .trimEnd();
  const number = parseDecimal(bare, 2);
  if (!number.ok) return number;
  return parsed(cents(bracketed ? -number.value : number.value));
}

/** 123450 -> "$1,234.50"; a negative amount is "-$1,234.50". Another currency is named behind: "1,234.50 CAD". */
export function formatMoney(amount: Cents, currency = 'USD'): string {
  if (currency.toUpperCase() !== 'USD') return `${formatDecimal(amount, 2)} ${currency.toUpperCase()}`;
  return amount < 0 ? `-$${formatDecimal(-amount, 2)}` : `$${formatDecimal(amount, 2)}`;
}

/** "2.75", "2.75 %" -> basis points. */
export function parsePercent(text: string): Parsed<BasisPoints> {
  const number = parseDecimal(text.trim().replace(/%$/, ''), 2);
  return number.ok ? parsed(basisPoints(number.value)) : number;
}
/** 275 -> "2.75 %". */
export const formatPercent = (value: BasisPoints): string => `${formatDecimal(value, 2)} %`;
