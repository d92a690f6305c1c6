/**
 * Three-way merge of two states of a record that grew out of the same one, field by field, by the kinds of the fields
 * (SYN-6). Pure. What cannot be decided keeps the stored value and is named as a clash, for a person to decide.
 */
import { type AnyDocument, type Entity, allFields } from '../entity/entity.ts';
import type { Field, Fields } from '../entity/field.ts';
import { type Clash, type FindClash, type Three, type Values, clashAt } from './clash.ts';
import { mergeLines } from './merge-lines.ts';
import { mergeText } from './merge-text.ts';
import { type Units, rateOf, touchesMoney, unitsOf, withoutMoney } from './merge-units.ts';
import { same } from './same.ts';

export interface RecordState {
  readonly doc: AnyDocument;
  readonly deleted: boolean;
}
export interface Merged extends RecordState {
  readonly clashes: readonly Clash[];
}
/** The value that both agree on or only one side changed; undefined where both changed it differently. */
function agreed<Value>({ base, mine, theirs }: Three<Value>): { readonly value: Value } | undefined {
  if (same(mine, theirs) || same(base, mine)) return { value: theirs };
  return same(base, theirs) ? { value: mine } : undefined;
}

/**
 * Computed fields are derived again from the merged record, or stamped: a difference in them is nobody's decision. What an
 * import could not place is data all the same.
 */
const isDecided = (key: string, f: Field | undefined): boolean => f?.computed !== true || key === 'importedRaw';

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

const hasSameMembers = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((item) => b.has(item));

/** Adds and removes relative to the base; in the order of the base, what was added behind it. The order means nothing. */
function mergeSet(f: Field, three: Three<unknown>): { readonly value: unknown } | undefined {
  const { base: was = [], mine: own = [], theirs: others = [] } = three;
  if (!isStrings(was) || !isStrings(own) || !isStrings(others)) return undefined;
  const [base, mine, theirs] = [new Set(was), new Set(own), new Set(others)];
  if (hasSameMembers(mine, base) || hasSameMembers(mine, theirs)) return { value: three.theirs };
  if (hasSameMembers(theirs, base)) return { value: three.mine };
  const kept = [...base].filter((item) => mine.has(item) && theirs.has(item));
  const added = [...new Set([...mine, ...theirs])].filter((item) => !base.has(item)).sort();
  const value = [...kept, ...added];
  if (value.length > (f.max ?? 200) || (value.length === 0 && f.required)) return undefined;
  return { value: value.length === 0 && !f.present ? undefined : value };
}

function mergeLong(f: Field, { base = '', mine, theirs }: Three<unknown>): { readonly value: unknown } | undefined {
  if (typeof base !== 'string' || typeof mine !== 'string' || typeof theirs !== 'string') return undefined;
  const value = mergeText(base, mine, theirs);
  return value === undefined || value.length > (f.max ?? 200) ? undefined : { value };
}

function mergeField(f: Field | undefined, path: string, units: Units, three: Three<unknown>, find: FindClash): unknown {
  const simple = agreed(three);
  if (simple) return simple.value;
  let merged: { readonly value: unknown } | undefined;
  if (f?.kind === 'set' || f?.kind === 'refs') merged = mergeSet(f, three);
  if (f?.kind === 'text' && f.long === true) merged = mergeLong(f, three);
  if (f?.kind === 'lines')
    merged = mergeLines(f, path, three, find, (at, row, into) => mergeFields(f.fields ?? {}, units, `${at}.`, row, into));
  if (merged) return merged.value;
  find(clashAt(path, three));
  return three.theirs;
}

/** Merges the fields of a record or of one row. Keys that are no field (of a newer version) survive. */
function mergeFields(fields: Fields, units: Units, prefix: string, three: Three<Values>, find: FindClash): Record<string, unknown> {
  const { base, mine, theirs } = three;
  const result: Record<string, unknown> = {};
  const put = (key: string, value: unknown): void => {
    if (value !== undefined) result[key] = value;
  };
  const unit = new Map(units.own.flatMap((keys) => keys.map((key) => [key, keys] as const)));
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const f = Object.hasOwn(fields, key) ? fields[key] : undefined;
    const at: Three<unknown> = { base: base[key], mine: mine[key], theirs: theirs[key] };
    const keys = unit.get(key);
    if (keys) {
      const pick = (values: Values): Values => Object.fromEntries(keys.flatMap((k) => (values[k] === undefined ? [] : [[k, values[k]]])));
      const whole = agreed({ base: pick(base), mine: pick(mine), theirs: pick(theirs) });
      put(key, (whole?.value ?? theirs)[key]);
      const paths = keys.map((k) => prefix + k);
      if (!whole && !same(at.mine, at.theirs)) find(clashAt(prefix + key, at, paths));
    } else if (!isDecided(key, f)) put(key, (agreed(at) ?? { value: at.theirs }).value);
    // A client that does not know the field did not empty it.
    else if (!f && at.mine === undefined) put(key, at.theirs);
    else put(key, mergeField(f, prefix + key, { own: units.rows.get(key) ?? [], rows: new Map() }, at, find));
  }
  return result;
}

/** True when something that a person decides differs. */
function differs(entity: Entity, a: AnyDocument, b: AnyDocument): boolean {
  const fields = allFields(entity);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].some((key) => isDecided(key, fields[key]) && !same(a[key], b[key]));
}

/**
 * Money means something only in its currency: when one side changed the currency and the other an amount, all of mine that
 * is money is held back and named, and the stored amounts stay with the stored currency.
 */
function heldBack(entity: Entity, { base, mine, theirs }: Three<AnyDocument>, find: FindClash): Values {
  const units = unitsOf(entity);
  const rate = rateOf(entity);
  if (!rate || rate.every((key) => same(mine[key], theirs[key]))) return mine;
  const changedRate = (one: AnyDocument): boolean => rate.some((key) => !same(base[key], one[key]));
  const fields = allFields(entity);
  const isMixed =
    (changedRate(mine) && touchesMoney(fields, units, base, theirs)) || (changedRate(theirs) && touchesMoney(fields, units, base, mine));
  return isMixed ? withoutMoney(fields, units, rate, { base, mine, theirs }, find) : mine;
}

function mergeDeleted(entity: Entity, { base, mine, theirs }: Three<RecordState>, find: FindClash): boolean {
  if (mine.deleted === theirs.deleted) return theirs.deleted;
  // One of them restored it.
  if (base.deleted) return false;
  const [survivor] = mine.deleted ? [theirs] : [mine];
  if (!differs(entity, base.doc, survivor.doc)) return true;
  find(clashAt('_deleted', { base: false, mine: mine.deleted, theirs: theirs.deleted }));
  return false;
}

/** Without a common state nothing can be told apart: what is stored stays, and all that differs is a clash. */
function mergeWithoutBase(entity: Entity, mine: RecordState, theirs: RecordState): Merged {
  const fields = allFields(entity);
  const clashes = [...new Set([...Object.keys(theirs.doc), ...Object.keys(mine.doc)])]
    .filter((key) => isDecided(key, fields[key]) && !same(mine.doc[key], theirs.doc[key]))
    .map((key) => clashAt(key, { base: undefined, mine: mine.doc[key], theirs: theirs.doc[key] }));
  if (mine.deleted !== theirs.deleted) {
    clashes.push(clashAt('_deleted', { base: undefined, mine: mine.deleted, theirs: theirs.deleted }));
  }
  return { ...theirs, clashes };
}

/**
 * What `mine` and `theirs` (the stored state) come to. `mine` has been validated, `base` need not be: it is the author's
 * claim. The result has the shape of its parts; the rules between fields are still to be asked.
 */
export function mergeRecord(entity: Entity, base: RecordState | undefined, mine: RecordState, theirs: RecordState): Merged {
  if (!base) return mergeWithoutBase(entity, mine, theirs);
  const clashes: Clash[] = [];
  const find: FindClash = (clash) => void clashes.push(clash);
  const own = heldBack(entity, { base: base.doc, mine: mine.doc, theirs: theirs.doc }, find);
  const three = { base: base.doc, mine: own, theirs: theirs.doc };
  const doc = mergeFields(allFields(entity), unitsOf(entity), '', three, find) as AnyDocument;
  return { doc, deleted: mergeDeleted(entity, { base, mine, theirs }, find), clashes };
}
