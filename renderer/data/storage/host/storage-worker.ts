/** Entry of the storage worker: the engine, away from the windows' threads, for all windows of this device. */
import type { OnDamage } from '../fault.ts';
import { getRxStoragePacked } from '../packed-storage.ts';
import { moveFromDexie } from './move-from-dexie.ts';
import { StorageServer } from './serve-storage.ts';

/** At once: until then a second death costs what the first one tore. */
const freshLogAfter = 0;

const onDamage: OnDamage = (damage) => server.notify({ kind: 'damage', damage });
const server: StorageServer = new StorageServer({
  storage: getRxStoragePacked({ onDamage, freshLogAfter }),
  withKey: (key) => getRxStoragePacked({ onDamage, freshLogAfter, key, encryptExisting: true }),
  prepare: (database, storage) => moveFromDexie(database, storage, (moving) => server.tell({ kind: 'moving', moving })),
});

if ('onconnect' in globalThis) {
  globalThis.addEventListener('connect', (event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    server.serve(port);
    port.start();
  });
} else server.serve(globalThis);
