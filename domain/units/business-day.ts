/** Business days: no Saturday, no Sunday, and no federal holiday of the United States as they are kept since 2021. No clock. */
import { addDays, weekday } from './calendar.ts';

const [SUNDAY, MONDAY, THURSDAY, FRIDAY, SATURDAY] = [0, 1, 4, 5, 6] as const;

/** New Year, Juneteenth, Independence, Veterans, Christmas. One on a Saturday is kept on the Friday before, one on a Sunday on the Monday after. */
const fixed: ReadonlySet<string> = new Set(['01-01', '06-19', '07-04', '11-11', '12-25']);
const isFixed = (day: string): boolean => fixed.has(day.slice(5));

/** Month, weekday, which one of the month. */
const floating: readonly (readonly [month: number, weekday: number, which: number | 'last'])[] = [
  [1, MONDAY, 3],
  [2, MONDAY, 3],
  [5, MONDAY, 'last'],
  [9, MONDAY, 1],
  [10, MONDAY, 2],
  [11, THURSDAY, 4],
];
function isFloating(day: string): boolean {
  const [month, date] = [Number(day.slice(5, 7)), Number(day.slice(8))];
  return floating.some(
    ([inMonth, on, which]) =>
      inMonth === month &&
      weekday(day) === on &&
      (which === 'last' ? addDays(day, 7).slice(5, 7) !== day.slice(5, 7) : Math.ceil(date / 7) === which),
  );
}

export function isBusinessDay(day: string): boolean {
  const at = weekday(day);
  if (at === SATURDAY || at === SUNDAY || isFixed(day) || isFloating(day)) return false;
  return !(at === FRIDAY && isFixed(addDays(day, 1))) && !(at === MONDAY && isFixed(addDays(day, -1)));
}

/** The day itself where it is one, else the next one in that direction. */
export function toBusinessDay(day: string, direction: 1 | -1): string {
  let found = day;
  while (!isBusinessDay(found)) found = addDays(found, direction);
  return found;
}
