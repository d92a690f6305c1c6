/** What a device is told to hold instead of a record that its user may not see any more. */
import { type Entity, allFields } from '../entity/entity.ts';
import { emptyValue } from '../entity/rx-schema.ts';

const MARK = 'withdrawn:';

/** Whether a state says that the record was withdrawn from whoever holds it. */
export const isWithdrawn = (state: Readonly<Record<string, unknown>>): boolean =>
  typeof state['w'] === 'string' && state['w'].startsWith(MARK);

/**
 * A tombstone that satisfies the device's schema and says nothing of the record but its id; RxDB refuses `{id, _deleted}`
 * without the required fields. `position`: where in the feed it was withdrawn.
 */
export function withdrawnStub(entity: Entity, id: string, position: number): Record<string, unknown> & { id: string; _deleted: true } {
  const stub: Record<string, unknown> = {};
  for (const [key, f] of Object.entries(allFields(entity))) if (f.present) stub[key] = emptyValue(f);
  return { ...stub, id, w: `${MARK}${position}`, _deleted: true };
}
