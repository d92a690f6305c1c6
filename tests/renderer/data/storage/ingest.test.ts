import {
  type RxReplicationHandler,
  type RxStorage,
  type RxStorageInstance,
  type RxStorageInstanceReplicationState,
  type WithDeleted,
  awaitRxStorageReplicationFirstInSync,
  cancelRxStorageReplication,
  defaultHashSha256,
  getChangedDocumentsSince,
  getRxReplicationMetaInstanceSchema,
  replicateRxStorageInstance,
  setCheckpoint,
} from 'rxdb';
import { Subject } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { type IngestPage, type Ingests, ingests, pageFor } from '../../../../renderer/data/storage/ingest.ts';
import { inProcessWorker } from '../storage-contract/in-process-worker.ts';
import { arm, disarm } from './fuse.ts';
import {
  type Device,
  type Load,
  type Loads,
  type StoredLoad,
  ask,
  engineOf,
  loadSchema,
  makeDevice,
  openLoads,
  stateOf,
} from './packed-kit.ts';

const small = { pageChars: 2000, rowChars: 800, heldChars: 3000, decodedChars: 500, logChars: 6000 };
const AT = { lwt: 30, id: 'here' };
type Master = WithDeleted<Load>;
type Notes = RxStorageInstance<Record<string, unknown>, unknown, object, { id: string; lwt: number }>;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  disarm();
  for (const end of ends.splice(0).reverse()) await end();
});

const masterOf = (i: number): Master => ({
  id: `load-${i}`,
  name: `Prärie ${i} 🐄`,
  state: i % 2 === 0 ? 'draft' : 'sent',
  sealed: false,
  note: 'n'.repeat(100),
  _deleted: i % 10 === 9,
});
const masters = Array.from({ length: 30 }, (_, i) => masterOf(i));
const textOf = (documents: readonly unknown[]): string => JSON.stringify(documents);

interface Side {
  readonly loads: Loads;
  readonly notes: Notes;
  readonly state: RxStorageInstanceReplicationState<Load>;
  stop(): Promise<void>;
}
/** A replication over this storage, as RxDB sets it up, with a master that holds these. */
async function sideOf(storage: RxStorage<unknown, object>, held: readonly Master[] = []): Promise<Side> {
  const loads = await openLoads(storage);
  const notes = (await storage.createStorageInstance({
    databaseInstanceToken: 'token',
    databaseName: 'depot',
    collectionName: 'notes-of-loads',
    schema: getRxReplicationMetaInstanceSchema(loadSchema, false) as never,
    options: {},
    multiInstance: false,
    devMode: false,
  })) as unknown as Notes;
  const master: RxReplicationHandler<Load, unknown> = {
    masterChangeStream$: new Subject<never>(),
    masterChangesSince: (checkpoint) => Promise.resolve({ documents: checkpoint ? [] : structuredClone([...held]), checkpoint: AT }),
    masterWrite: () => Promise.resolve([]),
  };
  const state = replicateRxStorageInstance<Load>({
    identifier: 'depot-sync',
    skipStoringPullMeta: false,
    forkInstance: loads as never,
    metaInstance: notes as never,
    replicationHandler: master,
    pullBatchSize: 1000,
    pushBatchSize: 100,
    hashFunction: defaultHashSha256,
    conflictHandler: { isEqual: () => false, resolve: ({ realMasterState }) => Promise.resolve(realMasterState) },
  });
  await awaitRxStorageReplicationFirstInSync(state);
  return { loads, notes, state, stop: () => cancelRxStorageReplication(state) };
}
async function closed(side: Side): Promise<void> {
  if (!side.state.events.canceled.getValue()) await side.stop();
  await Promise.all([side.loads.close(), side.notes.close()]);
}
const takes = (instance: unknown): Ingests => {
  if (!ingests(instance)) throw new Error('this storage takes no pages');
  return instance;
};
const take = async ({ loads, notes, state }: Side, documents: readonly unknown[], least = 1): Promise<number> =>
  takes(loads).ingest(await pageFor(state, textOf(documents), least), notes);

/** All documents, deleted ones too, without the times at which they were written. */
const timeless = (documents: readonly object[]): unknown[] =>
  documents
    .map((one) => {
      const { _meta, ...rest } = one as StoredLoad;
      const { lwt, ...meta } = _meta;
      expect(lwt).toBeGreaterThan(1_700_000_000_000);
      return { ...rest, _meta: meta };
    })
    .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
const everything = async (instance: Loads): Promise<StoredLoad[]> => (await getChangedDocumentsSince(instance, 1000)).documents;
const all = async (side: Side): Promise<unknown> => ({
  loads: timeless(await everything(side.loads)),
  notes: timeless(await everything(side.notes as never)).filter((one) => (one as { readonly id: string }).id !== 'up|1'),
});
const counts = async ({ loads, notes }: Pick<Side, 'loads' | 'notes'>): Promise<readonly [number, number]> => {
  const noted = await everything(notes as never);
  return [
    (await everything(loads)).length,
    noted.filter((one) => (one as unknown as { isCheckpoint: string }).isCheckpoint === '0').length,
  ];
};

describe('pages that the engine takes past RxDB', () => {
  it('are written as the replication of RxDB writes them, documents, notes and checkpoint', async () => {
    const theirs = await sideOf(makeDevice().start(), masters);
    const ours = await sideOf(makeDevice().start());
    expect(await take(ours, masters)).toBe(30);
    await setCheckpoint(ours.state, 'down', AT);
    ends.push(
      () => closed(theirs),
      () => closed(ours),
    );
    expect(await counts(theirs)).toEqual([30, 30]);
    expect(await all(ours)).toEqual(await all(theirs));
  });

  it('come again from the disk as they were, by every index, also encrypted and after a compaction', async () => {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const device = makeDevice();
    const before = await sideOf(device.start({ ...small, key }));
    // The second one is packed before its turn: the collection has its number by then.
    expect(await take(before, masters.slice(0, 10))).toBe(10);
    expect(await take(before, masters.slice(10))).toBe(20);
    const written = await all(before);
    await engineOf(before.loads).compact();
    await closed(before);
    const after = await sideOf(device.start({ ...small, key }));
    ends.push(() => closed(after));
    expect(await all(after)).toEqual(written);
    const sent = await ask(after.loads, { selector: { state: 'sent', _deleted: { $eq: false } } as never, sort: [{ name: 'asc' }] });
    expect(sent.map(({ id }) => id)).toEqual(
      masters
        .filter(({ state, _deleted }) => state === 'sent' && !_deleted)
        .sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1))
        .map(({ id }) => id),
    );
    expect(device.damages).toEqual([]);
  });

  const refused: Readonly<Record<string, readonly unknown[]>> = {
    'few documents': masters.slice(0, 4),
    'a document without its key': [...masters, { ...masterOf(50), id: undefined }],
    'a document that does not say whether it is deleted': [...masters, { ...masterOf(50), _deleted: undefined }],
    'something that is no document': [...masters, null],
    'the same document twice': [...masters, masterOf(3)],
    'bookkeeping of a storage': [...masters, { ...masterOf(50), _rev: '7-theirs' }],
  };
  for (const [what, documents] of Object.entries(refused))
    it(`are left to RxDB with ${what}, and nothing is written`, async () => {
      const side = await sideOf(makeDevice().start());
      ends.push(() => closed(side));
      expect(await take(side, documents, 5)).toBe(0);
      expect(await counts(side)).toEqual([0, 0]);
    });

  it('are left to RxDB when they are no JSON', async () => {
    const side = await sideOf(makeDevice().start());
    ends.push(() => closed(side));
    const page: IngestPage = { ...(await pageFor(side.state, '[]', 0)), text: '[{"id":"load-1"' };
    expect(await takes(side.loads).ingest(page, side.notes)).toBe(0);
    expect(await counts(side)).toEqual([0, 0]);
  });

  it('are left to RxDB with a document that is held here, also one that is written at the same moment', async () => {
    const side = await sideOf(makeDevice().start());
    ends.push(() => closed(side));
    // Or it would send the write and note it.
    await side.stop();
    const own = stateOf({ id: 'load-7', name: 'my own', state: 'draft', sealed: true });
    const [write, taken] = await Promise.all([side.loads.bulkWrite([{ document: own }], 'a person'), take(side, masters)]);
    expect([write.error, taken]).toEqual([[], 0]);
    expect((await everything(side.loads)).map(({ id, name }) => [id, name])).toEqual([['load-7', 'my own']]);
    expect((await counts(side))[1]).toBe(0);
  });

  it('are left to RxDB with a document of which something was noted', async () => {
    const side = await sideOf(makeDevice().start(), [masterOf(7)]);
    ends.push(() => closed(side));
    await side.stop();
    const [stored] = await side.loads.findDocumentsById(['load-7'], true);
    if (!stored) throw new Error('the first sync brought nothing');
    const gone = { ...stateOf(stored, stored, true), _meta: { lwt: 1 } };
    expect((await side.loads.bulkWrite([{ previous: stored, document: gone }], 'a person')).error).toEqual([]);
    expect(await side.loads.cleanup?.(0)).toBe(true);
    expect(await counts(side)).toEqual([0, 1]);
    expect(await take(side, masters)).toBe(0);
    expect(await counts(side)).toEqual([0, 1]);
  });

  it('refuse a write that was decided before they came', async () => {
    const side = await sideOf(makeDevice().start());
    ends.push(() => closed(side));
    expect(await take(side, masters)).toBe(30);
    const own = stateOf({ id: 'load-7', name: 'my own', state: 'draft', sealed: true });
    const { error } = await side.loads.bulkWrite([{ document: own }], 'a person');
    expect(error.map(({ status }) => status)).toEqual([409]);
  });

  it('are told as one write of the replication, without those that came deleted', async () => {
    const side = await sideOf(makeDevice().start());
    ends.push(() => closed(side));
    const told: { readonly context: string; readonly ids: string[]; readonly documents: unknown[] }[] = [];
    side.loads
      .changeStream()
      .subscribe(({ context, events }) =>
        told.push({ context, ids: events.map(({ documentId }) => documentId), documents: events.map(({ documentData }) => documentData) }),
      );
    await take(side, masters);
    const live = masters.filter(({ _deleted }) => !_deleted).map(({ id }) => id);
    expect(told.map(({ context, ids }) => [context, ids])).toEqual([[await side.state.downstreamBulkWriteFlag, live]]);
    expect(told[0]?.documents).toEqual(await side.loads.findDocumentsById(live, false));
  });
});

describe('pages and the death of the process', () => {
  /** Two pages, the process dying at this call of IndexedDB. */
  async function dieAt(call: number): Promise<{ readonly broken: boolean; readonly device: Device; readonly taken: number }> {
    const device = makeDevice();
    const side = await sideOf(device.start(small));
    // Its own writes would fail as well, and it takes no failure.
    await side.stop();
    const fuse = arm(call, 'die');
    let taken = 0;
    try {
      taken += await take(side, masters.slice(0, 15));
      taken += await take(side, masters.slice(15));
    } catch {
      // What counts is what the next process finds.
    }
    disarm();
    return { broken: fuse.broken, device, taken };
  }
  it('holds each page as a whole with its notes, or nothing of it, whichever call was the last', async () => {
    const found = new Set<number>();
    for (let call = 1; ; call += 1) {
      const { broken, device, taken } = await dieAt(call);
      const side = await sideOf(device.start(small));
      const [documents, notes] = await counts(side);
      await closed(side);
      expect(notes, `call ${call}`).toBe(documents);
      expect([0, 15, 30], `call ${call}`).toContain(documents);
      expect(documents, `call ${call}`).toBeGreaterThanOrEqual(taken);
      found.add(documents);
      if (!broken) break;
    }
    expect([...found].sort((a, b) => a - b)).toEqual([0, 15, 30]);
  });
  it('are one commit with their notes, however many they are', async () => {
    const device = makeDevice();
    const side = await sideOf(device.start());
    await side.stop();
    const rows = (): Promise<number> => device.table('log', (table) => table.count());
    const before = await rows();
    expect(
      await take(
        side,
        Array.from({ length: 1500 }, (_, i) => masterOf(i)),
      ),
    ).toBe(1500);
    expect(await rows()).toBe(before + 1);
    await closed(side);
  });
  it('says so when the disk is full, and holds nothing of the page', async () => {
    const side = await sideOf(makeDevice().start(small));
    ends.push(() => closed(side));
    await side.stop();
    arm(1, 'full');
    await expect(take(side, masters)).rejects.toThrow('is full');
    disarm();
    expect(await counts(side)).toEqual([0, 0]);
    expect(await take(side, masters)).toBe(30);
  });
});

describe('pages through a worker', () => {
  it('are told to the window that sent them and to the others, document by document', async () => {
    const device = makeDevice();
    const worker = inProcessWorker(() => device.start());
    const side = await sideOf(worker.window());
    const other = await openLoads(worker.window());
    ends.push(
      () => worker.die(),
      () => other.close(),
      () => closed(side),
    );
    const told = { own: [] as unknown[], other: [] as unknown[] };
    side.loads.changeStream().subscribe(({ events }) => told.own.push(...events.map(({ documentData }) => documentData)));
    other.changeStream().subscribe(({ events }) => told.other.push(...events.map(({ documentData }) => documentData)));
    expect(await take(side, masters)).toBe(30);
    const live = await side.loads.findDocumentsById(
      masters.filter(({ _deleted }) => !_deleted).map(({ id }) => id),
      false,
    );
    expect(live).toHaveLength(27);
    expect(told.own).toEqual(live);
    await expect.poll(() => told.other).toEqual(live);
  });
  it('are asked for again when the worker died, and written once', async () => {
    const device = makeDevice();
    const worker = inProcessWorker(() => device.start());
    const side = await sideOf(worker.window());
    ends.push(
      () => worker.die(),
      () => closed(side),
    );
    const taking = take(side, masters);
    await worker.die();
    expect([0, 30]).toContain(await taking);
    expect(await counts(side)).toEqual([30, 30]);
    expect(worker.started()).toBe(2);
  });
});
