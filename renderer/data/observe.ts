/**
 * Live reads without React: a value that can be read at once and that tells when it changed. Work starts with the first
 * subscriber and ends with the last one.
 */
import { type AnyDocument, allFields } from '../../domain/entity/entity.ts';
import { plain, storedStates } from './commit.ts';
import type { Desk } from './desk.ts';
import { listTrash } from './trash.ts';

export interface Live<T> {
  get(): T;
  /** Answers the function that ends the subscription. */
  subscribe(listener: () => void): () => void;
}

/** A Live value fed by `start`, which gets a setter and answers how to stop. Equal values (Object.is) are not announced. */
export function makeLive<T>(initial: T, start: (set: (value: T) => void) => () => void): Live<T> {
  let value = initial;
  let stop: (() => void) | undefined;
  const listeners = new Set<() => void>();
  const set = (next: T): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of listeners) listener();
  };
  return {
    get: () => value,
    subscribe(listener) {
      const own = (): void => listener();
      listeners.add(own);
      stop ??= start(set);
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

/** A Live value that its owner sets. */
export function makeCell<T>(initial: T): Live<T> & { set(value: T): void } {
  let setter: ((value: T) => void) | undefined;
  let current = initial;
  const live = makeLive(initial, (set) => {
    setter = set;
    return () => {
      setter = undefined;
    };
  });
  return {
    get: () => current,
    subscribe(listener) {
      const stop = live.subscribe(listener);
      setter?.(current);
      return stop;
    },
    set(value) {
      current = value;
      setter?.(value);
    },
  };
}

export interface RecordState<T extends AnyDocument = AnyDocument> {
  /** The record, a deleted one included, so that a page can still name it. */
  readonly record: T | undefined;
  readonly deleted: boolean;
  /** False until the first read is back. */
  readonly ready: boolean;
}

/** One record by id. */
export function observeRecord<T extends AnyDocument = AnyDocument>(desk: Desk, collection: string, id: string): Live<RecordState<T>> {
  const nothing: RecordState<T> = { record: undefined, deleted: false, ready: false };
  return makeLive(nothing, (set) => {
    let heard = false;
    let stopped = false;
    const sub = desk
      .collection(collection)
      .storageInstance.changeStream()
      .subscribe(({ events }) => {
        const event = events.findLast((one) => one.documentId === id);
        if (!event) return;
        heard = true;
        set({ record: plain(event.documentData) as T, deleted: event.documentData._deleted, ready: true });
      });
    const read = async (): Promise<void> => {
      const stored = (await storedStates(desk, collection, [id])).get(id);
      // An event that came while the read was under way is newer than the read.
      if (stopped || heard) return;
      set({ record: stored ? (plain(stored) as T) : undefined, deleted: stored?._deleted === true, ready: true });
    };
    void read();
    return () => {
      stopped = true;
      sub.unsubscribe();
    };
  });
}

/** Plain data, so that it can be a key: no functions, dates or regular expressions. */
export interface RecordQuery {
  /** Mango selector over the fields. */
  readonly selector?: Readonly<Record<string, unknown>>;
  /** `[{ name: 'asc' }]`. Descending is slow on IndexedDB beyond some thousand records (no index serves it). */
  readonly sort?: readonly Readonly<Record<string, 'asc' | 'desc'>>[];
  readonly limit?: number;
  /** Inactive records too. Without it only active ones, unless the selector names a status. */
  readonly includeInactive?: boolean;
}
export interface RecordsState<T extends AnyDocument = AnyDocument> {
  readonly records: readonly T[];
  /** How many match without the limit. */
  readonly total: number;
  readonly ready: boolean;
}

/** Runs work after a signal: at once when quiet, then never more than a quarter of the time, so a first sync cannot drown the window. */
function paced(work: () => Promise<void>): { poke(): void; stop(): void } {
  let stopped = false;
  let running = false;
  let dirty = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    running = true;
    dirty = false;
    const began = performance.now();
    try {
      await work();
    } finally {
      running = false;
    }
    const rest = Math.max(4, 3 * (performance.now() - began));
    if (stopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (dirty && !stopped) void run();
    }, rest);
  };
  return {
    poke() {
      dirty = true;
      if (!stopped && !running && timer === undefined) void run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
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

/** The records that match, live, in order. */
export function observeRecords<T extends AnyDocument = AnyDocument>(
  desk: Desk,
  collection: string,
  query: RecordQuery = {},
): Live<RecordsState<T>> {
  const nothing: RecordsState<T> = { records: [], total: 0, ready: false };
  return makeLive(nothing, (set) => {
    const own = desk.collection(collection);
    const selector = selectorOf(query);
    const { limit } = query;
    const find = own.find({
      selector,
      ...(query.sort ? { sort: query.sort.map((part) => ({ ...part })) } : {}),
      ...(limit === undefined ? {} : { limit }),
    });
    const count = own.count({ selector });
    let last: RecordsState<T> = nothing;
    let stopped = false;
    const pace = paced(async () => {
      const documents = await find.exec();
      const records = documents.map(recordOf) as T[];
      const total = limit === undefined || records.length < limit ? records.length : await count.exec();
      if (stopped || (last.ready && last.total === total && sameItems(last.records, records))) return;
      last = { records: sameItems(last.records, records) ? last.records : records, total, ready: true };
      set(last);
    });
    // The collection's own stream, not the storage's: it comes after the buffer from which RxDB recalculates a query.
    const sub = own.eventBulks$.subscribe(() => pace.poke());
    pace.poke();
    return () => {
      stopped = true;
      sub.unsubscribe();
      pace.stop();
    };
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
  return observeRecords<T>(desk, collection, { selector: { [field]: many ? { $elemMatch: { $eq: id } } : id }, includeInactive: true });
}

/** Deleted records of a collection, last deleted first. */
export function observeTrash<T extends AnyDocument = AnyDocument>(desk: Desk, collection: string): Live<RecordsState<T>> {
  const nothing: RecordsState<T> = { records: [], total: 0, ready: false };
  return makeLive(nothing, (set) => {
    let stopped = false;
    const pace = paced(async () => {
      const records = (await listTrash(desk, collection)) as T[];
      if (!stopped) set({ records, total: records.length, ready: true });
    });
    const sub = desk
      .collection(collection)
      .storageInstance.changeStream()
      .subscribe(({ events }) => {
        if (events.some((event) => event.operation !== 'UPDATE' || event.documentData._deleted)) pace.poke();
      });
    pace.poke();
    return () => {
      stopped = true;
      sub.unsubscribe();
      pace.stop();
    };
  });
}
