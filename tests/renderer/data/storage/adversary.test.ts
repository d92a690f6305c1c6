/** What somebody would try who wants the storage to lose a record. */
import { IDBDatabase } from 'fake-indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PackedStorageSettings } from '../../../../renderer/data/storage/packed-storage.ts';
import { arm, disarm } from './fuse.ts';
import { type Device, type Load, type Loads, type StoredLoad, ask, engineOf, makeDevice, openLoads, stateOf, write } from './packed-kit.ts';
import { findLost, loseValue } from './lost-values.ts';

const small = { pageChars: 2000, rowChars: 800, heldChars: 3000, decodedChars: 500, logChars: 1_000_000 };
const load = (n: number, more: Partial<Load> = {}): Load => ({
  id: `load-${String(n).padStart(2, '0')}`,
  name: `n${n}`,
  state: 'draft',
  sealed: false,
  note: 'x'.repeat(300),
  ...more,
});
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const insert = async (loads: Loads, documents: readonly StoredLoad[]): Promise<void> => {
  const rows = documents.map((document) => ({ document }));
  expect(await loads.bulkWrite(rows, 'test')).toEqual({ error: [] });
};
const idsOf = async (loads: Loads): Promise<string[]> => (await ask(loads, { selector: {}, sort: [{ id: 'asc' }] })).map(({ id }) => id);
const start = (device: Device, more: PackedStorageSettings = {}) => device.start({ ...small, ...more });

afterEach(() => {
  disarm();
  findLost();
});

describe('writes of one moment', () => {
  it('bring a deleted document back although it is being forgotten for good', async () => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    const gone = stateOf(load(1), undefined, true);
    await insert(loads, [gone]);
    const back = stateOf(load(1), gone);
    const [written] = await Promise.all([loads.bulkWrite([{ previous: gone, document: back }], 'test'), loads.cleanup(0)]);
    expect(written).toEqual({ error: [] });
    expect(await loads.findDocumentsById(['load-01'], false)).toEqual([back]);
    const again = await openLoads(start(device));
    expect(await again.findDocumentsById(['load-01'], false)).toEqual([back]);
  });
});

describe('a removed collection', () => {
  it('stays removed, and empty under its name, whatever process compacts next', async () => {
    const device = makeDevice();
    const storage = start(device);
    const loads = await openLoads(storage);
    const others = await openLoads(storage, { collectionName: 'others' });
    await insert(
      loads,
      numbers(20).map((n) => stateOf(load(n))),
    );
    await insert(others, [stateOf(load(1))]);
    await engineOf(loads).compact();
    await loads.remove();
    await others.close();

    const next = await openLoads(start(device), { collectionName: 'others' });
    await insert(next, [stateOf(load(2))]);
    await engineOf(next).compact();
    await next.close();

    const again = await openLoads(start(device));
    expect(await idsOf(again)).toEqual([]);
    expect(device.damages).toEqual([]);
  });
});

describe('a lost commit', () => {
  it('takes only its own documents along, also where it was the first of its collection', async () => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    for (const n of numbers(3)) await insert(loads, [stateOf(load(n))]);
    await insert(
      loads,
      numbers(10).map((n) => stateOf(load(10 + n))),
    );
    await loads.close();
    await device.table('log', async (rows) => rows.delete((await rows.toCollection().primaryKeys())[0] ?? -1));

    const next = await openLoads(start(device));
    const left = [...numbers(3).slice(1), ...numbers(10).map((n) => 10 + n)].map((n) => load(n).id);
    expect(await idsOf(next)).toEqual(left);
    expect(device.damages).toMatchObject([{ kind: 'log_row', position: 1, healed: false }]);
    await engineOf(next).compact();
    await next.close();
    expect(await idsOf(await openLoads(start(device)))).toEqual(left);
  });
});

describe('a full disk', () => {
  it('keeps nobody from opening a collection that a compaction wants to take along', async () => {
    const device = makeDevice();
    const before = start(device);
    for (const collectionName of ['loads', 'others']) {
      const loads = await openLoads(before, { collectionName });
      for (const n of numbers(6)) await insert(loads, [stateOf(load(n))]);
      await loads.close();
    }
    const storage = start(device);
    const loads = await openLoads(storage);
    await insert(loads, [stateOf(load(20))]);
    // The first write of the run.
    const compacting = engineOf(loads).compact();
    const others = await openLoads(storage, { collectionName: 'others' });
    const armed = arm(2, 'full');
    const [opened, compacted] = await Promise.allSettled([idsOf(others), compacting]);
    expect(armed.broken).toBe(true);
    expect(compacted).toMatchObject({ status: 'rejected', reason: { code: 'disk_full' } });
    expect(opened).toEqual({ status: 'fulfilled', value: numbers(6).map((n) => load(n).id) });
  });

  it('keeps nobody from opening where something is left to be cleared away', async () => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    await insert(loads, [stateOf(load(1))]);
    await loads.close();
    await device.table('heads', (rows) => rows.put(new Uint8Array(10), 77));
    const whole = arm(0, 'full');
    await (await openLoads(start(device))).close();
    const { calls } = whole;
    await device.table('heads', (rows) => rows.put(new Uint8Array(10), 77));
    const faults: unknown[] = [];
    for (let call = 1; call <= calls; call += 1) {
      arm(call, 'full');
      const opened = await openLoads(start(device)).then(
        (one) => one.close(),
        (error: unknown) => error,
      );
      disarm();
      if (opened) faults.push(opened);
    }
    // To open it, to say who writes, and to read.
    expect(faults.length).toBeLessThan(calls);
  });
});

describe('a device without any room', () => {
  it('opens to read, says that it is full to whoever writes, and takes the same write once there is room', async () => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    await insert(
      loads,
      numbers(20).map((n) => stateOf(load(n))),
    );
    arm(0, 'no_room');
    const full = await openLoads(start(device));
    expect((await idsOf(full)).length).toBe(20);
    const row = { document: stateOf(load(30)) };
    await expect(full.bulkWrite([row], 'test')).rejects.toMatchObject({ code: 'disk_full' });
    await expect(engineOf(full).compact()).rejects.toMatchObject({ code: 'disk_full' });
    disarm();
    expect(await Promise.all([full.bulkWrite([row], 'test'), engineOf(full).compact()])).toMatchObject([{ error: [] }, undefined]);
    await expect(loads.bulkWrite([{ document: stateOf(load(41)) }], 'test')).rejects.toMatchObject({ code: 'taken_over' });
    expect(await idsOf(await openLoads(start(device)))).toEqual([...numbers(20), 30].map((n) => load(n).id));
  });

  it.each(['writes', 'compacts'])('does not write over what the one before it %s meanwhile', async (what) => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    await insert(loads, [stateOf(load(1))]);
    arm(0, 'no_room');
    const full = await openLoads(start(device));
    disarm();
    if (what === 'writes') await insert(loads, [stateOf(load(2))]);
    else await engineOf(loads).compact();
    for (let turn = 0; turn < 2; turn += 1)
      await expect(full.bulkWrite([{ document: stateOf(load(3)) }], 'test')).rejects.toMatchObject({ code: 'taken_over' });
    await insert(loads, [stateOf(load(4))]);
    const left = what === 'writes' ? ['load-01', 'load-02', 'load-04'] : ['load-01', 'load-04'];
    expect(await idsOf(await openLoads(start(device)))).toEqual(left);
    expect(device.damages).toEqual([]);
  });

  it('leaves the writing to whoever was opened after it', async () => {
    const device = makeDevice();
    await insert(await openLoads(start(device)), [stateOf(load(1))]);
    arm(0, 'no_room');
    const full = await openLoads(start(device));
    disarm();
    const later = await openLoads(start(device));
    await expect(full.bulkWrite([{ document: stateOf(load(2)) }], 'test')).rejects.toMatchObject({ code: 'taken_over' });
    await expect(engineOf(full).compact()).rejects.toMatchObject({ code: 'taken_over' });
    await insert(later, [stateOf(load(3))]);
    expect(await idsOf(await openLoads(start(device)))).toEqual(['load-01', 'load-03']);
  });
});

describe('a clock that was set back', () => {
  it('does not bring back an older state when the manifest has to be made again', async () => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    const old = numbers(10).map((n) => stateOf(load(n)));
    await insert(loads, old);
    const early = (document: StoredLoad): StoredLoad => ({ ...document, _meta: { lwt: 5 } });
    const next = old.map((previous, n) => ({ previous, document: early(stateOf(load(n, { name: 'later' }), previous, n % 5 === 4)) }));
    expect(await loads.bulkWrite(next, 'test')).toEqual({ error: [] });
    await engineOf(loads).compact();
    await loads.close();
    await device.table('root', (rows) => rows.bulkDelete([1, 2]));
    const again = await openLoads(start(device));
    const ids = numbers(10).map((n) => load(n).id);
    expect(await again.findDocumentsById(ids, true)).toEqual(next.map(({ document }) => document));
  });
});

describe('a value whose file the browser lost', () => {
  /** Twenty documents in pages, three in the log, and which rows of each table hold them. */
  const stored = async (): Promise<Device> => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    await insert(
      loads,
      numbers(20).map((n) => stateOf(load(n))),
    );
    await engineOf(loads).compact();
    for (const n of [20, 21, 22]) await insert(loads, [stateOf(load(n))]);
    await loads.close();
    return device;
  };
  const first = (device: Device, table: Parameters<Device['table']>[0]): Promise<number> =>
    device.table(table, async (rows) => (await rows.toCollection().primaryKeys()).find((at) => at > 0) ?? -1);

  it.each([
    ['heads', 23, 'head_page', true],
    ['orders', 23, 'order_page', true],
    ['root', 23, 'manifest_copy', true],
    ['bodies', 21, 'body_page', false],
    ['log', 22, 'log_row', false],
  ] as const)('is damage of this value of %s and of nothing else', async (table, left, kind, healed) => {
    const device = await stored();
    loseValue(table, await first(device, table));
    const loads = await openLoads(start(device));
    expect((await idsOf(loads)).length).toBe(left);
    expect(device.damages).toMatchObject([{ kind, healed, reason: 'missing' }]);
    await insert(loads, [stateOf(load(40))]);
    await engineOf(loads).compact();
    await loads.close();
  });

  it('is no damage where nothing of the database can be read for now', async () => {
    const device = await stored();
    const loads = await openLoads(start(device));
    for (const table of ['heads', 'bodies', 'log', 'orders', 'root'] as const) loseValue(table, 'all');
    await expect(idsOf(loads)).rejects.toMatchObject({ code: 'read_failed' });
    findLost();
    expect((await idsOf(loads)).length).toBe(23);
    expect(device.damages).toEqual([]);
  });
});

describe('a document that gets a file of its own', () => {
  it('is on the disk before a compaction takes it out of the log', async () => {
    const device = makeDevice();
    // Small enough for the log, and then in a row of its own.
    const loads = await openLoads(start(device, { pageChars: 256 * 1024 }));
    await insert(loads, [stateOf(load(1, { note: 'x'.repeat(60_000) }))]);
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await engineOf(loads).compact();
    const asked = spy.mock.calls
      .filter(([tables]) => typeof tables !== 'string' && Array.from(tables).includes('heads'))
      .map(([, mode, options]) => [mode, options?.durability]);
    spy.mockRestore();
    expect(asked).toContainEqual(['readwrite', 'strict']);
    expect(asked).not.toContainEqual(['readwrite', 'relaxed']);
  });
});

describe('what has to be sent', () => {
  it('is found behind a stretch that cannot be read', async () => {
    const device = makeDevice();
    const loads = await openLoads(start(device));
    const documents = numbers(20).map((n) => stateOf(load(n)));
    await insert(loads, documents);
    await loads.close();
    const lost = await device.table('bodies', async (rows) => (await rows.toCollection().primaryKeys()).slice(0, 3));
    await device.table('bodies', (rows) => rows.bulkDelete(lost));
    const again = await openLoads(start(device));
    const seen: string[] = [];
    let checkpoint: { id: string; lwt: number } | undefined;
    for (let turn = 0; turn < 30; turn += 1) {
      const page = await again.getChangedDocumentsSince?.(3, checkpoint);
      if (!page || page.documents.length === 0) break;
      seen.push(...page.documents.map(({ id }) => id));
      ({ checkpoint } = page);
    }
    expect(seen.length).toBe(20 - device.damages.flatMap(({ ids }) => ids).length);
    expect(seen).toEqual(await idsOf(again));
    await write(again, stateOf(load(50)));
  });
});
