import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import type { RxStorage, RxStorageInstance } from 'rxdb';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { describe, expect, it } from 'vitest';
import type { Port, StorageKey } from '../../../../../renderer/data/storage/host/border.ts';
import { getRxStorageRemote } from '../../../../../renderer/data/storage/host/remote-storage.ts';
import { StorageServer } from '../../../../../renderer/data/storage/host/serve-storage.ts';
import { getRxStoragePacked } from '../../../../../renderer/data/storage/packed-storage.ts';
import { until } from '../../desk-kit.ts';
import { byId, changeOf, freshName, idsOf, insertOf, openInstance, record, refusals, write } from '../../storage-contract/contract-kit.ts';
import { inProcessWorker } from '../../storage-contract/in-process-worker.ts';

Object.assign(Dexie.dependencies, { indexedDB, IDBKeyRange });
const dexie = (): RxStorage<unknown, unknown> => getRxStorageDexie();

/** Dexie whose writes are done, but whose answers to them wait until they are let go. */
function answersLate(): { readonly storage: RxStorage<unknown, unknown>; readonly written: () => number } {
  const under = dexie();
  let written = 0;
  const storage: RxStorage<unknown, unknown> = {
    name: under.name,
    rxdbVersion: under.rxdbVersion,
    async createStorageInstance(params) {
      const instance = await under.createStorageInstance(params);
      const write: RxStorageInstance<never, unknown, unknown>['bulkWrite'] = async (rows, context) => {
        await instance.bulkWrite(rows, context);
        written += 1;
        return new Promise(() => undefined);
      };
      return new Proxy(instance, {
        get: (of, key) => (key === 'bulkWrite' ? write : (Reflect.get(of, key) as unknown)),
      });
    },
  };
  return { storage, written: () => written };
}

describe('a storage behind a worker', () => {
  it('tells each window of the writes of the others, and of its own', async () => {
    const worker = inProcessWorker(dexie);
    const database = freshName();
    const windows = await Promise.all([1, 2, 3].map(() => openInstance(worker.window(), { database })));
    const heard = windows.map(record);
    for (const [i, instance] of windows.entries()) await write(instance, [insertOf(`of-${i}`)]);
    await until('all to hear all', () => heard.every(({ bulks }) => bulks.length === 3));
    for (const { bulks } of heard) {
      expect(bulks.map((bulk) => bulk.events.map((event) => event.documentId))).toEqual([['of-0'], ['of-1'], ['of-2']]);
      expect(bulks.flatMap((bulk) => bulk.events.map((event) => event.documentData.name))).toEqual([
        'name of of-0',
        'name of of-1',
        'name of of-2',
      ]);
    }
    for (const instance of windows) await instance.close();
  });

  it('does not send a window the documents back that it wrote', async () => {
    const server = new StorageServer({ storage: dexie() });
    const { port1, port2 } = new MessageChannel();
    server.serve(port2);
    port2.start();
    port1.start();
    let returned = '';
    port1.addEventListener('message', ({ data }) => (returned += JSON.stringify(data)));
    const storage = getRxStorageRemote({ connect: () => ({ port: port1, onFailure: () => undefined, close: () => port1.close() }) });
    const instance = await openInstance(storage);
    const heard = record(instance);
    const [a] = await write(instance, [insertOf('a', { memo: 'a long memo' })]);
    if (a) await write(instance, [changeOf(a, { name: 'other' })]);
    expect(heard.bulks.flatMap(({ events }) => events.map((event) => event.documentData.memo))).toEqual(['a long memo', 'a long memo']);
    expect(heard.bulks[1]?.events[0]?.previousDocumentData).toStrictEqual(a);
    expect(returned).toContain('own-events');
    expect(returned).not.toContain('a long memo');
    await instance.close();
  });

  it('hands over the name, code and words of what went wrong', async () => {
    const under = dexie();
    const full = Object.assign(new Error('The disk is full.'), { name: 'StorageFault', code: 'disk_full' });
    const storage: RxStorage<unknown, unknown> = {
      ...under,
      createStorageInstance: async (params) => {
        const instance = await under.createStorageInstance(params);
        return Object.assign(instance, { bulkWrite: () => Promise.reject(full) });
      },
    };
    const instance = await openInstance(inProcessWorker(() => storage).window());
    await expect(instance.bulkWrite([insertOf('a')], 'test')).rejects.toMatchObject({ code: 'disk_full', message: 'The disk is full.' });
    await instance.close();
  });

  it('passes on what the engine has to say, to windows that come later as well unless it is of the moment', async () => {
    const worker = inProcessWorker(dexie);
    const notices: unknown[] = [];
    const instance = await openInstance(worker.window((notice) => notices.push(notice)));
    const lasting = { kind: 'damage', ids: ['a'] };
    const passing = { kind: 'moving', done: 1 };
    worker.server().notify(lasting);
    worker.server().tell(passing);
    await until('the notices', () => notices.length === 2);
    expect(notices).toEqual([lasting, passing]);
    const later: unknown[] = [];
    const other = await openInstance(worker.window((notice) => later.push(notice)));
    expect(later).toEqual([lasting]);
    await other.close();
    await instance.close();
  });

  it('refuses to open one version of a collection with two schemas', async () => {
    const worker = inProcessWorker(dexie);
    const database = freshName();
    const instance = await openInstance(worker.window(), { database });
    const other = { ...instance.schema, indexes: [] };
    const params = { databaseInstanceToken: 't', databaseName: database, collectionName: 'animals', options: {}, multiInstance: true };
    await expect(worker.window().createStorageInstance({ ...params, schema: other, devMode: false })).rejects.toMatchObject({
      code: 'schema_differs',
    });
    await instance.close();
  });
});

describe('the death of a worker', () => {
  it('is not noticed by who asks again: the next worker goes on with what is stored', async () => {
    const worker = inProcessWorker(dexie);
    const instance = await openInstance(worker.window());
    const [a] = await write(instance, [insertOf('a')]);
    await worker.die();
    if (a) await write(instance, [changeOf(a, { name: 'later' })]);
    expect((await byId(instance, 'a'))?.name).toBe('later');
    expect(worker.started()).toBe(2);
    await instance.close();
  });

  it('takes no write along that it had been given, stored or not', async () => {
    const late = answersLate();
    let first = true;
    const worker = inProcessWorker(() => {
      const storage = first ? late.storage : dexie();
      first = false;
      return storage;
    });
    const instance = await openInstance(worker.window());
    const heard = record(instance);
    const under = instance.bulkWrite([insertOf('a'), insertOf('b')], 'test');
    await until('the write to reach the disk', () => late.written() === 1);
    const lateComer = instance.bulkWrite([insertOf('c')], 'test');
    await worker.die();
    expect(refusals(await under)).toEqual([]);
    expect(refusals(await lateComer)).toEqual([]);
    expect(await idsOf(instance, { selector: {} })).toEqual(['a', 'b', 'c']);
    await until('all to be told', () => new Set(heard.bulks.flatMap(({ events }) => events.map((event) => event.documentId))).size === 3);
    await instance.close();
  });

  it('still refuses a repeated write whose document was taken by another', async () => {
    const late = answersLate();
    let first = true;
    const worker = inProcessWorker(() => {
      const storage = first ? late.storage : dexie();
      first = false;
      return storage;
    });
    const database = freshName();
    const [one, two] = [await openInstance(worker.window(), { database }), await openInstance(worker.window(), { database })];
    const taken = two.bulkWrite([insertOf('a', { name: 'of two' })], 'test');
    await until('the first write', () => late.written() === 1);
    const refused = one.bulkWrite([insertOf('a', { name: 'of one' })], 'test');
    await until('the second write', () => late.written() === 2);
    await worker.die();
    expect(refusals(await taken)).toEqual([]);
    expect(refusals(await refused)).toEqual(['a 409']);
    expect((await byId(one, 'a'))?.name).toBe('of two');
    await one.close();
    await two.close();
  });

  it('tells a window what others wrote while nobody told it', async () => {
    const worker = inProcessWorker(dexie);
    const database = freshName();
    const instance = await openInstance(worker.window(), { database });
    const heard = record(instance);
    const now = Date.now();
    await worker.die();
    // Another window finds the next worker first.
    const other = await openInstance(worker.window(), { database });
    const row = insertOf('missed');
    await write(other, [{ document: { ...row.document, _meta: { lwt: now } } }]);
    await until('the missed write', () => heard.bulks.some(({ events }) => events.some((event) => event.documentId === 'missed')));
    await instance.close();
    await other.close();
  });

  it('gives up with words when no worker can be started', async () => {
    const dead: Port = { postMessage: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined };
    let tried = 0;
    const storage = getRxStorageRemote({
      connect: () => {
        tried += 1;
        return { port: dead, onFailure: (listener) => queueMicrotask(() => listener('the script is missing')), close: () => undefined };
      },
    });
    await expect(openInstance(storage)).rejects.toMatchObject({ code: 'no_worker' });
    expect(tried).toBe(5);
  });
});

describe('the owner of a database', () => {
  it('is one worker: a second one is refused in words, and let in when the first has closed', async () => {
    const database = freshName();
    const first = await openInstance(inProcessWorker(dexie).window(), { database });
    const second = inProcessWorker(dexie, { patience: 50 });
    await expect(openInstance(second.window(), { database })).rejects.toMatchObject({ code: 'held_elsewhere' });
    await first.close();
    const later = await openInstance(second.window(), { database });
    await later.close();
  });

  it('prepares a database once, before the first collection of it, and says why if that fails', async () => {
    const prepared: string[] = [];
    const database = freshName();
    const worker = inProcessWorker(dexie, {
      prepare(name) {
        prepared.push(name);
        return prepared.length === 1 ? Promise.reject(Object.assign(new Error('Not yet.'), { code: 'early' })) : Promise.resolve();
      },
    });
    await expect(openInstance(worker.window(), { database })).rejects.toMatchObject({ code: 'early', message: 'Not yet.' });
    const open = await Promise.all(['one', 'two'].map((collection) => openInstance(worker.window(), { database, collection })));
    expect(prepared).toEqual([database, database]);
    for (const instance of open) await instance.close();
  });

  it('lets go of what a window had open that is gone without a word', async () => {
    const database = freshName();
    const worker = inProcessWorker(dexie);
    const { port1, port2 } = new MessageChannel();
    worker.server().serve(port2);
    port2.start();
    port1.start();
    let gone = (): void => undefined;
    const life = `life-of-${database}`;
    void navigator.locks.request(life, () => new Promise<void>((end) => (gone = end)));
    const opening = {
      databaseName: database,
      collectionName: 'animals',
      schema: (await openInstance(dexie())).schema,
      options: {},
      devMode: false,
    };
    const opened = new Promise((done) => port1.addEventListener('message', done));
    port1.postMessage([
      { kind: 'hello', border: '', life },
      { kind: 'request', id: 1, place: 'p', method: 'open', asked: opening },
    ]);
    await opened;
    gone();
    const other = await openInstance(inProcessWorker(dexie).window(), { database });
    expect(other.databaseName).toBe(database);
    await other.close();
    port1.close();
  });
});

describe('a key for encryption at rest', () => {
  const makeKey = async (id: string): Promise<StorageKey> => ({
    id,
    key: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
  });
  const packedWorker = () =>
    inProcessWorker(() => getRxStoragePacked(), { withKey: (key) => getRxStoragePacked({ key, encryptExisting: true }) });

  it('is one for all windows of a database, and another one is refused while that is open', async () => {
    const worker = packedWorker();
    const database = freshName();
    const key = await makeKey('a');
    const windows = await Promise.all([1, 2].map(() => openInstance(worker.window(undefined, key), { database })));
    const [first, second] = windows;
    if (first) await write(first, [insertOf('a')]);
    expect(await (second && idsOf(second, { selector: {} }))).toEqual(['a']);
    const [other, none] = [worker.window(undefined, await makeKey('b')), worker.window()];
    await expect(openInstance(other, { database })).rejects.toMatchObject({ code: 'wrong_key' });
    await expect(openInstance(none, { database })).rejects.toMatchObject({ code: 'wrong_key' });
    for (const instance of windows) await instance.close();
    await expect(openInstance(none, { database })).rejects.toMatchObject({ code: 'key_missing' });
    await expect(openInstance(other, { database })).rejects.toMatchObject({ code: 'wrong_key' });
  });

  it('goes along to the worker that follows one that died', async () => {
    const worker = packedWorker();
    const instance = await openInstance(worker.window(undefined, await makeKey('a')));
    await write(instance, [insertOf('a')]);
    await worker.die();
    await write(instance, [insertOf('b')]);
    expect(await idsOf(instance, { selector: {} })).toEqual(['a', 'b']);
    await instance.close();
  });

  it('is refused by a worker that knows no encryption', async () => {
    const storage = inProcessWorker(dexie).window(undefined, await makeKey('a'));
    await expect(openInstance(storage)).rejects.toMatchObject({ code: 'key_unexpected' });
  });
});
