/** Entity -> RxDB JSON schema. Obeys the subset that RxDB accepts (maxLength on indexed strings, no $ref, closed top). */
import { type Change, type Entity, allFields } from './entity.ts';
import type { Field, Fields } from './field.ts';

export interface JsonSchema {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface RxSchema extends JsonSchema {
  readonly version: number;
  readonly primaryKey: 'id';
  readonly type: 'object';
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
  readonly indexes: readonly (string | readonly string[])[];
}

const objectOf = (fields: Fields, more: Record<string, JsonSchema> = {}): JsonSchema => ({
  type: 'object',
  properties: { ...more, ...propertiesOf(fields) },
  required: [...Object.keys(more), ...requiredOf(fields)],
});
const number = (f: Field): JsonSchema => ({
  type: 'integer',
  multipleOf: 1,
  minimum: f.least ?? Number.MIN_SAFE_INTEGER,
  maximum: f.most ?? Number.MAX_SAFE_INTEGER,
});
const string = (f: Field): JsonSchema => ({ type: 'string', maxLength: f.max ?? 200 });
const strings = (): JsonSchema => ({ type: 'array', items: { type: 'string' } });

const byKind: Record<Field['kind'], (f: Field) => JsonSchema> = {
  text: string,
  choice: string,
  date: string,
  instant: string,
  ref: string,
  flag: () => ({ type: 'boolean' }),
  integer: number,
  cents: number,
  price: number,
  weight: number,
  percent: number,
  set: strings,
  refs: strings,
  group: (f) => objectOf(f.fields ?? {}),
  lines: (f) => ({ type: 'array', items: objectOf(f.fields ?? {}, { lineId: { type: 'string', maxLength: 36 } }) }),
};

function propertiesOf(fields: Fields): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(fields).map(([key, f]) => [key, byKind[f.kind](f)]));
}
const requiredOf = (fields: Fields): string[] => Object.keys(fields).filter((key) => fields[key]?.present === true);

/** The RxDB schema of an entity; `version` moves with every entry in the entity's `changes`. */
export function rxSchema(entity: Entity): RxSchema {
  const fields = allFields(entity);
  const single = Object.keys(fields).filter((key) => fields[key]?.index === true);
  return {
    title: entity.collection,
    version: entity.version,
    primaryKey: 'id',
    type: 'object',
    properties: propertiesOf(fields),
    required: requiredOf(fields),
    indexes: [...single, ...entity.indexes],
    additionalProperties: false,
  };
}

/** RxDB migration strategies: version n -> the step from n-1 to n. */
export function rxMigrations(entity: Entity): Record<number, (old: Record<string, unknown>) => Record<string, unknown>> {
  return Object.fromEntries(entity.changes.map((_, i) => [i + 1, (old: Record<string, unknown>) => stepUp(entity, i, old)]));
}

/** One version step; also used by the server and for clients that are a version behind. */
export function stepUp(entity: Entity, step: number, old: Record<string, unknown>): Record<string, unknown> {
  const change = entity.changes[step];
  if (!change) throw new Error(`${entity.noun} has no step ${step}`);
  const result = { ...('up' in change ? change.up(old) : old) };
  for (const key of 'indexed' in change ? [change.indexed] : addedBy(change)) {
    const f = allFields(entity)[key];
    if (!f) throw new Error(`${entity.noun}.changes names ${key}, which is not a field`);
    if (f.present && result[key] === undefined) result[key] = emptyValue(f);
  }
  return result;
}

/** The fields that did not exist before this step. */
export const addedBy = (change: Change): readonly string[] =>
  'added' in change && change.added !== undefined ? (typeof change.added === 'string' ? [change.added] : change.added) : [];

/** What a present field holds before anybody typed anything. */
export function emptyValue(f: Field): unknown {
  if (f.fallback !== undefined) return f.fallback;
  if (f.kind === 'flag') return false;
  if (f.kind === 'set' || f.kind === 'refs' || f.kind === 'lines') return [];
  if (f.kind === 'group') return {};
  if (['integer', 'cents', 'price', 'weight', 'percent'].includes(f.kind)) return Math.max(0, f.least ?? 0);
  return '';
}
