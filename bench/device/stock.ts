/// <reference lib="dom" />
/**
 * The baseline in the browser: RxDB 15 on its Dexie storage with rxdb-server's own replication plugin. Bundled with `rxdb`
 * resolved to `rxdb-stock`, so that both packages are those that were built for each other.
 */
import { rxSchema } from '../../domain/entity/rx-schema.ts';
import { location } from '../../domain/location/location.entity.ts';
import { COLLECTION, SCHEMA_VERSION } from '../documents.ts';
import { type DevicePage, type QueryableCollection, heapMegabytes, measureOpen, publish, watchTasks } from './measured.ts';
import * as core from 'rxdb-stock';
import * as dexie from 'rxdb-stock/plugins/storage-dexie';
import * as client from 'rxdb-server/plugins/replication-server';

/** The few calls used; the types of the two packages name different versions of RxDB. */
interface Stock {
  createRxDatabase(options: { name: string; storage: unknown; multiInstance: boolean; allowSlowCount: boolean }): Promise<{
    addCollections(collections: Record<string, { schema: unknown }>): Promise<Record<string, QueryableCollection>>;
    destroy(): Promise<unknown>;
  }>;
}
interface StockClient {
  replicateServer(options: Record<string, unknown>): {
    awaitInitialReplication(): Promise<void>;
    cancel(): Promise<unknown>;
    error$: { subscribe(listener: (error: Error) => void): unknown };
  };
}
const { createRxDatabase } = core as unknown as Stock;
const { replicateServer } = client as unknown as StockClient;
const { getRxStorageDexie } = dexie as unknown as { getRxStorageDexie(options: object): unknown };

const openStock = async (name: string) => {
  const database = await createRxDatabase({
    name,
    storage: getRxStorageDexie({ chromeTransactionDurability: 'strict' }),
    multiInstance: false,
    allowSlowCount: true,
  });
  const collections = await database.addCollections({ [COLLECTION]: { schema: rxSchema(location) } });
  const collection = collections[COLLECTION];
  if (!collection) throw new Error('the collection did not open');
  return { database, collection };
};

/** Pushes of 30 rows, because express refuses bodies over 100 kB. */
const replicate = (collection: QueryableCollection, origin: string) =>
  replicateServer({
    collection,
    replicationIdentifier: 'stock',
    url: `${origin}/${COLLECTION}/${SCHEMA_VERSION}`,
    pull: { batchSize: 500 },
    push: { batchSize: 30 },
    live: false,
    waitForLeadership: false,
  });
async function replicateOnce(collection: QueryableCollection, origin: string): Promise<void> {
  const replication = replicate(collection, origin);
  const failed = new Promise<never>((_, reject) => replication.error$.subscribe(reject));
  await Promise.race([replication.awaitInitialReplication(), failed]);
  await replication.cancel();
}
async function checkCount(collection: QueryableCollection, expected: number): Promise<number> {
  const documents = await collection.count({ selector: {} }).exec();
  if (documents !== expected) throw new Error(`the device holds ${documents} documents instead of ${expected}`);
  return documents;
}

let away: { readonly collection: QueryableCollection; readonly origin: string } | undefined;
const still = () => {
  if (!away) throw new Error('the device has not left yet');
  return away;
};

publish<DevicePage>({
  async firstSync({ name, origin, expected }) {
    const { database, collection } = await openStock(name);
    const tasks = watchTasks();
    const from = performance.now();
    await replicateOnce(collection, origin);
    const seconds = (performance.now() - from) / 1000;
    const longestTask = tasks.longest();
    tasks.stop();
    const heap = heapMegabytes();
    const documents = await checkCount(collection, expected);
    await database.destroy();
    return { documents, seconds, longestTask, heap };
  },
  open: (order) => measureOpen(async () => (await openStock(order.name)).collection, order),
  async leave({ name, origin, expected }) {
    const { collection } = await openStock(name);
    await replicateOnce(collection, origin);
    await checkCount(collection, expected);
    away = { collection, origin };
  },
  async edit(ids, mark) {
    const { collection } = still();
    for (const [i, id] of ids.entries()) {
      const document = (await collection.findOne(id).exec()) as { incrementalPatch(change: object): Promise<unknown> };
      await document.incrementalPatch({ fsisCircuit: `${mark}${i}`, w: `${mark}${i}` });
    }
  },
  async comeBack() {
    const { collection, origin } = still();
    const tasks = watchTasks();
    const from = performance.now();
    await replicateOnce(collection, origin);
    const seconds = (performance.now() - from) / 1000;
    const longestTask = tasks.longest();
    tasks.stop();
    return { seconds, longestTask };
  },
});
