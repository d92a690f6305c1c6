/** The records that a document points at, at any depth. */
import { type AnyDocument, type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Field, Fields } from '../../domain/entity/field.ts';
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

const referring = new WeakMap<Fields, readonly (readonly [string, Field])[]>();
/** The fields that can hold a reference, themselves or within: a few of many, so they are looked for once. */
function referringFields(fields: Fields): readonly (readonly [string, Field])[] {
  let found = referring.get(fields);
  if (!found) {
    found = Object.entries(fields).filter(([, { kind, to, fields: inner }]) =>
      kind === 'ref' || kind === 'refs' ? to !== undefined : inner !== undefined && referringFields(inner).length > 0,
    );
    referring.set(fields, found);
  }
  return found;
}

function collect(fields: Fields, values: Values, into: Set<string>): void {
  for (const [key, { kind, to = '', fields: inner = {} }] of referringFields(fields)) {
    const value = values[key];
    if (value === undefined || value === '') continue;
    if (kind === 'ref' && typeof value === 'string') into.add(keyOf(to, value));
    if (kind === 'refs' && Array.isArray(value)) for (const id of value) if (typeof id === 'string' && id !== '') into.add(keyOf(to, id));
    if (kind === 'group' && isValues(value)) collect(inner, value, into);
    if (kind === 'lines' && Array.isArray(value)) for (const line of value) if (isValues(line)) collect(inner, line, into);
  }
}

export function referencesOf(entity: Entity, document: AnyDocument): Set<string> {
  const found = new Set<string>();
  collect(allFields(entity), document, found);
  found.delete(keyOf(entity.collection, document.id));
  return found;
}
