/**
 * What of a record is searched. Derived from the entity, so that a new field is found without a second list: its kind and
 * length say whether it is searched at all, its key says what sort of text it is.
 */
import { type AnyDocument, type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Field, Fields } from '../../domain/entity/field.ts';

/** The fields of the index, strongest first. */
export const rowFields = ['title', 'codes', 'names', 'places', 'rest'] as const;
export type RowField = (typeof rowFields)[number];

export interface SearchRow {
  /** `<collection>/<id>` */
  readonly key: string;
  readonly collection: string;
  readonly id: string;
  readonly heading: string;
  readonly subtitle: string;
  readonly active: boolean;
  /** Values of the fields by which pickers narrow: `roles=supplier`, `kind=plant`. */
  readonly facets: readonly string[];
  /** Words apart by blanks. */
  readonly title: string;
  readonly codes: string;
  readonly names: string;
  readonly places: string;
  readonly rest: string;
}

/** Longest text that is searched whole; longer ones are notes and raw imports. */
const SHORT = 850;
const NEVER = /^(w|id|importId|importedRaw|sha256|mime|timezone|fipsCode|.*At|.*Id|.*Ids|.*By)$/;
const CODES = /(number|numbers|code|reference|references|establishments?|establishmentKeys|imps|namp|gtin|username|serial)$/i;
const PLACES = /^(street|city|state|county|country|place|postalCode|from|to|freightLane)$/;
const NAMES = /(name|names|dbas|manager|company|recordTitle)$/i;

/** Lower case without accents. */
export const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
export const words = (text: string): string[] =>
  fold(text)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
/** A number as people type it: its parts, the whole without signs, and without leading zeros. */
function codeWords(text: string): string[] {
  const parts = words(text);
  const whole = parts.join('');
  const bare = parts.filter((part) => /^0+[1-9]/.test(part)).map((part) => part.replace(/^0+/, ''));
  return [...new Set([...parts, ...(whole.length <= 40 ? [whole] : []), ...bare])];
}

type Sort = Exclude<RowField, 'title'>;
function sortOf(key: string, f: Field): Sort | undefined {
  if (key === 'externalIds' || f.format === 'email' || f.format === 'phone' || f.format === 'url') return 'codes';
  if (f.options || f.long === true || NEVER.test(key) || f.max === 36) return undefined;
  if (f.kind === 'text' && (f.max ?? 0) > SHORT) return undefined;
  if (PLACES.test(key)) return 'places';
  if (CODES.test(key)) return 'codes';
  return NAMES.test(key) ? 'names' : 'rest';
}

interface Searched {
  readonly key: string;
  readonly sort: Sort | undefined;
  readonly inner: readonly Searched[];
}
const searchedOf = (fields: Fields): Searched[] =>
  Object.entries(fields).flatMap(([key, f]): Searched[] => {
    if (f.fields) {
      const inner = searchedOf(f.fields);
      return inner.length > 0 ? [{ key, sort: undefined, inner }] : [];
    }
    const sort = f.kind === 'text' || f.kind === 'set' ? sortOf(key, f) : undefined;
    return sort ? [{ key, sort, inner: [] }] : [];
  });

type Buckets = Record<Sort, Set<string>>;
function gather(value: Readonly<Record<string, unknown>>, searched: readonly Searched[], into: Buckets): void {
  for (const { key, sort, inner } of searched) {
    const own = value[key];
    if (own === undefined || own === '') continue;
    const items: readonly unknown[] = Array.isArray(own) ? own : [own];
    for (const item of items) {
      if (typeof item === 'string' && sort) for (const word of sort === 'codes' ? codeWords(item) : words(item)) into[sort].add(word);
      else if (typeof item === 'object' && item !== null) gather(item as Record<string, unknown>, inner, into);
    }
  }
}

/** Facet keys of a collection: what any reference field of any noun narrows its target by. */
export function facetKeys(entities: readonly Entity[], collection: string): string[] {
  const keys = new Set<string>();
  const visit = (fields: Fields): void => {
    for (const f of Object.values(fields)) {
      if (f.to === collection && f.where) for (const key of Object.keys(f.where)) keys.add(key);
      if (f.fields) visit(f.fields);
    }
  };
  for (const entity of entities) visit(entity.fields);
  // Lists and hubs narrow by these even where no reference does.
  for (const key of ['kind', 'roles']) keys.add(key);
  return [...keys];
}

const asTexts = (value: unknown): string[] =>
  (typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []).filter(
    (item) => item !== '',
  );
function labels(entity: Entity, document: AnyDocument, key: string): string[] {
  const options = entity.fields[key]?.options;
  return options ? asTexts(document[key]).map((value) => options[value] ?? value) : [];
}

/** One line under the title: what it is, its number, where it is or how to reach it. */
function subtitleOf(entity: Entity, document: AnyDocument): string {
  const kind = labels(entity, document, 'roles').join(', ') || labels(entity, document, 'kind').join(', ') || entity.label;
  const numbers = ['establishment', 'number', 'code', 'reference']
    .filter((key) => key !== entity.title)
    .flatMap((key) => asTexts(document[key]).slice(0, 1));
  const place = [...asTexts(document['city']), ...asTexts(document['state'])].join(', ');
  const reach = place === '' ? [...asTexts(document['email']), ...asTexts(document['phone'])].slice(0, 1) : [];
  const parts = [kind, ...numbers.slice(0, 1), ...labels(entity, document, 'stage'), place, ...asTexts(document['company']), ...reach];
  return [...parts, document.status === 'inactive' ? 'Inactive' : ''].filter((part) => part !== '').join(' · ');
}

/** The deriver of one collection's rows; prepared once, because it runs for every record. */
export function rowMaker(entity: Entity, entities: readonly Entity[]): (document: AnyDocument) => SearchRow {
  const searched = searchedOf(allFields(entity)).filter(({ key }) => key !== entity.title);
  const facets = facetKeys(entities, entity.collection).filter((key) => entity.fields[key]);
  const titleIsCode = CODES.test(entity.title);
  return (document) => {
    const buckets: Buckets = { codes: new Set(), names: new Set(), places: new Set(), rest: new Set() };
    gather(document, searched, buckets);
    const heading = asTexts(document[entity.title])[0] ?? entity.label;
    if (titleIsCode) for (const word of codeWords(heading)) buckets.codes.add(word);
    return {
      key: `${entity.collection}/${document.id}`,
      collection: entity.collection,
      id: document.id,
      heading,
      subtitle: subtitleOf(entity, document),
      active: document.status !== 'inactive',
      facets: facets.flatMap((key) => asTexts(document[key]).map((value) => `${key}=${value}`)),
      title: words(heading).join(' '),
      codes: [...buckets.codes].join(' '),
      names: [...buckets.names].join(' '),
      places: [...buckets.places].join(' '),
      rest: [...buckets.rest].join(' '),
    };
  };
}
