/** Which fields of which collection tell of a person. The audit hashes them apart, so that they can go without breaking its seal. */
import { type Entity, allFields } from '../../domain/entity/entity.ts';

/** By collection, in alphabetical order; the details of events are told by `security_events`. */
export type PersonalFields = Readonly<Record<string, readonly string[]>>;

/** What the details of an event may say of a person. */
const OF_EVENTS = ['email', 'name', 'subject'];

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
  return Object.fromEntries(
    [...named, ['security_events', OF_EVENTS] as const].filter(([, keys]) => keys.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
