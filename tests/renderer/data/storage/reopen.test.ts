import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Device, type Load, type Loads, type StoredLoad, ask, engineOf, makeDevice, openLoads, stateOf, write } from './packed-kit.ts';

/** Everything a collection holds, by id. */
async function everything(loads: Loads): Promise<Map<string, StoredLoad>> {
  const live = await ask(loads, { selector: {} });
  const dead = await ask(loads, { selector: { _deleted: { $eq: true } } } as never);
  return new Map([...live, ...dead].map((one) => [one.id, one]));
}

const kinds = ['loads', 'stops', 'drivers'] as const;
type Kind = (typeof kinds)[number];
const of = fc.constantFrom(...kinds);
type Step =
  | { readonly do: 'put'; readonly of: Kind; readonly ids: readonly number[]; readonly name: string; readonly note: number }
  | { readonly do: 'delete'; readonly of: Kind; readonly id: number }
  | { readonly do: 'clean'; readonly of: Kind }
  | { readonly do: 'look'; readonly of: Kind }
  | { readonly do: 'compact'; readonly wait: boolean }
  | { readonly do: 'reopen'; readonly politely: boolean };
const id = fc.nat({ max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      of,
      ids: fc.uniqueArray(id, { minLength: 1, maxLength: 12 }),
      name: fc.constantFrom('a', 'b', 'ü'),
      note: fc.constantFrom(1, 100, 9000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), of, id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clean' as const), of }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const), of }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('compact' as const), wait: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const), politely: fc.boolean() }) },
);
/** Small pages and little room, so that a handful of documents fills several and most have to be read again. */
const small = { pageChars: 2000, rowChars: 800, heldChars: 3000, decodedChars: 500, logChars: 20_000 };
const own = (n: number): string => `load-${n}`;

/** A process that opens a collection when it is first used, and not all of them are. */
class Process {
  private readonly storage: ReturnType<Device['start']>;
  private readonly open = new Map<Kind, Promise<Loads>>();

  constructor(device: Device) {
    this.storage = device.start(small);
  }
  of(kind: Kind): Promise<Loads> {
    const found = this.open.get(kind) ?? openLoads(this.storage, { collectionName: kind });
    this.open.set(kind, found);
    return found;
  }
  async close(): Promise<void> {
    for (const loads of this.open.values()) await (await loads).close();
  }
}

async function play(device: Device, steps: readonly Step[]): Promise<void> {
  const models = { loads: new Map<string, StoredLoad>(), stops: new Map<string, StoredLoad>(), drivers: new Map<string, StoredLoad>() };
  let process = new Process(device);
  for (const one of steps) {
    if (one.do === 'compact') {
      // Not waited for, it runs beside the writes and queries that follow, or is cut off by the end of its process.
      const done = engineOf(await process.of('loads')).compact();
      if (one.wait) await done;
      else done.catch(() => undefined);
      continue;
    }
    if (one.do === 'reopen') {
      if (one.politely) await process.close();
      process = new Process(device);
      continue;
    }
    const loads = await process.of(one.of);
    const model = models[one.of];
    if (one.do === 'put') {
      const rows = one.ids.map((n) => {
        const previous = model.get(own(n));
        const load: Load = { id: own(n), name: one.name, state: 'draft', sealed: n % 2 === 0, note: 'x'.repeat(one.note) };
        const document = stateOf(load, previous);
        return previous ? { previous, document } : { document };
      });
      expect((await loads.bulkWrite(rows, 'test')).error).toEqual([]);
      for (const { document } of rows) model.set(document.id, document);
    } else if (one.do === 'delete') {
      const previous = model.get(own(one.id));
      if (!previous) continue;
      const { _deleted, _rev, _meta, _attachments, ...load } = previous;
      const document = stateOf(load, previous, true);
      await write(loads, document, previous);
      model.set(document.id, document);
    } else if (one.do === 'clean') {
      expect(await loads.cleanup(0)).toBe(true);
      for (const [key, { _deleted }] of model) if (_deleted) model.delete(key);
    }
    expect(await everything(loads)).toEqual(model);
  }
  await process.close();
  const last = new Process(device);
  for (const kind of kinds) expect(await everything(await last.of(kind))).toEqual(models[kind]);
  await last.close();
}

describe('a reopened storage', () => {
  it('holds what a plain map holds, whatever was written, deleted, cleaned and reopened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        const device = makeDevice();
        await play(device, steps);
        expect(device.damages).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a database with several collections', () => {
  const names = ['loads', 'stops', 'drivers'] as const;

  it('compacts what nobody has opened yet, while it is being opened', async () => {
    const device = makeDevice();
    const storage = device.start(small);
    for (const collectionName of names) {
      const loads = await openLoads(storage, { collectionName });
      await write(loads, stateOf({ id: collectionName, name: collectionName, state: 'draft', sealed: true }));
    }
    const again = device.start(small);
    const opened = await Promise.all(names.map((collectionName) => openLoads(again, { collectionName })));
    const [first] = opened;
    if (!first) throw new Error('nothing was opened');
    const compacted = engineOf(first).compact();
    const found = await Promise.all(opened.map((loads) => ask(loads, { selector: { name: { $gt: '' } } })));
    await compacted;
    expect(found.map((some) => some.map(({ id }) => id))).toEqual(names.map((name) => [name]));
    // Once more, from the pages: what was compacted without its indexes gets them at the next opening.
    const last = device.start(small);
    for (const collectionName of names) {
      const [one] = await ask(await openLoads(last, { collectionName }), { selector: { name: collectionName } });
      expect(one?.id).toBe(collectionName);
    }
    expect(device.damages).toEqual([]);
  });

  it('forgets a removed one for good, while the others stay', async () => {
    const device = makeDevice();
    const storage = device.start(small);
    const [loads, stops] = [await openLoads(storage), await openLoads(storage, { collectionName: 'stops' })];
    const many = Array.from({ length: 30 }, (_, n) => stateOf({ id: `s${n}`, state: 'draft', sealed: true, note: 'x'.repeat(200) }));
    await stops.bulkWrite(
      many.map((document) => ({ document })),
      'test',
    );
    await write(loads, stateOf({ id: 'a', state: 'draft', sealed: true }));
    await stops.remove();
    await expect(write(stops, stateOf({ id: 'late', state: 'draft', sealed: true }))).rejects.toMatchObject({ code: 'closed' });
    const anew = await openLoads(storage, { collectionName: 'stops' });
    expect((await everything(anew)).size).toBe(0);
    await write(anew, stateOf({ id: 'anew', state: 'draft', sealed: true }));
    const later = device.start(small);
    const [loadsLater, stopsLater] = [await openLoads(later), await openLoads(later, { collectionName: 'stops' })];
    expect([...(await everything(stopsLater)).keys()]).toEqual(['anew']);
    expect([...(await everything(loadsLater)).keys()]).toEqual(['a']);
    expect(await device.table('bodies', (table) => table.count())).toBe(0);
  });
});
