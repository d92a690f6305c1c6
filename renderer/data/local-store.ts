/**
 * What belongs to this device alone and never syncs: drafts, settings, import journals, files waiting for upload, and the
 * list of records not yet sent. A Dexie database of its own, because every RxDB collection counts against the 13.
 */
import { Dexie, type Table } from 'dexie';
import type { Lease } from '../../domain/protocol/protocol.ts';
import { filesOpen } from './storage/browser-files.ts';

export interface StoredDraft {
  /** `orders/new/<tab>` or `orders/<id>`: whatever the form calls itself. */
  readonly key: string;
  readonly collection: string;
  /** The record being edited; '' for a new one. */
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** ISO instant. */
  readonly savedAt: string;
}

/** What is known of a content that is on this device; the bytes are apart, so that lists do not touch them. */
export interface FileRow {
  readonly sha256: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  usedAt: number;
  /** Records on this device that named it when it was added or opened. */
  recordIds: readonly string[];
}
interface FileContent {
  readonly sha256: string;
  readonly content: Blob;
}
/** A file that the server does not have yet. */
export interface UploadRow {
  /** The attachments record that names it. */
  readonly recordId: string;
  readonly sha256: string;
  readonly name: string;
  readonly size: number;
  /** Bytes that the server has. */
  readonly sent: number;
  /** `adding`: its record is not written yet. `refused`: a person must decide. */
  readonly state: 'adding' | 'waiting' | 'refused';
  /** ISO instant. */
  readonly addedAt: string;
  readonly tries: number;
  /** Not before this, in milliseconds since 1970. */
  readonly nextAt: number;
  /** What stands in the way: for programs, and in plain words; absent or '' for nothing. */
  readonly code?: string;
  readonly problem?: string;
  /** Nobody added it here: the server lost a content that this device holds. */
  readonly offered?: true;
}

export interface StoredJournal {
  readonly importId: string;
  readonly startedAt: string;
  readonly state: string;
  /** Whatever the importer needs to show and undo the batch; kept as it is. */
  readonly summary: unknown;
}
/** One before-image of an import; `before` is absent where the import created the record. */
export interface StoredBeforeImage {
  readonly importId: string;
  readonly collection: string;
  readonly id: string;
  /** Write id that the import left; an undo touches the record only while it still has it. */
  readonly w: string;
  readonly before?: unknown;
}

/** A record that was written here and that the server has not confirmed. */
export interface WaitingRow {
  /** `<collection>/<id>` */
  readonly key: string;
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  readonly at: string;
}

/** What a person wrote here and the server answered with another state. Shown and mended on the sync page (SYN-2, SYN-4). */
export interface SetAsideRow {
  readonly number?: number;
  readonly collection: string;
  readonly id: string;
  readonly at: string;
  /** The state it was written on; absent for a new record. */
  readonly base?: Readonly<Record<string, unknown>>;
  readonly mine: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

/** A block of numbers of a series that belongs to this device. */
export interface StoredLease extends Lease {
  /** ISO instant at which the device got it. */
  readonly at: string;
}

interface Setting {
  readonly key: string;
  readonly value: unknown;
}

/** Every Dexie database of the desk. Strict, because Chrome otherwise answers before the write is on the disk. */
export const dexieSettings = { chromeTransactionDurability: 'strict' } as const;

export class LocalStore extends Dexie {
  readonly drafts!: Table<StoredDraft, string>;
  readonly settings!: Table<Setting, string>;
  readonly files!: Table<FileRow, string>;
  readonly contents!: Table<FileContent, string>;
  readonly uploads!: Table<UploadRow, string>;
  readonly journals!: Table<StoredJournal, string>;
  readonly beforeImages!: Table<StoredBeforeImage, [string, string, string]>;
  readonly waiting!: Table<WaitingRow, string>;
  readonly setAside!: Table<SetAsideRow, number>;
  readonly leases!: Table<StoredLease, [string, number]>;

  constructor(name: string) {
    super(name, dexieSettings);
    this.version(1).stores({
      drafts: 'key, [collection+id], savedAt',
      settings: 'key',
      files: 'sha256, usedAt',
      contents: 'sha256',
      uploads: 'recordId, sha256, state, addedAt',
      journals: 'importId, startedAt',
      beforeImages: '[importId+collection+id], importId',
      waiting: 'key, collection',
      setAside: '++number, [collection+id]',
      leases: '[series+first], series',
    });
  }
}

/** Opens (and makes) the device's own database. The desk `drover` has `drover-local`. */
export async function openLocalStore(deskName: string): Promise<LocalStore> {
  // Dexie remembers the IndexedDB that was there when its module was loaded; in Node a stand-in may have come later.
  Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange });
  const store = new LocalStore(`${deskName}-local`);
  await filesOpen(indexedDB, store.name);
  await store.open();
  return store;
}

export async function saveDraft(store: LocalStore, draft: Omit<StoredDraft, 'savedAt'>): Promise<void> {
  await store.drafts.put({ ...draft, savedAt: new Date().toISOString() });
}
export const loadDraft = (store: LocalStore, key: string): Promise<StoredDraft | undefined> => store.drafts.get(key);
export const dropDraft = (store: LocalStore, key: string): Promise<void> => store.drafts.delete(key);
/** Newest first; of one collection where it is named. */
export async function listDrafts(store: LocalStore, collection?: string): Promise<StoredDraft[]> {
  const all = await store.drafts.orderBy('savedAt').reverse().toArray();
  return collection === undefined ? all : all.filter((draft) => draft.collection === collection);
}

export async function saveSetting(store: LocalStore, key: string, value: unknown): Promise<void> {
  if (value === undefined) await store.settings.delete(key);
  else await store.settings.put({ key, value });
}
/** The stored value, or undefined. The caller checks its shape: an older version may have written it. */
export async function loadSetting(store: LocalStore, key: string): Promise<unknown> {
  return (await store.settings.get(key))?.value;
}

const DEVICE = 'device.id';
/** The name by which this device signs its writes; made once, kept for good. `make` gives a new UUID. */
export function deviceIdOf(store: LocalStore, make: () => string): Promise<string> {
  return store.transaction('rw', store.settings, async () => {
    const stored = await loadSetting(store, DEVICE);
    if (typeof stored === 'string') return stored;
    const id = make();
    await saveSetting(store, DEVICE, id);
    return id;
  });
}
