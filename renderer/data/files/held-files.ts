/**
 * Contents of files on this device: those that wait to be sent, and those that were fetched or sent already and may go when
 * room is needed, the longest unused first. In the device's own database, because RxDB's collections hold no bytes.
 */
import { liveQuery } from 'dexie';
import type { Desk } from '../desk.ts';
import { storedStates } from '../commit.ts';
import type { FileRow, LocalStore } from '../local-store.ts';
import { type Live, makeLive } from '../live-value.ts';

/** Bytes that fetched and sent files may take on this device. Files that wait to be sent do not count and never go. */
export const HELD_BYTES_MAX = 1024 * 1024 * 1024;

/** Keeps a content and notes the record that names it. Part of the caller's transaction where there is one. */
export async function hold(store: LocalStore, sha256: string, content: Blob, recordId: string): Promise<void> {
  await store.transaction('rw', store.files, store.contents, async () => {
    const before = await store.files.get(sha256);
    const recordIds = [...new Set([...(before?.recordIds ?? []), recordId])];
    await store.files.put({ sha256, size: content.size, usedAt: Date.now(), recordIds });
    await store.contents.put({ sha256, content });
  });
}
export async function dropHeld(store: LocalStore, hashes: readonly string[]): Promise<void> {
  await store.transaction('rw', store.files, store.contents, async () => {
    await store.files.bulkDelete([...hashes]);
    await store.contents.bulkDelete([...hashes]);
  });
}
export const heldContent = async (store: LocalStore, sha256: string): Promise<Blob | undefined> =>
  (await store.contents.get(sha256))?.content;
/** Notes that the content was used now, and by which record. */
export async function touchHeld(store: LocalStore, sha256: string, recordId: string): Promise<void> {
  await store.files
    .where('sha256')
    .equals(sha256)
    .modify((row) => {
      row.usedAt = Date.now();
      if (!row.recordIds.includes(recordId)) row.recordIds = [...row.recordIds, recordId];
    });
}

/** Held contents that do not wait to be sent, the longest unused first. */
async function spare(store: LocalStore): Promise<FileRow[]> {
  const waiting = new Set((await store.uploads.toArray()).map(({ sha256 }) => sha256));
  return (await store.files.orderBy('usedAt').toArray()).filter(({ sha256 }) => !waiting.has(sha256));
}

/** Removes the longest unused contents until at most this many bytes are held; answers how many bytes went. */
export async function trimHeld(store: LocalStore, most: number = HELD_BYTES_MAX): Promise<number> {
  return store.transaction('rw', store.files, store.contents, store.uploads, async () => {
    const rows = await spare(store);
    let bytes = rows.reduce((sum, { size }) => sum + size, 0);
    const before = bytes;
    const gone: string[] = [];
    for (const { sha256, size } of rows) {
      if (bytes <= most) break;
      gone.push(sha256);
      bytes -= size;
    }
    await dropHeld(store, gone);
    return before - bytes;
  });
}

/**
 * Removes contents that no record on this device names any more, such as those of records that its user may not see now
 * (SYN-7). What lies in the trash still names its file; what waits to be sent stays until a person decides.
 */
export async function dropUnnamed(desk: Desk, collection: string): Promise<void> {
  const rows = await spare(desk.local);
  if (rows.length === 0) return;
  const states = await storedStates(desk, collection, [...new Set(rows.flatMap(({ recordIds }) => recordIds))]);
  const isNamed = ({ sha256, recordIds }: FileRow): boolean =>
    recordIds.some((id) => (states.get(id) as Record<string, unknown> | undefined)?.['sha256'] === sha256);
  await dropHeld(
    desk.local,
    rows.filter((row) => !isNamed(row)).map(({ sha256 }) => sha256),
  );
}

/** Hashes of the contents that are on this device. */
export function observeHeld(store: LocalStore): Live<ReadonlySet<string>> {
  return makeLive<ReadonlySet<string>>(new Set(), (set) => {
    const sub = liveQuery(() => store.files.toCollection().primaryKeys()).subscribe((hashes) => set(new Set(hashes)));
    return () => sub.unsubscribe();
  });
}
