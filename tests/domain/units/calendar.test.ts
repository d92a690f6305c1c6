import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, formatDate, parseDate, weekday } from '../../../domain/units/calendar.ts';

/** A Friday. */
const today = '2026-09-04';

describe('typed dates', () => {
  it.each([
    ['t', '2026-09-04'],
    ['Today', '2026-09-04'],
    ['y', '2026-09-03'],
    ['tom', '2026-09-05'],
    ['+7', '2026-09-11'],
    ['-30', '2026-08-05'],
    ['fri', '2026-09-11'],
    ['sat', '2026-09-05'],
    ['thu', '2026-09-10'],
    ['Thursday', '2026-09-10'],
    ['9/4', '2026-09-04'],
    ['12/31', '2026-12-31'],
    ['1/5', '2027-01-05'],
    ['4/1', '2026-04-01'],
    ['2/29', '2028-02-29'],
    ['9/4/27', '2027-09-04'],
    ['1/28/2026', '2026-01-28'],
    ['9-4-2026', '2026-09-04'],
    ['2026-9-4', '2026-09-04'],
  ])('reads "%s"', (text, day) => {
    // 29 February has no candidate within a year of 2026, so it is read in a leap year's eve.
    expect(parseDate(text, text === '2/29' ? '2027-09-04' : today)).toEqual({ ok: true, value: day });
  });

  it.each(['', 'x', 'fr!', '13/1', '2/30', '2/30/2026', '2026-02-30', '9/4/026', '31.12.2026', 'yes', '++7'])('refuses "%s"', (text) => {
    expect(parseDate(text, today)).toMatchObject({ ok: false, code: 'bad_date' });
  });
});

describe('calendar', () => {
  it('counts days over month ends, leap days and clock changes', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-03-08', 1)).toBe('2026-03-09');
    expect(daysBetween('2026-09-30', '2026-08-10')).toBe(-51);
    expect(weekday('2026-09-26')).toBe(6);
    expect(formatDate('2026-09-04')).toBe('09/04/2026');
  });

  it('daysBetween undoes addDays', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4000, max: 4000 }), (days) => {
        expect(daysBetween(today, addDays(today, days))).toBe(days);
      }),
    );
  });
});
