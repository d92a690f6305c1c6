/** Decimal text <-> scaled integers, exactly. People type "1,234.50"; nothing on the way is a float. */

/** What became of typed text. A refusal says what was wrong and what to type instead. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string; readonly message: string };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const unreadable = (code: string, message: string): { readonly ok: false; readonly code: string; readonly message: string } => ({
  ok: false,
  code,
  message,
});

const NUMBER = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?$/;
/** Longest run of digits taken; keeps every result inside the exact integers. */
const DIGITS_MAX = 15;

/**
 * "1,234.5" with 2 digits -> 123450. More decimals than `digits` are refused, not rounded, because whoever typed them
 * meant them; zeros beyond are dropped.
 */
export function parseDecimal(text: string, digits: number): Parsed<number> {
  const match = NUMBER.exec(text.trim());
  const [, sign = '', whole = '', rest = ''] = match ?? [];
  if (!match || (whole === '' && rest === '')) {
    return unreadable('bad_number', `"${text.trim()}" is not a number; type digits such as 1234.5 or 1,234.50.`);
  }
  let end = rest.length;
  while (rest[end - 1] === '0') end -= 1;
  const fraction = rest.slice(0, end);
  if (fraction.length > digits) {
    const allowed = digits === 0 ? 'a whole number' : `at most ${digits} decimals`;
    return unreadable('too_precise', `"${text.trim()}" has too many decimals; type ${allowed}.`);
  }
  const all = whole.replaceAll(',', '').replace(/^0+/, '') + fraction.padEnd(digits, '0');
  if (all.length > DIGITS_MAX) return unreadable('too_large', `"${text.trim()}" is too large.`);
  const value = Number(all);
  return parsed(sign === '-' && value !== 0 ? -value : value);
}

/** 123450 with 2 digits -> "1,234.50". `least` drops trailing zeros down to that many decimals. */
export function formatDecimal(value: number, digits: number, least = digits): string {
  const magnitude = Math.abs(value)
    .toString()
    .padStart(digits + 1, '0');
  const whole = magnitude.slice(0, magnitude.length - digits).replace(/\B(?=(\d{3})+$)/g, ',');
  let fraction = digits === 0 ? '' : magnitude.slice(-digits);
  while (fraction.length > least && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${value < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The same number without separators, as a form field shows it: 123450 with 2 digits -> "1234.50". */
export const editableDecimal = (value: number, digits: number, least = digits): string =>
  formatDecimal(value, digits, least).replaceAll(',', '');
