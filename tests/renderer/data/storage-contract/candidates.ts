/** The storages that are held to the contract. */
import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import type { Candidate } from './contract-kit.ts';

// Dexie remembers the IndexedDB that was there when its module was loaded.
Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange });

export const candidates: readonly Candidate[] = [
  { name: 'memory', make: () => getRxStorageMemory(), lenient: true },
  { name: 'Dexie', make: () => getRxStorageDexie() },
];
