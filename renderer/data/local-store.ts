/**
 * What belongs to this device alone and never syncs: drafts, settings, import journals, files waiting for upload, and the
 * list of records not yet sent. A Dexie database of its own, because every RxDB collection counts against the 13.
 */
import { Dexie, type Table } from 'dexie';
import type { Lease } from '../../domain/protocol/protocol.ts';

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

export interface StoredBlob {
  readonly sha256: string;
  readonly blob: Blob;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  /** The attachments record that describes it. */
  readonly attachmentId: string;
  readonly savedAt: string;
  readonly uploaded: 0 | 1;
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
  readonly blobs!: Table<StoredBlob, string>;
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
      blobs: 'sha256, attachmentId, uploaded',
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

/** Keeps a file on the device under its SHA-256 (hex), which is the answer. The same content twice is kept once. */
export async function putBlob(
  store: LocalStore,
  blob: Blob,
  meta: { readonly name: string; readonly attachmentId: string },
): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  await store.blobs.put({
    sha256,
    blob,
    name: meta.name,
    mime: blob.type,
    size: blob.size,
    attachmentId: meta.attachmentId,
    savedAt: new Date().toISOString(),
    uploaded: 0,
  });
  return sha256;
}
export const getBlob = (store: LocalStore, sha256: string): Promise<StoredBlob | undefined> => store.blobs.get(sha256);

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
