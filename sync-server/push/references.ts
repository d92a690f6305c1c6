/** The records that a document points at, at any depth. */
import { type AnyDocument, type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Fields } from '../../domain/entity/field.ts';
import type { Noun } from '../../domain/record/noun.ts';

/** Names a record across collections: `parties:0198...`. A collection name has no colon. */
export const keyOf = (collection: string, id: string): string => `${collection}:${id}`;
export function partsOf(key: string): { collection: string; id: string } {
  const colon = key.indexOf(':');
  return { collection: key.slice(0, colon), id: key.slice(colon + 1) };
}

/** Splits rows by the collection of their noun, in the order of first appearance. */
export function byCollection<Row extends { readonly noun: Noun }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.noun.entity.collection);
    if (group) group.push(row);
    else groups.set(row.noun.entity.collection, [row]);
  }
  return groups;
}

type Values = Readonly<Record<string, unknown>>;
const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);

function collect(fields: Fields, values: Values, into: Set<string>): void {
  for (const [key, f] of Object.entries(fields)) {
    const value = values[key];
    if (value === undefined || value === '') continue;
    if (f.kind === 'ref' && f.to !== undefined && typeof value === 'string') into.add(keyOf(f.to, value));
    if (f.kind === 'refs' && f.to !== undefined && Array.isArray(value))
      for (const id of value) if (typeof id === 'string' && id !== '') into.add(keyOf(f.to, id));
    if (f.kind === 'group' && isValues(value)) collect(f.fields ?? {}, value, into);
    if (f.kind === 'lines' && Array.isArray(value)) for (const line of value) if (isValues(line)) collect(f.fields ?? {}, line, into);
  }
}

export function referencesOf(entity: Entity, document: AnyDocument): Set<string> {
  const found = new Set<string>();
  collect(allFields(entity), document, found);
  found.delete(keyOf(entity.collection, document.id));
  return found;
}
