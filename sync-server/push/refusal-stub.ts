/** What a device is told to hold instead of a record that was refused and never stored. */
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import { type Entity, allFields } from '../../domain/entity/entity.ts';
import { emptyValue } from '../../domain/entity/rx-schema.ts';
import { validate } from '../../domain/entity/validate.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';

/** Write ids of stand-ins begin with it; heal.ts of the window knows it too. */
export const STAND_IN = 'refused-';

/**
 * Whether a row is what a device was told to hold in the place of a record, and no edit of it: RxDB sends it back when it died
 * before it noted that it came from here, or when something else came of the record in between.
 */
export const isStub = ({ doc, deleted }: { readonly doc: Readonly<Record<string, unknown>>; readonly deleted: boolean }): boolean =>
  deleted && (isWithdrawn(doc) || (typeof doc['w'] === 'string' && doc['w'].startsWith(STAND_IN)));

/**
 * A tombstone that satisfies the device's schema: RxDB refuses `{id, _deleted}` without the required fields, and the
 * refused record would stay visible. Keeps every field that is sound by itself, so that it can be restored and mended.
 */
export function refusalStub(
  entity: Entity,
  document: Readonly<Record<string, unknown>> & { readonly id: string },
  w: string,
): WireDocument {
  const unsound = new Set(validate(entity, document).map((problem) => problem.field.split('.')[0] ?? ''));
  const stub: Record<string, unknown> = {};
  for (const [key, f] of Object.entries(allFields(entity))) {
    if (document[key] !== undefined && !unsound.has(key)) stub[key] = document[key];
    else if (f.present) stub[key] = emptyValue(f);
  }
  return { ...stub, id: document.id, w, _deleted: true };
}
