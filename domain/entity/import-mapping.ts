/** Entity -> import mapping: which header of a file means which field. Headers compare without case, blanks or signs. */
import { type Entity, allFields } from './entity.ts';
import { snake } from './postgres.ts';

/** `Establishment Number`, `establishment_number` and `EstablishmentNumber` are one header. */
export const normalizeHeader = (header: string): string => header.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Normalized header -> field key: the label, the key, its snake form, and every alias of the replaced systems. */
export function headerAliases(entity: Entity): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [key, f] of Object.entries(allFields(entity))) {
    for (const header of [key, snake(key), f.label, ...f.aliases]) {
      const normalized = normalizeHeader(header);
      if (normalized !== '' && !map.has(normalized)) map.set(normalized, key);
    }
  }
  return map;
}

/** Proposes a field for each header of a file; undefined where none fits and a person must choose or skip. */
export function proposeMapping(entity: Entity, headers: readonly string[]): (string | undefined)[] {
  const aliases = headerAliases(entity);
  const taken = new Set<string>();
  return headers.map((header) => {
    const key = aliases.get(normalizeHeader(header));
    if (key === undefined || taken.has(key)) return undefined;
    taken.add(key);
    return key;
  });
}
