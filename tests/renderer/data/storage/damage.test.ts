import type { Table } from 'dexie';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PackedStorageSettings } from '../../../../renderer/data/storage/packed-storage.ts';
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

type Rows = Table<Uint8Array | undefined, number>;
const small = { pageChars: 2000, rowChars: 800, heldChars: 3000, decodedChars: 500, logChars: 1_000_000 };
const key = (): Promise<CryptoKey> => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

const load = (n: number): Load => ({
  id: `load-${String(n).padStart(2, '0')}`,
  name: `n${(n * 7) % 20}`,
  state: 'draft',
  sealed: n % 2 === 0,
  note: 'x'.repeat(300),
});

interface Stored {
  readonly device: Device;
  readonly documents: ReadonlyMap<string, StoredLoad>;
}
/** Twenty documents in three or four pages; then three commits in the log, of one document each. */
async function stored(settings: PackedStorageSettings = small): Promise<Stored> {
  const device = makeDevice();
  const loads = await openLoads(device.start(settings));
  const documents = new Map<string, StoredLoad>();
  const write = async (some: readonly StoredLoad[]): Promise<void> => {
    expect(
      await loads.bulkWrite(
        some.map((document) => ({ document })),
        'test',
      ),
    ).toEqual({ error: [] });
    for (const one of some) documents.set(one.id, one);
  };
  await write(Array.from({ length: 20 }, (_, n) => stateOf(load(n))));
  await engineOf(loads).compact();
  for (const n of [20, 21, 22]) await write([stateOf(load(n))]);
  await loads.close();
  return { device, documents };
}

async function spoil(rows: Rows, at: number): Promise<void> {
  const bytes = await rows.get(at);
  if (!bytes) throw new Error(`no row ${at}`);
  const copy = bytes.slice();
  const middle = copy.length - 20;
  copy[middle] = (copy[middle] ?? 0) ^ 0x10;
  await rows.put(copy, at);
}
const firstKey = async (rows: Rows): Promise<number> => (await rows.toCollection().primaryKeys())[0] ?? -1;
const lastKey = async (rows: Rows): Promise<number> => (await rows.toCollection().primaryKeys()).at(-1) ?? -1;

const idsOf = async (loads: Loads): Promise<string[]> => (await ask(loads, { selector: {}, sort: [{ id: 'asc' }] })).map(({ id }) => id);
const without = (documents: ReadonlyMap<string, StoredLoad>, ...gone: readonly string[]): string[] =>
  [...documents.keys()].filter((id) => !gone.includes(id)).sort();

describe('a damaged log', () => {
  it('loses the last commit when that is unreadable, and says so', async () => {
    const { device, documents } = await stored();
    const last = await device.table('log', async (rows) => {
      const at = await lastKey(rows);
      await spoil(rows, at);
      return at;
    });
    const loads = await openLoads(device.start(small));
    expect(await idsOf(loads)).toEqual(without(documents, 'load-22'));
    expect(device.damages).toEqual([{ kind: 'log_tail', position: last, ids: [], healed: false, reason: 'checksum' }]);
  });

  it.each(['spoiled', 'missing'])('goes on behind a commit that is %s, and says which', async (how) => {
    const { device, documents } = await stored();
    const second = await device.table('log', async (rows) => {
      const at = (await lastKey(rows)) - 1;
      await (how === 'missing' ? rows.delete(at) : spoil(rows, at));
      return at;
    });
    const loads = await openLoads(device.start(small));
    expect(await idsOf(loads)).toEqual(without(documents, 'load-21'));
    expect(device.damages).toMatchObject([{ kind: 'log_row', position: second, healed: false }]);
    // The next writes do not take its place.
    await loads.bulkWrite([{ document: stateOf(load(30)) }], 'test');
    const again = await openLoads(device.start(small));
    expect(await idsOf(again)).toEqual([...without(documents, 'load-21'), 'load-30']);
  });
});

describe('a damaged page', () => {
  it('names the documents that are lost, answers with the others, and takes them back', async () => {
    const { device, documents } = await stored();
    const page = await device.table('bodies', async (rows) => {
      const at = await firstKey(rows);
      await spoil(rows, at);
      return at;
    });
    const loads = await openLoads(device.start(small));
    const found = await idsOf(loads);
    const [damage] = device.damages;
    expect(device.damages).toMatchObject([
      { kind: 'body_page', position: page, collection: 'loads', version: 0, healed: false, reason: 'checksum' },
    ]);
    // One row of the page's body, not the page.
    expect(damage?.ids).toEqual(['load-00', 'load-01']);
    expect(found).toEqual(without(documents, ...(damage?.ids ?? [])));
    expect(await idsOf(loads)).toEqual(found);
    // As a server would give them back.
    const lost = (damage?.ids ?? []).map((id) => documents.get(id)).filter((one) => one !== undefined);
    expect(
      await loads.bulkWrite(
        lost.map((document) => ({ document })),
        'replication-downstream-x',
      ),
    ).toEqual({ error: [] });
    await engineOf(loads).compact();
    await loads.close();
    device.damages.length = 0;
    const again = await openLoads(device.start(small));
    expect(await idsOf(again)).toEqual(without(documents));
    expect(device.damages).toEqual([]);
  });

  it('is not passed over by a compaction: what was lost is told again until it is written again', async () => {
    const { device } = await stored();
    await device.table('bodies', async (rows) => spoil(rows, await firstKey(rows)));
    const loads = await openLoads(device.start(small));
    const found = await idsOf(loads);
    await engineOf(loads).compact();
    await loads.close();
    const [first] = device.damages;
    device.damages.length = 0;
    const again = await openLoads(device.start(small));
    expect(await idsOf(again)).toEqual(found);
    expect(device.damages).toEqual([first]);
  });

  it('makes a head again from its body, and loses nothing', async () => {
    const { device, documents } = await stored();
    const page = await device.table('heads', async (rows) => {
      const at = await firstKey(rows);
      await spoil(rows, at);
      return at;
    });
    const loads = await openLoads(device.start(small));
    expect(await idsOf(loads)).toEqual(without(documents));
    expect(device.damages).toMatchObject([{ kind: 'head_page', position: page, healed: true, ids: [] }]);
  });

  it.each(['head', 'manifest and head'])('without %s gives back all rows of its body that can be read', async (lost) => {
    const { device, documents } = await stored();
    const page = await device.table('heads', async (rows) => {
      const at = await firstKey(rows);
      await spoil(rows, at);
      return at;
    });
    // Its second row, so that those behind it have to find their places.
    await device.table('bodies', (rows) => spoil(rows, page + 1));
    if (lost !== 'head') for (const copy of [1, 2]) await device.table('root', (rows) => spoil(rows, copy));
    const loads = await openLoads(device.start(small));
    const gone = ['load-02', 'load-03'];
    expect(await idsOf(loads)).toEqual(without(documents, ...gone));
    const told = [
      { kind: 'body_page', position: page + 1, healed: false, ids: [] },
      { kind: 'head_page', position: page, healed: true },
    ];
    expect(device.damages).toMatchObject(lost === 'head' ? told : [{ kind: 'manifest' }, ...told]);
    // What was there can be changed and is kept, also by a compaction.
    for (const id of ['load-00', 'load-04']) {
      const before = documents.get(id);
      if (before) await loads.bulkWrite([{ previous: before, document: stateOf({ ...load(0), id, name: 'new' }, before) }], 'test');
    }
    await engineOf(loads).compact();
    await loads.close();
    const again = await openLoads(device.start(small));
    expect(await idsOf(again)).toEqual(without(documents, ...gone));
    expect((await ask(again, { selector: { name: 'new' }, sort: [{ id: 'asc' }] })).map(({ id }) => id)).toEqual(['load-00', 'load-04']);
  });

  it('names what a lost row held when its head is of an older schema', async () => {
    const { device, documents } = await stored();
    const page = await device.table('bodies', async (rows) => {
      const at = await firstKey(rows);
      await spoil(rows, at + 1);
      return at;
    });
    const schema = { ...loadSchema, indexes: [...(loadSchema.indexes ?? []), 'note'] };
    schema.properties = { ...schema.properties, note: { type: 'string', maxLength: 400 } };
    const loads = await openLoads(device.start(small), { schema });
    expect(await idsOf(loads)).toEqual(without(documents, 'load-02', 'load-03'));
    expect(device.damages).toMatchObject([{ kind: 'body_page', position: page + 1, ids: ['load-02', 'load-03'], healed: false }]);
  });

  it('sorts again when the sorted order is unreadable', async () => {
    const { device, documents } = await stored();
    await device.table('orders', async (rows) => spoil(rows, await firstKey(rows)));
    const loads = await openLoads(device.start(small));
    const byName = await ask(loads, { selector: {}, sort: [{ name: 'desc' }] });
    const names = [...documents.values()]
      .map(({ name }) => name ?? '')
      .sort()
      .reverse();
    expect(byName.map(({ name }) => name)).toEqual(names);
    expect(device.damages).toMatchObject([{ kind: 'order_page', healed: true }]);
  });

  it.each([
    ['plain', false],
    ['encrypted', true],
  ])('notices two pages that changed places (%s)', async (_name, encrypted) => {
    const settings = encrypted ? { ...small, key: await key() } : small;
    const { device, documents } = await stored(settings);
    await device.table('bodies', async (rows) => {
      const [a = 0, b = 0] = await rows.toCollection().primaryKeys();
      const [first, second] = [await rows.get(a), await rows.get(b)];
      await rows.put(second, a);
      await rows.put(first, b);
    });
    const loads = await openLoads(device.start(settings));
    const found = await idsOf(loads);
    expect(device.damages.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(['body_page place', 'body_page place']);
    expect([...found, ...device.damages.flatMap(({ ids }) => ids)].sort()).toEqual(without(documents));
  });
});

describe('a damaged manifest', () => {
  it('uses the other copy', async () => {
    const { device, documents } = await stored();
    await device.table('root', (rows) => spoil(rows, 1));
    const loads = await openLoads(device.start(small));
    expect(await idsOf(loads)).toEqual(without(documents));
    expect(device.damages).toMatchObject([{ kind: 'manifest_copy', position: 1, healed: true }]);
  });

  const both = (device: Device): Promise<void> =>
    device.table('root', async (table) => {
      await spoil(table, 1);
      await spoil(table, 2);
    });

  it.each([
    ['plain', false],
    ['encrypted', true],
  ])('is made again from the pages and the log when neither copy can be read (%s)', async (_name, encrypted) => {
    const settings = encrypted ? { ...small, key: await key() } : small;
    const { device, documents } = await stored(settings);
    await both(device);
    const loads = await openLoads(device.start(settings));
    expect(await idsOf(loads)).toEqual(without(documents));
    expect(device.damages).toMatchObject([{ kind: 'manifest', healed: false, ids: [] }]);
    await loads.close();
    device.damages.length = 0;
    const again = await openLoads(device.start(settings));
    expect(await idsOf(again)).toEqual(without(documents));
    expect(device.damages).toEqual([]);
  });

  it('is made again with what a page lost besides told by its place', async () => {
    const { device } = await stored();
    await both(device);
    const page = await device.table('bodies', firstKey);
    for (const table of ['bodies', 'heads'] as const) await device.table(table, (rows) => spoil(rows, page));
    const loads = await openLoads(device.start(small));
    expect((await idsOf(loads)).length).toBeGreaterThan(10);
    expect(device.damages).toMatchObject([
      { kind: 'manifest' },
      { kind: 'body_page', position: page, healed: false },
      { kind: 'head_page', position: page, healed: true },
    ]);
  });

  it('is not looked for in a store of the form before pages had rows, which stays as it is', async () => {
    const { device } = await stored();
    const tables = ['log', 'bodies', 'heads', 'orders', 'root'] as const;
    const counts = (): Promise<number[]> => Promise.all(tables.map((name) => device.table(name, (rows) => rows.count())));
    for (const name of tables) {
      await device.table(name, async (rows) => {
        for (const at of await rows.toCollection().primaryKeys()) {
          const bytes: unknown = await rows.get(at);
          // The last letter of the magic word.
          if (bytes instanceof Uint8Array) await rows.put(Uint8Array.of(...bytes.slice(0, 3), '1'.charCodeAt(0), ...bytes.slice(4)), at);
        }
      });
    }
    const before = await counts();
    await expect(openLoads(device.start(small))).rejects.toMatchObject({ code: 'manifest_lost' });
    expect(await counts()).toEqual(before);
  });

  it('is made again without a page of which nothing is left, whose place is told', async () => {
    const { device } = await stored();
    await both(device);
    const first = await device.table('bodies', firstKey);
    const next = await device.table('heads', async (rows) => (await rows.toCollection().primaryKeys())[1] ?? -1);
    await device.table('heads', (rows) => spoil(rows, first));
    for (let row = first; row < next; row += 1) await device.table('bodies', (rows) => spoil(rows, row));
    const loads = await openLoads(device.start(small));
    expect((await idsOf(loads)).length).toBeGreaterThan(10);
    const told = Array.from({ length: next - first }, (_, i) => ({ kind: 'body_page', position: first + i, healed: false }));
    expect(device.damages).toMatchObject([{ kind: 'manifest' }, ...told]);
  });

  it('is not made again from what is encrypted without the key, nor from nothing', async () => {
    const own = await key();
    const { device } = await stored({ ...small, key: own });
    await both(device);
    await expect(openLoads(device.start(small))).rejects.toMatchObject({ code: 'key_missing' });
    await expect(openLoads(device.start({ ...small, key: await key() }))).rejects.toMatchObject({ code: 'wrong_key' });
    for (const table of ['log', 'heads', 'bodies'] as const) {
      await device.table(table, async (rows) => {
        for (const at of await rows.toCollection().primaryKeys()) await rows.put(new Uint8Array(50), at);
      });
    }
    await expect(openLoads(device.start({ ...small, key: own }))).rejects.toMatchObject({ code: 'manifest_lost' });
  });

  it('is made again as it was, whatever happened before, dead or alive', async () => {
    const roughly = { ...small, logChars: 6000 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom('write', 'write', 'write', 'delete', 'compact', 'reopen', 'die'),
            fc.nat(16),
            fc.integer({ min: 1, max: 12 }),
          ),
          {
            minLength: 5,
            maxLength: 40,
          },
        ),
        async (day) => {
          const device = makeDevice();
          let loads = await openLoads(device.start(roughly));
          const known = new Map<string, StoredLoad>();
          for (const [what, from, count] of day) {
            if (what === 'compact') await engineOf(loads).compact();
            else if (what === 'die') {
              // The compaction is cut off wherever it is by the next process.
              engineOf(loads)
                .compact()
                .catch(() => undefined);
              loads = await openLoads(device.start(roughly));
            } else if (what === 'reopen') {
              await loads.close();
              loads = await openLoads(device.start(roughly));
            } else {
              const rows = Array.from({ length: count }, (_, i) => {
                const one = load((from + i) % 17);
                const previous = known.get(one.id);
                const document = stateOf(one, previous, what === 'delete');
                return previous ? { previous, document } : { document };
              });
              expect(await loads.bulkWrite(rows, 'test')).toEqual({ error: [] });
              for (const { document } of rows) known.set(document.id, document);
            }
          }
          await loads.close();
          await both(device);
          loads = await openLoads(device.start(roughly));
          const found = await loads.findDocumentsById([...known.keys()], true);
          expect(new Map(found.map((one) => [one.id, one]))).toEqual(known);
          // Below RxDB a query answers deleted documents too.
          expect(await idsOf(loads)).toEqual([...known.keys()].sort());
          await engineOf(loads).compact();
          await loads.close();
        },
      ),
      { numRuns: 40 },
    );
  }, 180_000);
});

describe('encryption', () => {
  it('opens with its key and no other, and says why', async () => {
    const own = await key();
    const { device, documents } = await stored({ ...small, key: own });
    await expect(openLoads(device.start({ ...small, key: await key() }))).rejects.toMatchObject({ code: 'wrong_key' });
    await expect(openLoads(device.start(small))).rejects.toMatchObject({ code: 'key_missing' });
    const loads = await openLoads(device.start({ ...small, key: own }));
    expect(await idsOf(loads)).toEqual(without(documents));
    expect(device.damages).toEqual([]);
  });

  it('is not put over data that was stored without', async () => {
    const { device } = await stored();
    await expect(openLoads(device.start({ ...small, key: await key() }))).rejects.toMatchObject({ code: 'key_unexpected' });
  });

  it('leaves no word of a document on the disk', async () => {
    const { device } = await stored({ ...small, key: await key() });
    const tables = await Promise.all(
      (['log', 'bodies', 'heads', 'orders', 'root'] as const).map((name) => device.table(name, (table) => table.toArray())),
    );
    const frames = tables.flat().filter((row) => row instanceof Uint8Array);
    expect(frames.length).toBeGreaterThan(10);
    expect(frames.filter((frame) => /draft|load|name/u.test(new TextDecoder().decode(frame)))).toEqual([]);
  });
});
