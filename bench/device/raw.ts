/// <reference lib="dom" />
/** The floor on the device: the same documents put into bare IndexedDB with the entity's indexes, nothing above it. */
import { rxSchema } from '../../domain/entity/rx-schema.ts';
import { location } from '../../domain/location/location.entity.ts';
import { benchDocument } from '../documents.ts';
import { type RawPage, publish } from './measured.ts';

const done = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
  });

publish<RawPage>({
  async insert(count, rows) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(`raw-${count}-${rows}`, 1);
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore('documents', { keyPath: 'id' });
        for (const index of rxSchema(location).indexes) store.createIndex(String(index), typeof index === 'string' ? index : [...index]);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('IndexedDB did not open'));
    });
    const documents = Array.from({ length: count }, (_, i) => benchDocument(9, i));
    const from = performance.now();
    for (let at = 0; at < count; at += rows) {
      const transaction = database.transaction('documents', 'readwrite', { durability: 'strict' });
      const store = transaction.objectStore('documents');
      for (const document of documents.slice(at, at + rows)) store.put(document);
      await done(transaction);
    }
    const rate = count / ((performance.now() - from) / 1000);
    database.close();
    return rate;
  },
});
