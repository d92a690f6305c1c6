import fc from 'fast-check';
import type { MangoQuery } from 'rxdb';
import { describe, expect, it, vi } from 'vitest';
import type { PackedInternals } from '../../../../renderer/data/storage/instance.ts';
import { type Load, type StoredLoad, ask, engineOf, makeDevice, openLoads, scan, stateOf } from './packed-kit.ts';

const text = fc.constantFrom('', 'a', 'A', 'ab', 'a b', 'a\tb', 'b', 'zebra', 'Ünder', '\u{1F404}', 'a\u0000', ' a');
const weight = fc.constantFrom(-1_000_000, -1, 0, 0.01, 1, 1.5, 2, 40_000, 1_000_000);
const state = fc.constantFrom('draft', 'agreed', 'loaded', 'paid');
const load = fc.record(
  {
    name: text,
    state,
    weight,
    sealed: fc.boolean(),
    route: fc.record({ lane: text }, { requiredKeys: [] }),
    note: text,
    stops: fc.array(text, { maxLength: 3 }),
  },
  { requiredKeys: ['state', 'sealed'] },
);

const ops = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    value.map(($eq) => ({ $eq })),
    value.map(($gt) => ({ $gt })),
    value.map(($gte) => ({ $gte })),
    value.map(($lt) => ({ $lt })),
    value.map(($lte) => ({ $lte })),
    value.map(($ne) => ({ $ne })),
    fc.tuple(value, value).map(([$gte, $lt]) => ({ $gte, $lt })),
    fc.tuple(value, value).map(([$gt, $lte]) => ({ $gt, $lte })),
    fc.array(value, { maxLength: 4 }).map(($in) => ({ $in })),
    fc.array(value, { maxLength: 4 }).map(($nin) => ({ $nin })),
    fc.boolean().map(($exists) => ({ $exists })),
  );
const pair = fc.record({ name: ops(text), weight: ops(weight) }, { requiredKeys: [] });
const pairs = fc.array(pair, { minLength: 1, maxLength: 2 });
const condition: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 3, arbitrary: ops(text).map((name) => ({ name })) },
  fc.constantFrom({ $regex: '^a' }, { $regex: 'B', $options: 'i' }).map((name) => ({ name })),
  { weight: 3, arbitrary: ops(state).map((own) => ({ state: own })) },
  { weight: 3, arbitrary: ops(weight).map((own) => ({ weight: own })) },
  fc.oneof(fc.boolean(), ops(fc.boolean())).map((sealed) => ({ sealed })),
  ops(text).map((lane) => ({ 'route.lane': lane })),
  ops(text).map((note) => ({ note })),
  { weight: 2, arbitrary: ops(text).map(($elemMatch) => ({ stops: { $elemMatch } })) },
  fc
    .tuple(text, text)
    .map(([one, other]) => ({ $and: [{ stops: { $elemMatch: { $eq: one } } }, { stops: { $elemMatch: { $eq: other } } }] })),
  fc.boolean().map(($eq) => ({ _deleted: { $eq } })),
  pairs.map(($and) => ({ $and })),
  pairs.map(($or) => ({ $or })),
);
/** Few conditions, so that some documents pass. */
const selector = fc.array(condition, { maxLength: 3 }).map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
const direction = fc.constantFrom('asc', 'desc');
const sort = fc
  .uniqueArray(fc.constantFrom('name', 'state', 'weight', 'sealed', 'route.lane', 'note', 'id', '_deleted'), { minLength: 1, maxLength: 3 })
  .chain((fields) => fc.tuple(...fields.map((field) => direction.map((to) => ({ [field]: to })))));
const query = fc.record(
  { selector, sort, limit: fc.integer({ min: 0, max: 12 }), skip: fc.integer({ min: 0, max: 5 }) },
  { requiredKeys: ['selector'] },
) as fc.Arbitrary<MangoQuery<Load>>;

const ids = (documents: readonly StoredLoad[]): string[] => documents.map(({ id }) => id);

/** Pairs of the sort that are equal leave the order to the primary key, which a query without a sort may not name. */
const comparable = (asked: MangoQuery<Load>, documents: readonly StoredLoad[]): string[] =>
  asked.sort === undefined ? ids(documents).sort() : ids(documents);

describe('queries', () => {
  it('answers every query as a full scan with the matcher and the order of RxDB does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(load, { maxLength: 40 }), fc.array(query, { minLength: 1, maxLength: 12 }), async (made, asked) => {
        const loads = await openLoads(makeDevice().start({ learnFrom: 0 }));
        const all = made.map((one, i) =>
          stateOf({ ...(one as Omit<Load, 'id'>), id: `l${String(i * 7).padStart(4, '0')}` }, undefined, i % 5 === 4),
        );
        if (all.length > 0)
          await loads.bulkWrite(
            all.map((document) => ({ document })),
            'test',
          );
        const askAll = async (): Promise<void> => {
          for (const one of asked) {
            const bounded = one.sort === undefined ? { selector: one.selector ?? {} } : one;
            expect(comparable(bounded, await ask(loads, bounded))).toEqual(comparable(bounded, scan(all, bounded)));
          }
        };
        await askAll();
        // What is asked again is learned meanwhile, beside writes.
        await askAll();
        const others = [...made].reverse();
        const changes = all.flatMap((previous, i) => {
          const next = others[i];
          return i % 3 === 0 && next
            ? [{ i, previous, document: stateOf({ ...(next as Omit<Load, 'id'>), id: previous.id }, previous) }]
            : [];
        });
        if (changes.length > 0)
          await loads.bulkWrite(
            changes.map(({ previous, document }) => ({ previous, document })),
            'test',
          );
        for (const { i, document } of changes) all[i] = document;
        await askAll();
        await engineOf(loads).learning;
        await askAll();
        await loads.close();
      }),
      { numRuns: 100 },
    );
  });

  it('learns a field without an index that is asked for again: its documents are not decoded any more', async () => {
    const loads = await openLoads(makeDevice().start({ learnFrom: 100, decodedChars: 0 }));
    const rows = Array.from({ length: 400 }, (_, n) => ({
      document: stateOf({ id: `l${n}`, state: 'draft', sealed: false, note: n % 40 === 3 ? 'rare' : 'usual' }),
    }));
    await loads.bulkWrite(rows, 'test');
    const parsed = async (): Promise<number> => {
      const parse = vi.spyOn(JSON, 'parse');
      expect((await ask(loads, { selector: { note: 'rare' } })).length).toBe(10);
      const { length } = parse.mock.calls;
      parse.mockRestore();
      return length;
    };
    expect(await parsed()).toBe(400);
    await parsed();
    await engineOf(loads).learning;
    expect(await parsed()).toBe(10);
    await loads.close();
  });

  it('learns which texts are in a list that is asked for again: only those that hold it are decoded', async () => {
    const loads = await openLoads(makeDevice().start({ learnFrom: 100, decodedChars: 0 }));
    const rows = Array.from({ length: 400 }, (_, n) => ({
      document: stateOf({ id: `l${n}`, state: 'draft', sealed: false, stops: n % 40 === 3 ? ['dock', 'rare'] : ['dock'] }),
    }));
    await loads.bulkWrite(rows, 'test');
    const parsed = async (most: number): Promise<number> => {
      const parse = vi.spyOn(JSON, 'parse');
      expect((await ask(loads, { selector: { stops: { $elemMatch: { $eq: 'rare' } } } })).length).toBe(most);
      const { length } = parse.mock.calls;
      parse.mockRestore();
      return length;
    };
    expect(await parsed(10)).toBe(400);
    await parsed(10);
    await engineOf(loads).learning;
    expect(await parsed(10)).toBe(10);
    const [first] = rows;
    if (first)
      await loads.bulkWrite(
        [{ previous: first.document, document: stateOf({ ...first.document, stops: ['rare'] }, first.document) }],
        'test',
      );
    expect(await parsed(11)).toBe(11);
    await loads.close();
  });

  it.each([[['dock', ['rare']]], ['rare'], [[7, 'rare']], ['long']])('answers as RxDB does where a list holds %j', async (stops) => {
    const loads = await openLoads(makeDevice().start({ learnFrom: 0 }));
    const strange = stops === 'long' ? Array.from({ length: 300 }, (_, n) => `stop ${n}`).concat('rare') : stops;
    const all = [
      stateOf({ id: 'a', state: 'draft', sealed: false, stops: ['rare'] }),
      stateOf({ id: 'b', state: 'draft', sealed: false, stops: strange as string[] }),
      stateOf({ id: 'c', state: 'draft', sealed: false }),
    ];
    await loads.bulkWrite(
      all.map((document) => ({ document })),
      'test',
    );
    const query = { selector: { stops: { $elemMatch: { $eq: 'rare' } } } };
    for (let i = 0; i < 4; i += 1) {
      expect(ids(await ask(loads, query))).toEqual(ids(scan(all, query)));
      await engineOf(loads).learning;
    }
    await loads.close();
  });

  it('does not take long texts into memory a second time', async () => {
    const loads = await openLoads(makeDevice().start({ learnFrom: 0 }));
    const write = (id: string, note: string) =>
      loads.bulkWrite([{ document: stateOf({ id, state: 'draft', sealed: false, note }) }], 'test');
    await write('a', 'short');
    const { learned } = await (loads.internals as PackedInternals).collection();
    for (let i = 0; i < 3; i += 1) await ask(loads, { selector: { note: 'short' } });
    await engineOf(loads).learning;
    expect(learned.column('note')).toBeDefined();
    await write('b', 'long '.repeat(100));
    expect(learned.column('note')).toBeUndefined();
    for (let i = 0; i < 3; i += 1) expect((await ask(loads, { selector: { note: 'short' } })).length).toBe(1);
    expect(learned.column('note')).toBeUndefined();
    await loads.close();
  });

  it('reads each row of the disk once for a long answer, and answers as it was when it was asked', async () => {
    const device = makeDevice();
    const settings = { pageChars: 16_000, rowChars: 2000, heldChars: 20_000, decodedChars: 0 };
    const filling = await openLoads(device.start(settings));
    const all = Array.from({ length: 2400 }, (_, n) =>
      stateOf({ id: `l${n}`, name: `n${(n * 7919) % 2400}`, state: 'draft', sealed: false }),
    );
    await filling.bulkWrite(
      all.map((document) => ({ document })),
      'test',
    );
    await filling.close();
    const rows = await device.table('bodies', (table) => table.count());
    const loads = await openLoads(device.start(settings));
    const query: MangoQuery<Load> = { selector: { name: { $gte: 'n' } }, sort: [{ name: 'desc' }] };
    await ask(loads, { ...query, limit: 1 });
    const read = vi.spyOn(TextDecoder.prototype, 'decode');
    const answer = ask(loads, query);
    const [first] = all;
    if (first) await loads.bulkWrite([{ previous: first, document: stateOf({ ...first, name: 'z' }, first) }], 'test');
    expect((await answer).map(({ name }) => name)).toEqual(scan(all, query).map(({ name }) => name));
    expect(read.mock.calls.length).toBeLessThanOrEqual(rows);
    read.mockRestore();
    await loads.close();
  });
});
