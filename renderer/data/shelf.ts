/**
 * A collection held in memory for as long as something lists it: read once in bulk, then kept up to date by the writes
 * themselves. Lists, tabs and pickers over the same collection share it, and a live change costs what changed, not a read
 * of everything.
 */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { readAsWritten } from './bulk-read.ts';
import { plain } from './commit.ts';
import type { Desk } from './desk.ts';

/** Records a page: some 30 ms of the window's thread each. */
const PAGE = 1000;
/** How long a shelf outlives its last user, in milliseconds: going from list to record and back must not read it again. */
const LINGER = 120_000;

export interface Shelf {
  /** Live records by id. Complete once `ready`; unchanged records stay the same object. */
  readonly records: ReadonlyMap<string, AnyDocument>;
  readonly ready: boolean;
  /** Calls back with the ids that were written or deleted, and with undefined when everything has been read. Answers how to let go. */
  follow(listener: (ids: readonly string[] | undefined) => void): () => void;
}

function makeShelf(desk: Desk, collection: string): Shelf {
  let records = new Map<string, AnyDocument>();
  let ready = false;
  let closing: ReturnType<typeof setTimeout> | undefined;
  let close: (() => void) | undefined;
  const listeners = new Set<(ids: readonly string[] | undefined) => void>();

  const open = (): (() => void) => {
    const own = new Map<string, AnyDocument>();
    records = own;
    let closed = false;
    /** Written while the first read was under way: what was read of them may be older. */
    const fresh = new Set<string>();
    const sub = desk
      .collection(collection)
      .storageInstance.changeStream()
      .subscribe(({ events }) => {
        const ids = events.map(({ documentId, documentData }) => {
          if (!ready) fresh.add(documentId);
          if (documentData._deleted) own.delete(documentId);
          else own.set(documentId, plain(documentData));
          return documentId;
        });
        if (ready) for (const listener of listeners) listener(ids);
      });
    const read = async (): Promise<void> => {
      for await (const page of readAsWritten(desk, collection, PAGE)) {
        if (closed) return;
        for (const stored of page) if (!stored._deleted && !fresh.has(stored.id)) own.set(stored.id, plain(stored));
      }
      if (closed) return;
      ready = true;
      fresh.clear();
      for (const listener of listeners) listener(undefined);
    };
    read().catch((error: unknown) => {
      // A desk that was closed meanwhile has nobody left to show it to.
      if (!closed && !desk.db.closed) throw error;
    });
    return () => {
      closed = true;
      ready = false;
      records = new Map();
      sub.unsubscribe();
    };
  };

  return {
    get records() {
      return records;
    },
    get ready() {
      return ready;
    },
    follow(listener) {
      const own = (ids: readonly string[] | undefined): void => listener(ids);
      listeners.add(own);
      clearTimeout(closing);
      close ??= open();
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        clearTimeout(closing);
        closing = setTimeout(() => {
          close?.();
          close = undefined;
        }, LINGER);
      };
    },
  };
}

const shelves = new WeakMap<Desk, Map<string, Shelf>>();

/** The shelf of a collection of this desk; one for all who ask. */
export function shelfOf(desk: Desk, collection: string): Shelf {
  const own = shelves.get(desk) ?? new Map<string, Shelf>();
  shelves.set(desk, own);
  const shelf = own.get(collection) ?? makeShelf(desk, collection);
  own.set(collection, shelf);
  return shelf;
}
