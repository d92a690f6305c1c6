/**
 * Which storage the desk stands on. Packed pages in a worker that all windows share, unless told otherwise; RxDB's Dexie
 * storage in the window's own thread remains for comparison. A device that had its records in the Dexie storage takes them
 * along the first time it opens without being told to stay there.
 */
import type { RxStorage } from 'rxdb';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { DeskFault } from './desk-fault.ts';
import { type LocalStore, dexieSettings, loadSetting, saveSetting } from './local-store.ts';
import { workerConnection } from './storage/host/connect-worker.ts';
import { type Moving, moveFromDexie } from './storage/host/move-from-dexie.ts';
import { getRxStorageRemote } from './storage/host/remote-storage.ts';
import type { Damage, OnDamage } from './storage/fault.ts';
import type { StorageKey } from './storage/host/border.ts';
import { getRxStoragePacked } from './storage/packed-storage.ts';

export type StorageKind = 'packed' | 'dexie';
export const isStorageKind = (value: unknown): value is StorageKind => value === 'packed' || value === 'dexie';

const KIND = 'storage.kind';

/** Remembers what holds the records. Throws DeskFault for a device whose records would be left behind. */
async function settle(local: LocalStore, kind: StorageKind): Promise<void> {
  const stored = await loadSetting(local, KIND);
  if (stored === 'packed' && kind === 'dexie') {
    throw new DeskFault(
      'storage_choice',
      'The records on this device are in packed pages, and the way back to the Dexie storage is not built. Open Drover without choosing a storage.',
    );
  }
  if (stored !== kind) await saveSetting(local, KIND, kind);
}

export interface StorageListeners {
  /** Hears of what on the disk cannot be read, once it is found. */
  readonly onDamage: OnDamage;
  /** Hears how far records are that are being moved from the Dexie storage. */
  readonly onMoving: (moving: Moving) => void;
}

/** Hands on what the worker tells, which is of the same build. */
function hear(notice: unknown, { onDamage, onMoving }: StorageListeners): void {
  if (typeof notice !== 'object' || notice === null) return;
  if ('damage' in notice) onDamage(notice.damage as Damage);
  if ('moving' in notice) onMoving(notice.moving as Moving);
}

/** The storage of this desk. With a key, packed pages are encrypted. */
export async function storageOf(
  local: LocalStore,
  name: string,
  kind: StorageKind,
  listeners: StorageListeners,
  key?: StorageKey,
): Promise<RxStorage<unknown, unknown>> {
  await settle(local, kind);
  if (kind === 'dexie') return getRxStorageDexie(dexieSettings);
  const connect = workerConnection();
  if (connect) {
    return getRxStorageRemote({ connect, onNotice: (notice) => hear(notice, listeners), ...(key ? { key } : {}) });
  }
  const storage = getRxStoragePacked({ onDamage: listeners.onDamage, ...(key ? { key: key.key, encryptExisting: true } : {}) });
  await moveFromDexie(name, storage, listeners.onMoving);
  return storage;
}
