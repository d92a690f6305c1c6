/** When a deleted record goes for good. Pure; the server removes, the window says when. */
import type { AnyDocument } from '../entity/entity.ts';
import { addDays } from '../units/calendar.ts';
import type { Noun } from './noun.ts';

/** Records of a transaction are kept until two years after 31 December of its year (9 CFR 320.3). [R28] */
export const retainUntil = (transactionOn: string): string => `${Number(transactionOn.slice(0, 4)) + 2}-12-31`;

/** The date in this field, or the day on which the record was made where it holds none. */
export const dayOf =
  (field: string) =>
  (document: AnyDocument): string => {
    const day = document[field];
    return (typeof day === 'string' && day !== '' ? day : document.createdAt).slice(0, 10);
  };

/** The first day on which a record that was deleted may be removed for good, as an ISO date. */
export function goesOn(
  { transactionOn }: Pick<Noun, 'transactionOn'>,
  tombstone: Pick<AnyDocument, 'modifiedAt'> & AnyDocument,
  trashDays: number,
): string {
  // Deleted late on a day, it is kept for whole days.
  const byTrash = addDays(tombstone.modifiedAt.slice(0, 10), trashDays + 1);
  const day = transactionOn?.(tombstone) ?? '';
  const byLaw = day === '' ? '' : addDays(retainUntil(day), 1);
  return byTrash > byLaw ? byTrash : byLaw;
}
