/** A short text that changes when an entity's stored shape changes; guards a forgotten line in `changes`. */
import type { Entity } from './entity.ts';
import { rxSchema } from './rx-schema.ts';

/** FNV-1a over the schema without its version, 8 hex digits. Not a security hash. */
export function fingerprint(entity: Entity): string {
  const { version: _, ...shape } = rxSchema(entity);
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(shape)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
