/** The storages that are held to the contract. */
import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { getRxStoragePacked } from '../../../../renderer/data/storage/packed-storage.ts';
import { makeEngineRegistry } from '../../../../renderer/data/storage/registry.ts';
import type { Candidate } from './contract-kit.ts';
import { inProcessWorker } from './in-process-worker.ts';

// Dexie remembers the IndexedDB that was there when its module was loaded.
Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange });

/** Each is a process of its own: engines are shared by the storages of one registry. */
const packed = () => getRxStoragePacked({ registry: makeEngineRegistry() });
const sharing = getRxStoragePacked({ registry: makeEngineRegistry() });
const worker = inProcessWorker(packed);

export const candidates: readonly Candidate[] = [
  { name: 'memory', make: () => getRxStorageMemory(), lenient: true },
  { name: 'Dexie', make: () => getRxStorageDexie() },
  { name: 'packed', make: () => sharing },
  { name: 'packed, in a worker', make: () => worker.window() },
];
