/**
 * One cell -> one clean value, and what was done to it. Nothing is guessed: what cannot be read is left out and named.
 * A number-like text (zip, EST, DOT, DUNS) stays text all the way (broker facts 3.5, item 39).
 */
import type { Company } from '../access/company.ts';
import { isCalendarDate } from '../entity/validate.ts';
import { type Finding, finding, quote } from './finding.ts';

export interface Cleaned {
  /** Absent when the cell says nothing, or nothing usable. */
  readonly value?: unknown;
  readonly findings: readonly Finding[];
}
/** `column` is the header as the file spells it; `company` says which words the company chooses from. */
export type Clean = (raw: string, column: string, company?: Company) => Cleaned;

const NOTHING: Cleaned = { findings: [] };
const kept = (value: unknown, ...findings: Finding[]): Cleaned => ({ value, findings });
const leftOut = (code: string, column: string, message: string): Cleaned => ({ findings: [finding('warning', code, column, message)] });

/** `N/A`, `N / A`, `#N/A`, `n.a.`: somebody wrote that there is nothing. */
export const saysNothing = (value: string): boolean => /^#?n\s*[./]\s*a\.?$/iu.test(value);

/**
 * Blanks at the ends and doubled blanks go (6,734 streets and 15 names of the FSIS file); an apostrophe that a report put
 * before a formula sign goes too.
 */
export const tidyText = (raw: string): string =>
  raw
    .replace(/[\s\u00a0\u200b\ufeff]+/gu, ' ')
    .trim()
    .replace(/^'(?=[=+\-@])/u, '');

function start(raw: string, column: string): { text: string; findings: Finding[] } {
  const text = tidyText(raw);
  const findings: Finding[] = [];
  if (/\S\s{2,}\S/u.test(raw))
    findings.push(finding('note', 'blanks_collapsed', column, `${column}: doubled blanks were removed: ${quote(text)}.`));
  else if (text !== raw) findings.push(finding('note', 'trimmed', column, `${column}: blanks around ${quote(text)} were removed.`));
  if (saysNothing(text)) {
    return { text: '', findings: [finding('note', 'not_applicable', column, `${column}: ${quote(text)} was read as empty.`)] };
  }
  return { text, findings };
}

export const cleanText: Clean = (raw, column) => {
  const { text, findings } = start(raw, column);
  return text === '' ? { findings } : kept(text, ...findings);
};

/** `a; b; a` -> [a, b]; entries that say nothing and doubles go. */
export const cleanList =
  (separator: RegExp): Clean =>
  (raw, column) => {
    const seen = new Map<string, string>();
    for (const part of raw.split(separator)) {
      const text = tidyText(part);
      if (text !== '' && !saysNothing(text) && !seen.has(text.toLowerCase())) seen.set(text.toLowerCase(), text);
    }
    if (seen.size > 0) return kept([...seen.values()]);
    return saysNothing(tidyText(raw)) ? { findings: start(raw, column).findings } : NOTHING;
  };

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const two = (n: number): string => String(n).padStart(2, '0');
/** Two-digit years: 50-99 are of the last century (FMCSA's oldest entries are of 1974), 00-49 of this one. */
const fullYear = (year: string): number => (year.length === 4 ? Number(year) : Number(year) + (Number(year) >= 50 ? 1900 : 2000));

/** `1/28/2026`, `2026-01-28`, `20-Feb-25`, `Feb 20, 2025`, with or without a time; '' when it is none of these. */
export function isoDate(text: string): string {
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?=$|[T ])/u.exec(text);
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})(?=$| )/u.exec(text);
  const named = /^(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4}|\d{2})$/u.exec(text);
  const written = /^([A-Za-z]{3})[a-z]*\.? (\d{1,2}), (\d{4})$/u.exec(text);
  let date = '';
  if (iso) date = `${iso[1]}-${iso[2]}-${iso[3]}`;
  else if (us) date = `${fullYear(us[3] ?? '')}-${two(Number(us[1]))}-${two(Number(us[2]))}`;
  else if (named) date = `${fullYear(named[3] ?? '')}-${two(months.indexOf((named[2] ?? '').toLowerCase()) + 1)}-${two(Number(named[1]))}`;
  else if (written) date = `${written[3]}-${two(months.indexOf((written[1] ?? '').toLowerCase()) + 1)}-${two(Number(written[2]))}`;
  return isCalendarDate(date) ? date : '';
}

/** Calendar dates. A UTC time beside the date may mean the neighbouring day (ProjectMeats facts 1.12, item 2): said, not moved. */
export const cleanDate: Clean = (raw, column) => {
  const { text, findings } = start(raw, column);
  if (text === '') return { findings };
  const date = isoDate(text);
  if (date === '')
    return leftOut(
      'bad_date',
      column,
      `${column}: ${quote(text)} is no date that can be read (month/day/year or year-month-day); it was left out.`,
    );
  const time = /[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?Z$/u.exec(text);
  if (time && time[1] !== '00:00') {
    findings.push(
      finding(
        'warning',
        'date_from_instant',
        column,
        `${column}: ${quote(text)} is a time in UTC; its date ${date} was taken. Check it if the day matters.`,
      ),
    );
  }
  return kept(date, ...findings);
};

/** An instant in UTC; a date alone becomes midnight UTC. */
export const cleanInstant: Clean = (raw, column) => {
  const { text, findings } = start(raw, column);
  if (text === '') return { findings };
  const date = isoDate(text);
  const clock = /(?:[T ])(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(AM|PM)?/iu.exec(text);
  const zoned = /[+-]\d{2}:?\d{2}$/u.test(text.slice(11));
  if (date === '' || zoned)
    return leftOut('bad_instant', column, `${column}: ${quote(text)} is no UTC time that can be read; it was left out.`);
  let hour = Number(clock?.[1] ?? 0);
  if (clock?.[4] !== undefined) hour = (hour % 12) + (clock[4].toUpperCase() === 'PM' ? 12 : 0);
  if (hour > 23 || Number(clock?.[2] ?? 0) > 59)
    return leftOut('bad_instant', column, `${column}: ${quote(text)} is no time that exists; it was left out.`);
  return kept(`${date}T${two(hour)}:${clock?.[2] ?? '00'}:${clock?.[3] ?? '00'}.000Z`, ...findings);
};

/** Digits that a spreadsheet cut the leading zeros of: fips 7001 -> 07001, district 5 -> 05, circuit 509 -> 0509, 15NC stays. */
export const cleanPadded =
  (width: number, pattern: RegExp): Clean =>
  (raw, column) => {
    const { text, findings } = start(raw, column);
    if (text === '') return { findings };
    if (/^\d+$/u.test(text) && text.length < width) {
      const padded = text.padStart(width, '0');
      return kept(
        padded,
        ...findings,
        finding('repair', 'zeros_restored', column, `${column}: ${quote(text)} lost its leading zeros; it became ${quote(padded)}.`),
      );
    }
    if (pattern.test(text)) return kept(text, ...findings);
    return leftOut('odd_code', column, `${column}: ${quote(text)} is no code of ${width} characters; it was left out.`);
  };

/**
 * D-U-N-S numbers have nine digits. Seven or eight lost their zeros in a spreadsheet; signs between digits are style. What
 * has another length, or holds words ("Bristol", "n/a"), is none and is left out.
 */
export const cleanDuns: Clean = (raw, column) => {
  const { text, findings } = start(raw, column);
  if (text === '') return { findings };
  const digits = text.replace(/[\s-]/gu, '');
  if (!/^\d{7,9}$/u.test(digits) || /^0+$/u.test(digits)) {
    return leftOut('odd_duns', column, `${column}: ${quote(text)} is no D-U-N-S number of nine digits; it was left out.`);
  }
  const value = digits.padStart(9, '0');
  if (value === text) return kept(value, ...findings);
  const code = digits.length < 9 ? 'zeros_restored' : 'signs_removed';
  const level = digits.length < 9 ? 'repair' : 'note';
  return kept(value, ...findings, finding(level, code, column, `${column}: ${quote(text)} became ${quote(value)}.`));
};

/** Decimal degrees -> integer millionths of a degree (about 0.1 m), exactly, from the digits. `limit` is 90 or 180. */
export const cleanDegrees =
  (limit: 90 | 180): Clean =>
  (raw, column) => {
    const { text, findings } = start(raw, column);
    if (text === '') return { findings };
    const value = scaled(text, 6);
    if (value === undefined || Math.abs(value) > limit * 1_000_000) {
      return leftOut('odd_coordinate', column, `${column}: ${quote(text)} is no coordinate in degrees; it was left out.`);
    }
    return kept(value, ...findings);
  };

/** Decimal text -> integer of 1/10^digits, rounded half away from zero on the digits; undefined when it is no number. */
export function scaled(text: string, digits: number): number | undefined {
  const parts = /^([+-]?)(\d{1,15})?(?:\.(\d*))?$/u.exec(text);
  if (!parts || ((parts[2] ?? '') === '' && (parts[3] ?? '') === '')) return undefined;
  const fraction = (parts[3] ?? '').padEnd(digits + 1, '0');
  const up = fraction.charCodeAt(digits) >= 53;
  const value = Number(BigInt((parts[2] ?? '0') + fraction.slice(0, digits)) + (up ? 1n : 0n));
  if (!Number.isSafeInteger(value)) return undefined;
  return parts[1] === '-' && value !== 0 ? -value : value;
}

/** Money, prices, weights, percents and counts: `$1,234.50`, `(12.00)`, `2.75 %`. The value is in 1/10^digits. */
export const cleanDecimal =
  (digits: number): Clean =>
  (raw, column) => {
    const { text, findings } = start(raw, column);
    if (text === '') return { findings };
    const negative = /^\(.*\)$/u.test(text);
    const bare = text
      .replace(/^\((.*)\)$/u, '$1')
      .replace(/^(-?)\s*(?:USD|US\$|\$)\s*/iu, '$1')
      .replace(/(?:%|lbs?\.?)$/iu, '')
      .trimEnd();
    const grouped = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/u.test(bare) ? bare.replaceAll(',', '') : bare;
    const value = scaled(grouped, digits);
    if (value === undefined)
      return leftOut('bad_number', column, `${column}: ${quote(text)} is no number that can be read; it was left out.`);
    const given = /\.(\d*?)0*$/u.exec(grouped)?.[1] ?? '';
    if (given.length > digits)
      findings.push(
        finding('warning', 'rounded', column, `${column}: ${quote(text)} has more decimals than are kept (${digits}); it was rounded.`),
      );
    return kept(negative && value !== 0 ? -value : value, ...findings);
  };

/** yes/no in the spellings of Dataverse, Django, Excel and FMCSA. */
export const cleanFlag: Clean = (raw, column) => {
  const { text, findings } = start(raw, column);
  if (text === '') return { findings };
  if (/^(yes|y|true|t|1|x)$/iu.test(text)) return kept(true, ...findings);
  if (/^(no|n|false|f|0)$/iu.test(text)) return kept(false, ...findings);
  return leftOut('bad_flag', column, `${column}: ${quote(text)} is neither yes nor no; it was left out.`);
};

export interface PhoneParts {
  readonly phone: string;
  readonly extension?: string;
}
const EXTENSION = /(?:x|ext\.?|extension)\s{0,9}#?\s{0,9}(\d{1,8})$/iu;
const SEPARATORS = /[\s,;]{1,9}$/u;
/** `315-339-6880 x3830` -> number and extension; ten US digits in any punctuation become `(315) 339-6880`. */
export function splitPhone(text: string): PhoneParts {
  const parts = EXTENSION.exec(text);
  const number = tidyText(parts ? text.slice(0, parts.index).replace(SEPARATORS, '') : text);
  const digits = number.replace(/\D/gu, '').replace(/^1(?=\d{10}$)/u, '');
  const phone =
    digits.length === 10 && /^[+\d\s().\-/]+$/u.test(number) ? `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}` : number;
  return parts?.[1] === undefined ? { phone } : { phone, extension: parts[1] };
}

/** A phone number; its value is a PhoneParts, so that the extension can go into a field of its own. */
export const cleanPhone: Clean = (raw, column) => {
  const { text, findings } = start(raw, column);
  if (text === '') return { findings };
  const parts = splitPhone(text);
  const digits = parts.phone.replace(/\D/gu, '');
  if (digits.length < 7) return leftOut('odd_phone', column, `${column}: ${quote(text)} is no phone number; it was left out.`);
  if (parts.extension !== undefined) {
    findings.push(
      finding(
        'repair',
        'extension_split',
        column,
        `${column}: ${quote(text)} was split into ${quote(parts.phone)} and extension ${quote(parts.extension)}.`,
      ),
    );
  } else if (parts.phone !== text) {
    findings.push(finding('repair', 'phone_reformatted', column, `${column}: ${quote(text)} became ${quote(parts.phone)}.`));
  }
  return kept(parts, ...findings);
};
