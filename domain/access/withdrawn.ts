/**
 * What a device is told to hold instead of a record whose content it may not have any more: because its user may not see it, or
 * because its time in the trash is over.
 */
import { type Entity, allFields } from '../entity/entity.ts';
import { emptyValue } from '../entity/rx-schema.ts';

const MARK = 'withdrawn:';
const PURGED = 'purged:';

const begins = ({ w }: Readonly<Record<string, unknown>>, mark: string): boolean => typeof w === 'string' && w.startsWith(mark);

/** Whether the record was removed for good: its content is nowhere but in the audit. */
export const isPurged = (state: Readonly<Record<string, unknown>>): boolean => begins(state, PURGED);
/** Whether a state says that the record was withdrawn from whoever holds it; one that was removed for good is withdrawn from everybody. */
export const isWithdrawn = (state: Readonly<Record<string, unknown>>): boolean => begins(state, MARK) || isPurged(state);

const WRITTEN = new RegExp(`"w": ?"(?:${MARK}|${PURGED})`, 'u');
/** False when no state in this JSON text is a withdrawn one; Postgres writes a blank behind the colon. */
export const mayHoldWithdrawn = (text: string): boolean => WRITTEN.test(text);

interface Stub extends Record<string, unknown> {
  readonly id: string;
  readonly w: string;
}
/** What satisfies the device's schema and says nothing of the record but its id; RxDB refuses `{id, _deleted}` without the required fields. */
function emptyRecord(entity: Entity, id: string, w: string): Stub {
  const stub: Record<string, unknown> = {};
  for (const [key, f] of Object.entries(allFields(entity))) if (f.present) stub[key] = emptyValue(f);
  return { ...stub, id, w };
}

/** A tombstone for whoever may not see the record. `position`: where in the feed it was withdrawn. */
export const withdrawnStub = (entity: Entity, id: string, position: number): Stub & { readonly _deleted: true } => ({
  ...emptyRecord(entity, id, `${MARK}${position}`),
  _deleted: true,
});

/** What is stored of a record that was removed for good. `unique`: makes its write id one of its own. */
export const purgedDocument = (entity: Entity, id: string, unique: string): Stub => emptyRecord(entity, id, `${PURGED}${unique}`);
