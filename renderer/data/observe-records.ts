/**
 * Live lists. Three ways to the same answer: records by id are fetched by id; a narrow or limited read goes through RxDB
 * while the collection is not in memory, because an index serves it sooner; everything else is answered from the shelf.
 */
import { getQueryMatcher, getSortComparator, normalizeMangoQuery } from 'rxdb';
import { type AnyDocument, allFields } from '../../domain/entity/entity.ts';
import { plain, storedStates } from './commit.ts';
import type { Desk } from './desk.ts';
import { type Live, makeLive } from './live-value.ts';
import type { RecordsState } from './observe.ts';
import { paced } from './pace.ts';
import { type Shelf, shelfOf } from './shelf.ts';

/** Plain data, so that it can be a key: no functions, dates or regular expressions. */
export interface RecordQuery {
  /** Mango selector over the fields. */
  readonly selector?: Readonly<Record<string, unknown>>;
  /** `[{ name: 'asc' }]`. */
  readonly sort?: readonly Readonly<Record<string, 'asc' | 'desc'>>[];
  readonly limit?: number;
  /** Inactive records too. Without it only active ones, unless the selector names a status. */
  readonly includeInactive?: boolean;
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((item, i) => item === b[i]);

/** RxDocuments are one object a revision, so their plain form can be kept with them: unchanged rows stay the same object. */
const plainOf = new WeakMap<object, AnyDocument>();
function recordOf(document: { toJSON(): unknown }): AnyDocument {
  const known = plainOf.get(document);
  if (known) return known;
  const made = document.toJSON() as AnyDocument;
  plainOf.set(document, made);
  return made;
}

function selectorOf(query: RecordQuery): Record<string, unknown> {
  const selector = { ...query.selector };
  if (query.includeInactive !== true && !('status' in selector)) selector['status'] = 'active';
  return selector;
}

/** The ids of a selector that asks for nothing but ids. */
function idsAsked(selector: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const asked = selector['id'];
  if (Object.keys(selector).length !== 1) return undefined;
  if (typeof asked === 'string') return asked === '' ? [] : [asked];
  if (typeof asked !== 'object' || asked === null || Object.keys(asked).length !== 1) return undefined;
  const list: unknown = (asked as { readonly $in?: unknown }).$in;
  return Array.isArray(list) && list.every((id) => typeof id === 'string') ? list : undefined;
}

type Put = (records: readonly AnyDocument[], total: number) => void;
/** A way to read: starts, puts what it finds and every change of it, answers how to stop. */
type Way = (put: Put) => () => void;

const byIds =
  (desk: Desk, collection: string, ids: readonly string[]): Way =>
  (put) => {
    if (ids.length === 0) {
      put([], 0);
      return () => undefined;
    }
    const wanted = new Set(ids);
    const found = new Map<string, AnyDocument>();
    const fresh = new Set<string>();
    let read = false;
    let stopped = false;
    const show = (): void => {
      const records = [...wanted].flatMap((id) => found.get(id) ?? []);
      put(records, records.length);
    };
    const pace = paced(show);
    const sub = desk
      .collection(collection)
      .storageInstance.changeStream()
      .subscribe(({ events }) => {
        const own = events.filter((event) => wanted.has(event.documentId));
        for (const { documentId, documentData } of own) {
          fresh.add(documentId);
          if (documentData._deleted) found.delete(documentId);
          else found.set(documentId, plain(documentData));
        }
        if (own.length > 0 && read) pace.poke();
      });
    const load = async (): Promise<void> => {
      for (const stored of (await storedStates(desk, collection, [...wanted])).values())
        if (!stored._deleted && !fresh.has(stored.id)) found.set(stored.id, plain(stored));
      read = true;
      if (!stopped) show();
    };
    void load();
    return () => {
      stopped = true;
      sub.unsubscribe();
      pace.stop();
    };
  };

const throughRxdb =
  (desk: Desk, collection: string, query: RecordQuery, selector: Record<string, unknown>): Way =>
  (put) => {
    const { limit, sort } = query;
    const own = desk.collection(collection);
    const find = own.find({
      selector,
      ...(sort ? { sort: sort.map((part) => ({ ...part })) } : {}),
      ...(limit === undefined ? {} : { limit }),
    });
    const count = own.count({ selector });
    let stopped = false;
    const pace = paced(async () => {
      const records = (await find.exec()).map(recordOf);
      const total = limit === undefined || records.length < limit ? records.length : await count.exec();
      if (!stopped) put(records, total);
    });
    // The collection's own stream, not the storage's: it comes after the buffer from which RxDB recalculates a query.
    const sub = own.eventBulks$.subscribe(() => pace.poke());
    pace.poke();
    return () => {
      stopped = true;
      sub.unsubscribe();
      pace.stop();
    };
  };

const fromShelf =
  (desk: Desk, collection: string, query: RecordQuery, selector: Record<string, unknown>): Way =>
  (put) => {
    const shelf = shelfOf(desk, collection);
    const { schema } = desk.collection(collection).storageInstance;
    const mango = normalizeMangoQuery<AnyDocument>(schema, {
      selector,
      ...(query.sort ? { sort: query.sort.map((part) => ({ ...part })) } : {}),
    });
    // The comparator and the matcher are RxDB's, so that memory and index agree; both look at the fields only.
    const matches = getQueryMatcher(schema, mango) as (record: AnyDocument) => boolean;
    const compare = getSortComparator(schema, mango) as (a: AnyDocument, b: AnyDocument) => number;
    const members = new Map<string, AnyDocument>();
    let ordered: readonly AnyDocument[] = [];
    let changed: Set<string> | undefined;
    const gather = (ids: Iterable<string>): void => {
      for (const id of ids) {
        const record = shelf.records.get(id);
        if (record && matches(record)) members.set(id, record);
        else members.delete(id);
      }
      ordered = [...members.values()].sort(compare);
    };
    const show = (): void => {
      if (!shelf.ready) return;
      gather(changed ?? shelf.records.keys());
      changed = new Set();
      put(query.limit === undefined ? ordered : ordered.slice(0, query.limit), ordered.length);
    };
    const pace = paced(show);
    const stop = shelf.follow((ids) => {
      if (ids !== undefined) for (const id of ids) changed?.add(id);
      pace.poke();
    });
    pace.poke();
    return () => {
      stop();
      pace.stop();
    };
  };

const isServed = (shelf: Shelf, query: RecordQuery): boolean => shelf.ready || query.limit === undefined;

function observe<T extends AnyDocument>(way: () => Way): Live<RecordsState<T>> {
  const nothing: RecordsState<T> = { records: [], total: 0, ready: false };
  return makeLive(nothing, (set) => {
    let last: RecordsState<T> = nothing;
    return way()((found, total) => {
      const records = found as readonly T[];
      const same = sameItems(last.records, records);
      if (last.ready && last.total === total && same) return;
      last = { records: same ? last.records : records, total, ready: true };
      set(last);
    });
  });
}

/** The records that match, live, in order. */
export function observeRecords<T extends AnyDocument = AnyDocument>(
  desk: Desk,
  collection: string,
  query: RecordQuery = {},
): Live<RecordsState<T>> {
  return observe<T>(() => {
    const selector = selectorOf(query);
    const ids = query.limit === undefined && query.sort === undefined ? idsAsked(selector) : undefined;
    if (ids) return byIds(desk, collection, ids);
    return (isServed(shelfOf(desk, collection), query) ? fromShelf : throughRxdb)(desk, collection, query, selector);
  });
}

/** Records whose reference field (ref or refs) names this record, inactive ones included. */
export function observeRelated<T extends AnyDocument = AnyDocument>(
  desk: Desk,
  collection: string,
  field: string,
  id: string,
): Live<RecordsState<T>> {
  const f = allFields(desk.noun(collection).entity)[field];
  if (!f) throw new Error(`${collection} has no field ${field}`);
  const many = f.kind === 'refs' || f.kind === 'set';
  const selector = { [field]: many ? { $elemMatch: { $eq: id } } : id };
  // A reference has an index and few records behind it; a list of references has none, so all must be looked at anyway.
  return observe<T>(() =>
    (many || shelfOf(desk, collection).ready ? fromShelf : throughRxdb)(desk, collection, { includeInactive: true }, selector),
  );
}
