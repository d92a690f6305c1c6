/** Files that wait to be sent: what people see of them, and their ways out. Sending them is renderer/sync/files. */
import { liveQuery } from 'dexie';
import { storedStates } from '../commit.ts';
import type { Desk } from '../desk.ts';
import type { LocalStore, UploadRow } from '../local-store.ts';
import { type Live, makeLive } from '../live-value.ts';
import { dropHeld } from './held-files.ts';

/** Everything that is not with the server yet, oldest first. */
export const listUploads = async (store: LocalStore): Promise<UploadRow[]> =>
  (await store.uploads.orderBy('addedAt').toArray()).filter(({ state }) => state !== 'adding');

export function observeUploads(store: LocalStore): Live<readonly UploadRow[]> {
  return makeLive<readonly UploadRow[]>([], (set) => {
    const sub = liveQuery(() => listUploads(store)).subscribe(set);
    return () => sub.unsubscribe();
  });
}

export interface WaitingFiles {
  /** Files that go by themselves, and the bytes of them that are not sent yet. */
  readonly count: number;
  readonly bytes: number;
  /** Files that the server did not take; a person must decide. */
  readonly refused: number;
}
export const noFiles: WaitingFiles = { count: 0, bytes: 0, refused: 0 };
export function waitingFilesOf(rows: readonly UploadRow[]): WaitingFiles {
  const waiting = rows.filter(({ state }) => state === 'waiting');
  return {
    count: waiting.length,
    bytes: waiting.reduce((sum, { size, sent }) => sum + size - sent, 0),
    refused: rows.filter(({ state }) => state === 'refused').length,
  };
}

/** Tries a file again, at once. */
export const retryUpload = (store: LocalStore, recordId: string): Promise<number> =>
  store.uploads.update(recordId, { state: 'waiting', tries: 0, nextAt: 0, code: '', problem: '' });

/** Gives an upload up for good. Its content stays only where another record here names it. */
export async function giveUpUpload(store: LocalStore, recordId: string): Promise<void> {
  await store.transaction('rw', store.uploads, store.files, store.contents, async () => {
    const upload = await store.uploads.get(recordId);
    if (!upload) return;
    await store.uploads.delete(recordId);
    const file = await store.files.get(upload.sha256);
    const recordIds = file?.recordIds.filter((id) => id !== recordId) ?? [];
    if (file && recordIds.length > 0) await store.files.put({ ...file, recordIds });
    else await dropHeld(store, [upload.sha256]);
  });
}

/** Another window may be between the two steps of adding right now. */
const ADDING_MS_MAX = 60_000;
/**
 * What a crash left between keeping a content and writing its record: with a record the file waits to be sent, without one
 * it was never added, and the person saw no success.
 */
export async function settleAdding(desk: Desk, collection: string): Promise<void> {
  const rows = await desk.local.uploads.where('state').equals('adding').toArray();
  if (rows.length === 0) return;
  const states = await storedStates(
    desk,
    collection,
    rows.map(({ recordId }) => recordId),
  );
  const old = new Date(Date.now() - ADDING_MS_MAX).toISOString();
  for (const { recordId, sha256, addedAt } of rows) {
    const record = states.get(recordId) as Record<string, unknown> | undefined;
    if (record?.['sha256'] === sha256) await desk.local.uploads.update(recordId, { state: 'waiting' });
    else if (addedAt < old) await giveUpUpload(desk.local, recordId);
  }
}

/** Where an upload stands, in few words. */
export function fileStateText({ state, sent, size }: Pick<UploadRow, 'state' | 'sent' | 'size'>): string {
  if (state === 'refused') return 'Not taken by the server';
  return sent === 0 ? 'Waiting to be sent' : `${Math.floor((sent * 100) / Math.max(1, size))} % sent`;
}
