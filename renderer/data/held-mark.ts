/**
 * A mark beside the databases of what this device holds. A browser may throw away all that an origin has in IndexedDB, without a
 * word: it was cleared, it was evicted, or its files were torn (docs/storage-format.md). The server gives the records back, but
 * what had not been sent is gone, and an empty desk by itself looks like a new one. The mark is kept in localStorage, which the
 * browser stores elsewhere, and tells the two apart. Chromium writes it some seconds later, so it may lag behind by as much.
 */
import type { RxCollection } from 'rxdb';
import { type Live, makeCell } from './live-value.ts';
import { isFull } from './room.ts';

/** What is noted; instants are ISO. */
interface Noted {
  /** Who worked here; absent when nobody was signed in. */
  readonly user?: string;
  /** Changes, and contents of files, that the server did not have. */
  readonly waiting: number;
  readonly files: number;
  /** From when on there was always something of them. */
  readonly since?: string;
  /** When this was noted last. */
  readonly seenAt: string;
}
interface Mark extends Noted {
  /** The token that RxDB keeps with the records. */
  readonly store: string;
}
/** The records that a mark speaks of are gone. */
export interface Loss extends Mark {
  readonly foundAt: string;
}
export interface HeldMark {
  /** What is known to be lost, until somebody dismisses it. */
  readonly losses: Live<readonly Loss[]>;
  /** What is held now. Nobody signed in and nothing waiting leaves no mark: there is nothing that anybody could miss. */
  note(held: Pick<Noted, 'user' | 'waiting' | 'files'>): void;
  dismiss(): void;
  close(): void;
}
/** Where marks are kept: localStorage, or what a test puts in its place. */
export type MarkPlace = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** So old may the time of a mark be that says what is still so, in milliseconds. Chromium writes once a minute at most in the long run. */
const FRESH = 10 * 60_000;

const isMark = (value: unknown): value is Mark =>
  typeof value === 'object' &&
  value !== null &&
  'store' in value &&
  typeof value.store === 'string' &&
  'waiting' in value &&
  typeof value.waiting === 'number' &&
  'files' in value &&
  typeof value.files === 'number' &&
  'seenAt' in value &&
  typeof value.seenAt === 'string';
const isLoss = (value: unknown): value is Loss => isMark(value) && 'foundAt' in value && typeof value.foundAt === 'string';

/** What an older or newer version wrote in another shape counts as nothing. */
function readJson(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const nothing: HeldMark = {
  losses: makeCell<readonly Loss[]>([]),
  note: () => undefined,
  dismiss: () => undefined,
  close: () => undefined,
};

/** A store of records, as far as it has to be known here. */
export interface HeldStore {
  readonly name: string;
  readonly token: string;
  /** Whether there is no record in it, not even a deleted one. */
  isEmpty(): Promise<boolean>;
}
export async function isEmptyDesk(collections: readonly RxCollection[]): Promise<boolean> {
  for (const { storageInstance } of collections) {
    const first = await storageInstance.getChangedDocumentsSince?.(1);
    if (first && first.documents.length > 0) return false;
  }
  return true;
}

/** Looks whether these records are the ones that the mark speaks of. Without a place nothing is noted or known. */
export async function openHeldMark(
  { name, token, isEmpty }: HeldStore,
  place: MarkPlace | undefined,
  now: () => number = Date.now,
): Promise<HeldMark> {
  if (!place) return nothing;
  const [heldKey, lostKey] = [`drover.held.${name}`, `drover.lost.${name}`];
  const at = (): string => new Date(now()).toISOString();
  const marked = (): Mark | undefined => {
    const value = readJson(place.getItem(heldKey));
    return isMark(value) ? value : undefined;
  };
  const lost = (): readonly Loss[] => {
    const value = readJson(place.getItem(lostKey));
    return Array.isArray(value) ? value.filter(isLoss) : [];
  };
  const put = (key: string, value: unknown): void => {
    try {
      place.setItem(key, JSON.stringify(value));
    } catch (error) {
      // The mark is of help one day and nobody waits for it: work goes on without.
      if (!isFull(error)) throw error;
    }
  };

  const before = marked();
  // A token may be new because the page that held it was damaged; the records are there then, and told of as damaged.
  if (before && before.store !== token && (await isEmpty())) {
    // Another window that opens at this moment, or one before that was ended here, has told it already.
    if (lost().every(({ store }) => store !== before.store)) put(lostKey, [...lost(), { ...before, foundAt: at() }]);
    place.removeItem(heldKey);
  }
  const losses = makeCell(lost());
  const follow = (event: StorageEvent): void => {
    if (event.key === lostKey || event.key === null) losses.set(lost());
  };
  if (typeof window !== 'undefined') window.addEventListener('storage', follow);
  return {
    losses,
    note({ user, waiting, files }) {
      const last = marked();
      if (user === undefined && waiting + files === 0) {
        if (last) place.removeItem(heldKey);
        return;
      }
      const same = last?.store === token && last.user === user && last.waiting === waiting && last.files === files;
      if (same && now() - Date.parse(last.seenAt) < FRESH) return;
      const since = last?.store === token && last.since !== undefined ? last.since : at();
      put(heldKey, {
        store: token,
        ...(user === undefined ? {} : { user }),
        waiting,
        files,
        ...(waiting + files > 0 ? { since } : {}),
        seenAt: at(),
      });
    },
    dismiss() {
      place.removeItem(lostKey);
      losses.set([]);
    },
    close() {
      if (typeof window !== 'undefined') window.removeEventListener('storage', follow);
    },
  };
}
