/**
 * Documents between versions of their entity, so that the server is updated first and the devices follow (SYN-10): up by
 * the entity's steps, down for a device one step behind.
 */
import type { Entity } from './entity.ts';
import { addedBy, stepUp } from './rx-schema.ts';

type Values = Readonly<Record<string, unknown>>;

/** Brings a document of an older version to the entity's own. */
export function stepUpFrom(entity: Entity, version: number, document: Record<string, unknown>): Record<string, unknown> {
  let result = document;
  for (let step = version; step < entity.version; step += 1) result = stepUp(entity, step, result);
  return result;
}

/** The oldest version that a device may speak: one step behind, where that step can be taken back. */
export function oldestServed({ version, changes }: Entity): number {
  const last = changes[version - 1];
  if (!last) return version;
  return 'up' in last && last.down === undefined ? version : version - 1;
}

/** The document as a device of this version knows it. `version` is one that is served. Keys beside the entity's fields stay. */
export function castDown<Document extends Values>(entity: Entity, version: number, document: Document): Document {
  let result: Record<string, unknown> = { ...document };
  for (let step = entity.version - 1; step >= version; step -= 1) {
    const change = entity.changes[step];
    if (!change) throw new Error(`${entity.noun} has no step ${step}`);
    if ('up' in change) {
      if (!change.down) throw new Error(`step ${step} of ${entity.noun} cannot be taken back`);
      result = { ...change.down(result) };
    }
    for (const key of addedBy(change)) delete result[key];
  }
  // Keys may be fewer now; what is left has the same meaning to a reader of that version.
  return result as unknown as Document;
}
