/** What tells of a person in records. The audit hashes it apart, so that it can go without breaking its seal. */
import { type Entity, allFields } from '../entity/entity.ts';

/** By collection; one whose records tell of nobody is not named. */
export type PersonalFields = Readonly<Record<string, readonly string[]>>;

function personalOf(entity: Entity): string[] {
  const fields = Object.entries(allFields(entity));
  const ways = fields
    .filter(([, field]) => 'format' in field && (field.format === 'email' || field.format === 'phone'))
    .map(([key]) => key);
  const own = [...(entity.personal ?? []), ...ways];
  // What an import could not place may hold the same.
  return own.length === 0 ? [] : [...new Set([...own, 'importedRaw'])].sort();
}

export function personalFields(entities: readonly Entity[]): PersonalFields {
  const named = entities.map((entity): [string, string[]] => [entity.collection, personalOf(entity)]);
  return Object.fromEntries(named.filter(([, keys]) => keys.length > 0));
}
