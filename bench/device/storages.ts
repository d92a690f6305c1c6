/// <reference lib="dom" />
/** Storages side by side, below RxDB: the same documents, indexes and questions for each. */
import {
  type MangoQuery,
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorage,
  type RxStorageInstance,
  fillWithDefaultSettings,
  normalizeMangoQuery,
  prepareQuery,
} from 'rxdb';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { rxSchema } from '../../domain/entity/rx-schema.ts';
import { location } from '../../domain/location/location.entity.ts';
import type { StorageKey } from '../../renderer/data/storage/host/border.ts';
import { workerConnection } from '../../renderer/data/storage/host/connect-worker.ts';
import { getRxStorageRemote } from '../../renderer/data/storage/host/remote-storage.ts';
import { getRxStoragePacked } from '../../renderer/data/storage/packed-storage.ts';
import { type BenchDocument, benchDocument } from '../documents.ts';
import { publish, watchTasks } from './measured.ts';
import type { AskOrder, Answered, FillOrder, Filled, Kind, Question, StorageKind, StoragesPage } from './storages-measured.ts';

type Document = Omit<BenchDocument, '_deleted'>;
type Stored = RxDocumentData<Document>;
type Instance = RxStorageInstance<Document, unknown, unknown>;
const schema = fillWithDefaultSettings(rxSchema(location) as never) as unknown as RxJsonSchema<Stored>;

/** Any key will do, as long as a restart finds the same one. */
const benchKey = async (): Promise<StorageKey> => ({
  id: 'bench',
  key: await crypto.subtle.importKey('raw', new Uint8Array(32).fill(7), 'AES-GCM', false, ['encrypt', 'decrypt']),
});

async function storageOf(kind: StorageKind): Promise<RxStorage<unknown, unknown>> {
  switch (kind) {
    case 'worker':
    case 'sealed': {
      const connect = workerConnection();
      if (!connect) throw new Error('this browser has no workers');
      return getRxStorageRemote(kind === 'sealed' ? { connect, key: await benchKey() } : { connect });
    }
    case 'window':
      return getRxStoragePacked();
    case 'dexie':
      return getRxStorageDexie({ chromeTransactionDurability: 'strict' });
    case 'memory':
      return getRxStorageMemory();
  }
}
const openInstance = async (kind: StorageKind): Promise<Instance> =>
  (await storageOf(kind)).createStorageInstance<Document>({
    databaseInstanceToken: 'bench',
    databaseName: `bench-${kind}`,
    collectionName: 'locations',
    schema,
    options: {},
    multiInstance: false,
    devMode: false,
  });

const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
};
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

let clock = Date.now();
const storedOf = (run: number, i: number): Stored => ({
  ...benchDocument(run, i),
  _attachments: {},
  _rev: '1-bench',
  _meta: { lwt: (clock += 1) },
});

/** A way to write a batch durably. */
interface Writer {
  write(documents: readonly Stored[]): Promise<void>;
  lookup?(id: string): Promise<void>;
}
const done = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
  });

async function rawWriter(packed: boolean, name = packed ? 'raw-packed' : 'raw'): Promise<Writer> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore('rows', packed ? { autoIncrement: true } : { keyPath: 'id' });
      if (packed) return;
      for (const index of rxSchema(location).indexes) store.createIndex(String(index), typeof index === 'string' ? index : [...index]);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB did not open'));
  });
  return {
    async write(documents) {
      const transaction = database.transaction('rows', 'readwrite', { durability: 'strict' });
      const store = transaction.objectStore('rows');
      if (packed) store.put(JSON.stringify(documents));
      else for (const document of documents) store.put(document);
      await done(transaction);
    },
  };
}
async function storageWriter(kind: StorageKind): Promise<Writer> {
  const instance = await openInstance(kind);
  return {
    async write(documents) {
      const { error } = await instance.bulkWrite(
        documents.map((document) => ({ document })),
        'bench',
      );
      if (error.length > 0) throw new Error(`refused: ${JSON.stringify(error[0]).slice(0, 300)}`);
    },
    async lookup(id) {
      const found = await instance.findDocumentsById([id], false);
      if (found.length !== 1) throw new Error(`${id} is not there`);
    },
  };
}
const writerOf = (kind: Kind): Promise<Writer> =>
  kind === 'raw' || kind === 'raw-packed' ? rawWriter(kind === 'raw-packed') : storageWriter(kind);

/** Looks one document up again and again; the answer says how long that took. */
function lookups({ lookup }: Writer, id: string): () => Promise<number[]> {
  const times: number[] = [];
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped && lookup) {
      const from = performance.now();
      await lookup(id);
      times.push(performance.now() - from);
      await pause(20);
    }
  };
  const running = run();
  return async () => {
    stopped = true;
    await running;
    return times;
  };
}

/** Single writes, each followed by the same document in IndexedDB itself: a busy disk is as busy for the one as for the other. */
async function singleWrites(writer: Writer, count: number): Promise<Pick<Filled, 'single50' | 'single99' | 'bare50' | 'bare99'>> {
  const bare = await rawWriter(true, 'raw-in-turns');
  const single: number[] = [];
  const beside: number[] = [];
  const timed = async (by: Writer, document: Stored): Promise<number> => {
    const from = performance.now();
    await by.write([document]);
    return performance.now() - from;
  };
  for (let i = 0; i < count; i += 1) {
    const document = storedOf(2, i);
    single.push(await timed(writer, document));
    beside.push(await timed(bare, document));
  }
  return {
    single50: quantile(single, 0.5),
    single99: quantile(single, 0.99),
    bare50: quantile(beside, 0.5),
    bare99: quantile(beside, 0.99),
  };
}

async function fill({ kind, count, batch, singles }: FillOrder): Promise<Filled> {
  const writer = await writerOf(kind);
  await writer.write([storedOf(1, 0)]);
  const tasks = watchTasks();
  const looked = lookups(writer, benchDocument(1, 0).id);
  let writing = 0;
  for (let at = 1; at < count; at += batch) {
    const documents = Array.from({ length: Math.min(batch, count - at) }, (_, i) => storedOf(1, at + i));
    // Making the documents is not what is measured, and lets the window breathe.
    await pause(0);
    const from = performance.now();
    await writer.write(documents);
    writing += performance.now() - from;
  }
  const alone = await singleWrites(writer, singles);
  // Whatever is put off, such as compaction, begins when it is quiet.
  await pause(3000);
  const times = await looked();
  const longestTask = tasks.longest();
  tasks.stop();
  return {
    documentsPerSecond: (count - 1) / (writing / 1000),
    longestTask,
    ...alone,
    lookup99: quantile(times, 0.99),
    lookupMax: times.length === 0 ? Number.NaN : Math.max(...times),
  };
}

type Query = MangoQuery<Stored>;
const prepared = ({ selector = {}, ...rest }: Query) => {
  const live = { ...selector, _deleted: { $eq: false } };
  return prepareQuery<Document>(schema, normalizeMangoQuery<Document>(schema, { ...rest, selector: live }));
};
const plants = (i: number): Query => ({ selector: { kind: 'plant', status: i % 2 === 0 ? 'active' : { $ne: 'inactive' } } });

/** The questions, a little different each round. */
function questionsOf(instance: Instance, count: number): Readonly<Record<Question, (round: number) => Promise<number>>> {
  const found = async (query: Query): Promise<number> => (await instance.query(prepared(query))).documents.length;
  const id = (i: number): string => benchDocument(1, (i * 7919) % count).id;
  const est = (i: number): string => `M${10_000 + ((i * 7919) % count)}+P${10_000 + ((i * 7919) % count)}`;
  return {
    list: (i) => found({ ...plants(i), sort: [{ name: 'asc' }], limit: 50 }),
    listDown: (i) => found({ ...plants(i), sort: [{ name: 'desc' }], limit: 50 }),
    page20: (i) => found({ ...plants(i), sort: [{ name: 'asc' }], skip: 1000, limit: 50 }),
    byId: async (i) => (await instance.findDocumentsById([id(i)], false)).length,
    byIds: async (i) =>
      (
        await instance.findDocumentsById(
          Array.from({ length: 50 }, (_, n) => id(i * 50 + n)),
          false,
        )
      ).length,
    in: (i) => found({ selector: { establishment: { $in: Array.from({ length: 20 }, (_, n) => est(i * 20 + n)) } } }),
    range: (i) => found({ selector: { kind: 'plant', name: { $gte: `C${i % 10}`, $lt: 'High' } }, sort: [{ name: 'asc' }], limit: 50 }),
    prefix: (i) =>
      found({
        selector: { establishment: { $gte: `M10${i % 10}`, $lt: `M10${i % 10}\uffff` } },
        sort: [{ establishment: 'asc' }],
        limit: 50,
      } as never),
    count: async (i) => (await instance.count(prepared(plants(i)))).count,
    unindexed: (i) => found({ selector: { postalCode: '67801', size: i % 2 === 0 ? 'large' : 'small' }, limit: 50 }),
    whole: () => found({ selector: { kind: 'plant', status: 'active' }, sort: [{ name: 'asc' }] }),
  };
}

/** A question that takes long is asked fewer times, three at least. */
const SLOW_MS = 5000;

async function ask({ kind, count, rounds }: AskOrder): Promise<Answered> {
  const tasks = watchTasks();
  const from = performance.now();
  const instance = await openInstance(kind);
  const open = performance.now() - from;
  const asked = questionsOf(instance, count);
  await asked.list(0);
  const firstList = performance.now() - from;
  const times: Partial<Record<Question, { p50: number; p95: number }>> = {};
  let longestTask = tasks.longest();
  for (const [question, run] of Object.entries(asked) as [Question, (round: number) => Promise<number>][]) {
    const taken: number[] = [];
    const some = question === 'whole' ? Math.min(rounds, 3) : rounds;
    const until = performance.now() + SLOW_MS;
    for (let i = 0; i < some && (i < 3 || performance.now() < until); i += 1) {
      const start = performance.now();
      const answers = await run(i + 1);
      taken.push(performance.now() - start);
      if (answers === 0) throw new Error(`${question} found nothing`);
      await pause(0);
    }
    if (question !== 'whole') longestTask = Math.max(longestTask, tasks.longest());
    times[question] = { p50: quantile(taken, 0.5), p95: quantile(taken, 0.95) };
  }
  tasks.stop();
  return { open, firstList, longestTask, times: times as Answered['times'] };
}

publish<StoragesPage>({ fill, ask });
