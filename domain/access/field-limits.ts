/**
 * Fields that somebody may not see. They do not travel: a document goes out without them, and what comes back from somebody who
 * lacks them is a patch over the fields that this person knows. A path is `cost`, or `lines.price` for a field of every row.
 */
import { type Entity, allFields } from '../entity/entity.ts';
import type { Field } from '../entity/field.ts';
import { emptyValue } from '../entity/rx-schema.ts';
import { isMoney, rateOf, unitsOf } from '../record/merge-units.ts';
import { same } from '../record/same.ts';
import { type Scope, accessFields, isWithin } from './condition.ts';

type Values = Readonly<Record<string, unknown>>;

/** What one grant of reading shows: documents within the scope, without these paths. */
export interface View {
  readonly scope: Scope;
  readonly without: readonly string[];
}

/** Paths that no grant shows of this document. */
export function hiddenIn(views: readonly View[], document: Values): readonly string[] {
  const through = views.filter(({ scope }) => isWithin(scope, document));
  const [first, ...others] = through;
  return first ? first.without.filter((path) => others.every(({ without }) => without.includes(path))) : [];
}

interface Place {
  readonly key: string;
  /** Of the rows of a list, or of a group. */
  readonly inner?: string;
  readonly field: Field;
}
function placeOf(entity: Entity, path: string): Place | undefined {
  const [key = '', inner, more] = path.split('.');
  const outer = Object.hasOwn(entity.fields, key) ? entity.fields[key] : undefined;
  if (!outer || more !== undefined) return undefined;
  if (inner === undefined) return { key, field: outer };
  const field = outer.fields && Object.hasOwn(outer.fields, inner) ? outer.fields[inner] : undefined;
  return field && { key, inner, field };
}
/** Whether the field can be hidden: what rights are judged by, what names the record and what must have a value cannot. */
export function mayBeHidden(entity: Entity, path: string): boolean {
  const place = placeOf(entity, path);
  const judged: readonly string[] = accessFields;
  return place !== undefined && !place.field.required && path !== entity.title && !judged.includes(place.key);
}

const UNIT = 'Unit';
/**
 * These paths, and with each of them the others of its unit: an amount that is hidden or closed hides or closes what gives it its
 * meaning, and the other way round. A unit is what the entity keeps `together`; what is computed is in none of those (it is not
 * merged), and has its unit in the field that is called like it, such as `cost` and `costUnit` of a lot.
 */
export function withUnits(entity: Entity, paths: readonly string[]): readonly string[] {
  const { own, rows } = unitsOf(entity);
  const units = [...own, ...[...rows].flatMap(([list, all]) => all.map((unit) => unit.map((key) => `${list}.${key}`)))];
  const others = [
    ...units.filter((unit) => unit.some((path) => paths.includes(path))).flat(),
    ...paths.map((path) => (path.endsWith(UNIT) ? path.slice(0, -UNIT.length) : `${path}${UNIT}`)),
  ];
  return [...new Set([...paths, ...others.filter((path) => mayBeHidden(entity, path))])];
}
/** The currency of a record and its rate, where one of these paths is an amount in it: who changes them changes the amount. */
export function rateUnder(entity: Entity, paths: readonly string[]): readonly string[] {
  const holdsMoney = (field: Field): boolean => isMoney(field) || Object.values(field.fields ?? {}).some(holdsMoney);
  const isAmount = (path: string): boolean => {
    const place = placeOf(entity, path);
    return place !== undefined && holdsMoney(place.field);
  };
  return paths.some(isAmount) ? (rateOf(entity) ?? []) : [];
}

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
/** The values at this key with `change` applied to the one at the place: of the document, of a group, or of each row. */
function withPlace(
  document: Values,
  { key, inner }: Place,
  change: (holder: Values, key: string, row: string | undefined) => Values,
): Values {
  if (inner === undefined) return change(document, key, undefined);
  const outer = document[key];
  if (isValues(outer)) return { ...document, [key]: change(outer, inner, undefined) };
  if (!Array.isArray(outer)) return document;
  const rows = outer.map((row: unknown) =>
    isValues(row) ? change(row, inner, typeof row['lineId'] === 'string' ? row['lineId'] : '') : row,
  );
  return { ...document, [key]: rows };
}
function put(holder: Values, key: string, value: unknown): Values {
  if (value !== undefined) return { ...holder, [key]: value };
  if (!Object.hasOwn(holder, key)) return holder;
  const { [key]: _, ...rest } = holder;
  return rest;
}
/** What stands there for somebody who may not see it: nothing, or the empty value where the schema wants one. */
const blank = (field: Field): unknown => (field.present ? emptyValue(field) : undefined);

/** The document without these fields. */
export function hide<Document extends Values>(entity: Entity, document: Document, paths: readonly string[]): Document {
  let result: Values = document;
  for (const path of paths) {
    const place = placeOf(entity, path);
    if (place) result = withPlace(result, place, (holder, key) => put(holder, key, blank(place.field)));
  }
  // Fewer keys of the same meaning.
  return result as Document;
}
export const seenThrough = <Document extends Values>(entity: Entity, views: readonly View[] | undefined, document: Document): Document =>
  views ? hide(entity, document, hiddenIn(views, document)) : document;

function at(document: Values | undefined, { key, inner }: Place, row: string | undefined): unknown {
  const outer = document?.[key];
  if (inner === undefined) return outer;
  if (isValues(outer)) return outer[inner];
  if (!Array.isArray(outer)) return undefined;
  const found: unknown = outer.find((one: unknown) => isValues(one) && one['lineId'] === row);
  return isValues(found) ? found[inner] : undefined;
}

/** The document with what is kept in the place of the hidden fields; rows are followed by their id. */
export function patch<Document extends Values>(
  entity: Entity,
  document: Document,
  kept: Values | undefined,
  paths: readonly string[],
): Document {
  let result: Values = document;
  for (const path of paths) {
    const place = placeOf(entity, path);
    if (place) result = withPlace(result, place, (holder, key, row) => put(holder, key, at(kept, place, row) ?? blank(place.field)));
  }
  return result as Document;
}

/** Every path of the entity's own fields, each before those that lie in it. */
export const fieldPaths = (entity: Entity): string[] =>
  Object.entries(entity.fields).flatMap(([key, { fields = {} }]) => [key, ...Object.keys(fields).map((inner) => `${key}.${inner}`)]);

/** `part` with whatever of `whole` is missing in it that can be hidden. */
export function completed<Document extends Values>(entity: Entity, part: Document, whole: Values): Document {
  const paths = fieldPaths(entity).filter((path) => mayBeHidden(entity, path));
  const missing = paths.filter((path) => same(hide(entity, part, [path]), part) && !same(hide(entity, whole, [path]), whole));
  return patch(entity, part, whole, missing);
}

/** The document without what it shares with the base in these fields: what stays there is the writer's own. */
export function withoutShared<Document extends Values>(
  entity: Entity,
  document: Document,
  base: Values | undefined,
  paths: readonly string[],
): Document {
  let result: Values = document;
  for (const path of paths) {
    const place = placeOf(entity, path);
    if (!place) continue;
    result = withPlace(result, place, (holder, key, row) =>
      base && same(holder[key], at(base, place, row)) ? put(holder, key, blank(place.field)) : holder,
    );
  }
  return result as Document;
}

/** Whether these fields have the same values in both, and none in new rows; what is computed does not count. */
export function keeps(entity: Entity, before: Values, after: Values, paths: readonly string[]): boolean {
  const set = paths.filter((path) => placeOf(entity, path)?.field.computed === false);
  return same(patch(entity, after, before, set), after);
}

/**
 * The first of the hidden fields that the writer has given a value of the own: neither nothing, nor what it was built on, nor
 * what is kept. What is computed does not count: each side computes it from what it has.
 */
export function firstTouched(
  entity: Entity,
  { document, base, kept }: { readonly document: Values; readonly base: Values | undefined; readonly kept: Values | undefined },
  paths: readonly string[],
): string | undefined {
  return paths.find((path) => {
    const place = placeOf(entity, path);
    if (!place || place.field.computed) return false;
    let touched = false;
    withPlace(document, place, (holder, key, row) => {
      const value = holder[key];
      const isBlank =
        value === undefined || value === '' || same(value, blank(place.field)) || (Array.isArray(value) && value.length === 0);
      if (!isBlank && !same(value, at(base, place, row)) && !same(value, at(kept, place, row))) touched = true;
      return holder;
    });
    return touched;
  });
}

/** A path as a problem or a clash names it (`lines.2.price`, `lines.<lineId>`), as a path of fields. */
export const pathOfFields = (path: string): string => {
  const [key = '', , inner] = path.split('.');
  return inner === undefined ? key : `${key}.${inner}`;
};
export function labelAt(entity: Entity, path: string): string {
  return placeOf(entity, path)?.field.label ?? allFields(entity)[path]?.label ?? path;
}
