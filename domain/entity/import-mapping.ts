/** Entity -> import mapping: which header of a file means which field. Headers compare without case, blanks or signs. */
import { type Entity, allFields } from './entity.ts';
import type { Field } from './field.ts';
import { snake } from './postgres.ts';

/** `Establishment Number`, `establishment_number` and `EstablishmentNumber` are one header. */
export const normalizeHeader = (header: string): string => header.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Every header that means this field: its label, its key, its snake form, and the aliases of the replaced systems. */
export const headerNames = (key: string, f: Field): readonly string[] => [f.label, key, snake(key), ...f.aliases];

/** Normalized header -> field key. The entity's own fields win over those that every document has. */
export function headerAliases(entity: Entity): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [key, f] of Object.entries(allFields(entity))) {
    for (const header of headerNames(key, f).map(normalizeHeader)) {
      if (header !== '' && !map.has(header)) map.set(header, key);
    }
  }
  return map;
}
