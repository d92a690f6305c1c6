/** When a payment is due by its terms (R3): so many days from a date that was agreed, on a business day where that was agreed. Pure. */
import { type ChangedLists, type Due, optionsOf } from '../access/option-lists.ts';
import { toBusinessDay } from '../units/business-day.ts';
import { addDays } from '../units/calendar.ts';
import { terms as termsList, type termsAnchors } from './partner.ts';

export type TermsAnchor = keyof typeof termsAnchors;

/** What is due before its date moves to the business day before, everything else to the one after. */
export function dueDate({ days, businessDay }: Due, anchor: string): string {
  const day = addDays(anchor, days);
  return businessDay === true ? toBusinessDay(day, days < 0 ? -1 : 1) : day;
}

export interface DueView {
  readonly due: Due;
  readonly anchor: TermsAnchor;
  /** Absent while the date that the terms run from is not known. */
  readonly on?: string;
}
/** `dates`: those that the record knows. undefined where the terms have no days, or nobody said from which date they run. */
export function dueBy(
  { terms, anchor }: { readonly terms: string | undefined; readonly anchor: TermsAnchor | undefined },
  dates: Readonly<Partial<Record<TermsAnchor, string>>>,
  changed: ChangedLists,
): DueView | undefined {
  const due = optionsOf(termsList, changed).find(({ key }) => key === terms)?.due;
  if (due === undefined || anchor === undefined) return undefined;
  const from = dates[anchor];
  return { due, anchor, ...(from === undefined || from === '' ? {} : { on: dueDate(due, from) }) };
}
