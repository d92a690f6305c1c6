import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import {
  INTERNAL_STORE_SCHEMA,
  type RxCollection,
  type RxDatabase,
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorage,
  createRxDatabase,
  normalizeMangoQuery,
  prepareQuery,
} from 'rxdb';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { describe, expect, it, vi } from 'vitest';
import { type Moving, moveFromDexie } from '../../../../../renderer/data/storage/host/move-from-dexie.ts';
import { getRxStoragePacked } from '../../../../../renderer/data/storage/packed-storage.ts';
import { makeEngineRegistry } from '../../../../../renderer/data/storage/registry.ts';
import { freshName } from '../../storage-contract/contract-kit.ts';

Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange });

interface Note {
  readonly id: string;
  readonly text: string;
  readonly done: boolean;
}
const notes: RxJsonSchema<Note> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 40 }, text: { type: 'string', maxLength: 100 }, done: { type: 'boolean' } },
  required: ['id', 'text', 'done'],
  indexes: ['text', ['done', 'text']],
};
type Any = RxDocumentData<unknown>;
type Storage = RxStorage<unknown, unknown>;

const open = async (name: string, storage: Storage): Promise<{ db: RxDatabase; notes: RxCollection<Note> }> => {
  const db = await createRxDatabase({ name, storage, multiInstance: false });
  const { notes: collection } = await db.addCollections({ notes: { schema: notes } });
  if (!collection) throw new Error('the collection did not open');
  return { db, notes: collection as unknown as RxCollection<Note> };
};

/** A server that remembers what it was asked. */
function server() {
  const pushed: string[][] = [];
  const pulledFrom: unknown[] = [];
  const replicate = (collection: RxCollection<Note>) =>
    replicateRxCollection<Note, { at: number }>({
      replicationIdentifier: 'server',
      collection,
      live: false,
      pull: {
        handler: (checkpoint) => {
          pulledFrom.push(checkpoint);
          const documents = checkpoint
            ? []
            : Array.from({ length: 5 }, (_, i) => ({ id: `server-${i}`, text: `text ${i}`, done: i % 2 === 0, _deleted: i === 4 }));
          return Promise.resolve({ documents, checkpoint: { at: 5 } });
        },
      },
      push: {
        handler: (rows) => {
          pushed.push(rows.map((row) => row.newDocumentState.id).toSorted());
          return Promise.resolve([]);
        },
      },
    });
  return { pushed, pulledFrom, replicate };
}

/** An old device: synced once, then worked on without a server. */
async function oldDevice(name: string, { replicate }: ReturnType<typeof server>, more = 0): Promise<void> {
  const { db, notes: collection } = await open(name, getRxStorageDexie());
  await collection.bulkInsert(Array.from({ length: 520 + more }, (_, i) => ({ id: `own-${i}`, text: `own text ${i}`, done: false })));
  await replicate(collection).awaitInitialReplication();
  await collection.insert({ id: 'waiting', text: 'typed offline', done: true });
  await (await collection.findOne('server-1').exec())?.incrementalPatch({ text: 'changed offline' });
  await (await collection.findOne('own-3').exec())?.remove();
  await db.close();
}

/** Every stored row of every instance that the internal store names, as the storage gives it. */
async function everything(name: string, storage: Storage): Promise<Record<string, Any[]>> {
  const found: Record<string, Any[]> = {};
  const read = async (collectionName: string, schema: RxJsonSchema<Any>): Promise<Any[]> => {
    const instance = await storage.createStorageInstance<unknown>({
      databaseInstanceToken: `read-${name}`,
      databaseName: name,
      collectionName,
      schema,
      options: {},
      multiInstance: false,
      devMode: false,
    });
    const key = typeof schema.primaryKey === 'string' ? schema.primaryKey : schema.primaryKey.key;
    const all = normalizeMangoQuery<unknown>(schema, { selector: {}, sort: [{ [key]: 'asc' }] } as never);
    const { documents } = await instance.query(prepareQuery(schema, all));
    await instance.close();
    return documents;
  };
  const internal = await read('_rxdb_internal', INTERNAL_STORE_SCHEMA as RxJsonSchema<Any>);
  found['_rxdb_internal'] = internal;
  for (const row of internal as unknown as { context: string; data: Collection }[]) {
    if (row.context !== 'collection') continue;
    for (const { collectionName, schema } of [{ collectionName: row.data.name, schema: row.data.schema }, ...row.data.connectedStorages])
      found[collectionName] = await read(collectionName, schema);
  }
  return found;
}
interface Collection {
  readonly name: string;
  readonly schema: RxJsonSchema<Any>;
  readonly connectedStorages: readonly { readonly collectionName: string; readonly schema: RxJsonSchema<Any> }[];
}
const oldNames = async (name: string): Promise<string[]> =>
  (await indexedDB.databases()).flatMap((one) => one.name ?? []).filter((one) => one.startsWith(`rxdb-dexie-${name}--`));
const packed = (): Storage => getRxStoragePacked({ registry: makeEngineRegistry() });

/** A storage whose n-th write fails, as if the process had ended there: before it, or after it was stored. */
function dyingStorage(under: Storage, n: number, after: boolean): Storage {
  let left = n;
  return {
    ...under,
    async createStorageInstance(params) {
      const instance = await under.createStorageInstance(params);
      const write: typeof instance.bulkWrite = async (rows, context) => {
        left -= 1;
        if (left === 0 && !after) throw new Error('killed');
        const answer = await instance.bulkWrite(rows, context);
        if (left === 0) throw new Error('killed');
        return answer;
      };
      return new Proxy(instance, {
        get: (of, key) => {
          const value: unknown = key === 'bulkWrite' ? write : Reflect.get(of, key);
          return typeof value === 'function' ? (value.bind(of) as unknown) : value;
        },
      });
    },
  };
}

describe('moving from the Dexie storage', () => {
  it('takes every row along as it is: revisions, tombstones, checkpoints, what waits', async () => {
    const name = freshName();
    await oldDevice(name, server());
    const before = await everything(name, getRxStorageDexie());
    expect(Object.keys(before)).toHaveLength(3);
    const storage = packed();
    await moveFromDexie(name, storage);
    expect(await everything(name, storage)).toEqual(before);
    expect(before['notes']).toHaveLength(526);
    expect(await oldNames(name)).toEqual([]);
  });

  it('says how far it is, from nothing to all rows, also of what an earlier run had copied', async () => {
    const name = freshName();
    await oldDevice(name, server());
    const rows = Object.values(await everything(name, getRxStorageDexie())).flat().length;
    const storage = packed();
    const broken: Moving[] = [];
    await expect(moveFromDexie(name, dyingStorage(storage, 2, true), (moving) => broken.push(moving))).rejects.toMatchObject({
      message: 'killed',
    });
    expect(broken).toEqual([0, 500].map((done) => ({ done, total: rows })));
    const heard: Moving[] = [];
    await moveFromDexie(name, storage, (moving) => heard.push(moving));
    expect(heard.slice(0, 3)).toEqual([0, 500, 526].map((done) => ({ done, total: rows })));
    expect(heard.at(-1)).toEqual({ done: rows, total: rows });
  });

  it('lets replication go on where it was: nothing is pulled again, and only what waited is pushed', async () => {
    const name = freshName();
    const remote = server();
    await oldDevice(name, remote);
    const storage = packed();
    await moveFromDexie(name, storage);
    remote.pushed.length = 0;
    remote.pulledFrom.length = 0;
    const { db, notes: collection } = await open(name, storage);
    expect(await collection.count().exec()).toBe(524);
    await remote.replicate(collection).awaitInitialReplication();
    expect(remote.pulledFrom).toEqual([{ at: 5 }]);
    expect(remote.pushed.flat().toSorted()).toEqual(['own-3', 'server-1', 'waiting']);
    await db.close();
  });

  it('does nothing on a device without old records, nor a second time', async () => {
    const name = freshName();
    const storage = packed();
    const moved: Moving[] = [];
    await moveFromDexie(name, storage, (moving) => moved.push(moving));
    expect(moved).toEqual([]);
    await oldDevice(name, server());
    await moveFromDexie(name, storage);
    const { db, notes: collection } = await open(name, storage);
    await collection.insert({ id: 'after', text: 'written after the move', done: false });
    await db.close();
    await moveFromDexie(name, storage, (moving) => moved.push(moving));
    expect(moved).toEqual([]);
    const again = await open(name, storage);
    expect(await again.notes.findOne('after').exec()).not.toBeNull();
    await again.db.close();
  });

  it('begins again wherever it was killed, and ends with the same rows', async () => {
    const name = freshName();
    await oldDevice(name, server(), 600);
    const before = await everything(name, getRxStorageDexie());
    let died = 0;
    for (let n = 1; ; n += 1) {
      const storage = packed();
      try {
        await moveFromDexie(name, dyingStorage(storage, n, n % 2 === 0));
        expect(await everything(name, storage)).toEqual(before);
        break;
      } catch (error) {
        expect(error).toMatchObject({ message: 'killed' });
        died += 1;
        expect(await oldNames(name)).toContain(`rxdb-dexie-${name}--0--_rxdb_internal`);
      }
    }
    expect(died).toBeGreaterThan(5);
    expect(await oldNames(name)).toEqual([]);
  });

  it('clears away what a death after the switch left, without looking into it', async () => {
    const name = freshName();
    await oldDevice(name, server());
    const storage = packed();
    await moveFromDexie(name, storage);
    const after = await everything(name, storage);
    const rest = new Dexie(`rxdb-dexie-${name}--0--notes`);
    rest.version(1).stores({ docs: 'id' });
    await rest.table('docs').put({ id: 'old', text: 'must not come back' });
    rest.close();
    await moveFromDexie(name, storage);
    expect(await everything(name, storage)).toEqual(after);
    expect(await oldNames(name)).toEqual([]);
  });

  it('shuts out a window of an older version, open or opened later', async () => {
    const name = freshName();
    await oldDevice(name, server());
    const older = await open(name, getRxStorageDexie());
    const storage = packed();
    await expect(moveFromDexie(name, dyingStorage(storage, 1, false))).rejects.toMatchObject({ message: 'killed' });
    await expect(older.notes.insert({ id: 'lost', text: 'nobody would read this', done: false })).rejects.toBeInstanceOf(Error);
    await moveFromDexie(name, storage);
    expect((await everything(name, storage))['notes']).toHaveLength(526);
  });

  it('does not take a browser that cannot reach its files yet for one that has nothing to move', async () => {
    const name = freshName();
    await oldDevice(name, server());
    const storage = packed();
    const opening = vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
      listing.mockRestore();
      opening.mockRestore();
      const request: { error: DOMException; onerror?: () => void } = { error: new DOMException('Internal error', 'UnknownError') };
      queueMicrotask(() => request.onerror?.());
      return request as unknown as IDBOpenDBRequest;
    });
    const listing = vi.spyOn(indexedDB, 'databases').mockResolvedValue([]);
    await moveFromDexie(name, storage);
    expect((await everything(name, storage))['notes']).toHaveLength(526);
  });
});
