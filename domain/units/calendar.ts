/** Calendar dates `YYYY-MM-DD`: arithmetic, and the short forms people type. No clock: "today" is always given. */
import { type Parsed, parsed, unreadable } from './decimal.ts';

const DAY = 86_400_000;
const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const AMERICAN = /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{2}|\d{4}))?$/;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

const time = (day: string): number => Date.parse(`${day}T00:00:00.000Z`);
const fromTime = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The date some days later (earlier when negative). */
export const addDays = (day: string, days: number): string => fromTime(time(day) + days * DAY);
/** Days from one date to another; negative when `to` is earlier. */
export const daysBetween = (from: string, to: string): number => Math.round((time(to) - time(from)) / DAY);
/** 0 for Sunday to 6 for Saturday. */
export const weekday = (day: string): number => new Date(time(day)).getUTCDay();

function real(year: number, month: number, day: number): string | undefined {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  return year >= 1900 && year <= 2199 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day
    ? at.toISOString().slice(0, 10)
    : undefined;
}
const answer = (text: string, found: string | undefined): Parsed<string> =>
  found === undefined
    ? unreadable('bad_date', `"${text.trim()}" is not a date; type one such as 9/4, 9/4/2026, fri, t or +7.`)
    : parsed(found);

/** Month and day without a year: the year that brings it nearest to today. */
function nearest(today: string, month: number, day: number): string | undefined {
  const year = Number(today.slice(0, 4));
  const candidates = [year - 1, year, year + 1].flatMap((y) => real(y, month, day) ?? []);
  return candidates.sort((a, b) => Math.abs(daysBetween(today, a)) - Math.abs(daysBetween(today, b)))[0];
}

/**
 * "t" or "today", "y", "tom", "+7", "-3", "fri" (the next one after today), "9/4", "9/4/26", "1/28/2026", "2026-09-04".
 * Month first, as the trade writes it.
 */
export function parseDate(text: string, today: string): Parsed<string> {
  const typed = text.trim().toLowerCase();
  if (typed === 't' || typed === 'today') return parsed(today);
  if (typed === 'y' || typed === 'yesterday') return parsed(addDays(today, -1));
  if (typed === 'tom' || typed === 'tomorrow') return parsed(addDays(today, 1));
  if (/^[+-]\d{1,4}$/.test(typed)) return parsed(addDays(today, Number(typed)));
  const named = /^[a-z]{2,}$/.test(typed) ? weekdays.findIndex((name) => name.startsWith(typed)) : -1;
  if (named >= 0) return parsed(addDays(today, ((named - weekday(today) + 6) % 7) + 1));
  const iso = ISO.exec(typed);
  if (iso) return answer(text, real(Number(iso[1]), Number(iso[2]), Number(iso[3])));
  const american = AMERICAN.exec(typed);
  if (!american) return answer(text, undefined);
  const [, month = '', day = '', year] = american;
  if (year === undefined) return answer(text, nearest(today, Number(month), Number(day)));
  return answer(text, real(year.length === 2 ? 2000 + Number(year) : Number(year), Number(month), Number(day)));
}

/** "2026-09-04" -> "09/04/2026", as the trade reads it. */
export const formatDate = (day: string): string => (ISO.test(day) ? `${day.slice(5, 7)}/${day.slice(8, 10)}/${day.slice(0, 4)}` : day);
