/** When an order is to be paid, in words for its form. Pure. */
import type { DueView } from '../../domain/vocabulary/due-date.ts';
import { formatDate } from '../../domain/units/calendar.ts';
import { termsAnchors } from '../../domain/vocabulary/partner.ts';

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export function dueText({ due: { days, businessDay }, anchor, on }: DueView): string {
  if (on !== undefined) return formatDate(on);
  const count = Math.abs(days) === 1 ? '1 day' : `${Math.abs(days)} days`;
  const date = lower(termsAnchors[anchor]);
  const when = days === 0 ? `on the ${date}` : days < 0 ? `${count} before the ${date}` : `${count} after the ${date}`;
  return businessDay === true ? `${when}, on a business day` : when;
}
