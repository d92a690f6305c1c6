import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBusinessDay, toBusinessDay } from '../../../domain/units/business-day.ts';
import { addDays, daysBetween, weekday } from '../../../domain/units/calendar.ts';

const dayOf = (days: number): string => addDays('2021-01-01', days);

describe('[R3] business days', () => {
  it.each([
    ['a Friday', '2026-09-25', true],
    ['a Saturday', '2026-09-26', false],
    ['a Sunday', '2026-09-27', false],
    ['New Year', '2026-01-01', false],
    ['New Year on a Saturday, kept in the old year', '2021-12-31', false],
    ['Martin Luther King', '2026-01-19', false],
    ['the Monday before it', '2026-01-12', true],
    ['Presidents', '2026-02-16', false],
    ['Memorial Day, the last Monday', '2026-05-25', false],
    ['the last Monday but one', '2026-05-18', true],
    ['Juneteenth', '2026-06-19', false],
    ['4 July on a Saturday, kept on Friday', '2026-07-03', false],
    ['19 June on a Sunday, kept on Monday', '2022-06-20', false],
    ['Labor Day', '2026-09-07', false],
    ['Columbus Day', '2026-10-12', false],
    ['Veterans', '2026-11-11', false],
    ['Thanksgiving', '2026-11-26', false],
    ['the Friday after it', '2026-11-27', true],
    ['Christmas', '2026-12-25', false],
  ])('%s, %s: %s', (_, day, expected) => {
    expect(isBusinessDay(day)).toBe(expected);
  });

  it('a year of five days a week loses the eleven holidays and no other', () => {
    for (const year of [2021, 2024, 2026, 2032]) {
      const days = Array.from({ length: daysBetween(`${year}-01-01`, `${year + 1}-01-01`) }, (_, n) => addDays(`${year}-01-01`, n));
      const lost = days.filter((day) => weekday(day) % 6 !== 0 && !isBusinessDay(day));
      // New Year on a Saturday is kept in the year before.
      expect(lost.length).toBeGreaterThanOrEqual(10);
      expect(lost.length).toBeLessThanOrEqual(12);
    }
  });

  it('moving finds the nearest one in its direction, and leaves one alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }).map(dayOf), fc.constantFrom(1 as const, -1 as const), (day, direction) => {
        const found = toBusinessDay(day, direction);
        expect(isBusinessDay(found)).toBe(true);
        for (let at = day; at !== found; at = addDays(at, direction)) expect(isBusinessDay(at)).toBe(false);
        expect(Math.abs(daysBetween(day, found))).toBeLessThanOrEqual(4);
      }),
      { numRuns: 200 },
    );
  });
});
