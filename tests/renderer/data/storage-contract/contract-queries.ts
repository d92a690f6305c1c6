/**
 * Queries: the same documents asked by every operator, order and window, against RxDB's own matcher and comparator over a
 * plain list. RxDB's repository has such a data set, but its package does not carry it, so this one is our own.
 */
import * as fc from 'fast-check';
import { type MangoQuery, type RxDocumentData, getQueryMatcher, getSortComparator } from 'rxdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Candidate,
  type Instance,
  type Stored,
  animal,
  changeOf,
  countOf,
  filled,
  find,
  idsOf,
  openInstance,
  schema,
  stored,
  write,
} from './contract-kit.ts';

const KINDS = ['', 'bull', 'calf', 'cow', 'heifer', 'steer', 'Steer', 'ste', 'stéer'] as const;
const NAMES = ['', 'a', 'A', 'aa', 'a a', 'ab', 'b', 'Bee', 'bee', 'Zoë', 'zoe', '10', '9', 'ö', '肉', '🐄', 'x|y', '"q"'] as const;
/** Texts that only an index that compares whole texts tells apart. */
const EDGES = [' ', 'a ', 'a\u0000', '\uffff', 'bee  '] as const;
const WEIGHTS = [-100_000, -501, -500, -1, 0, 1, 9, 10, 11, 499, 500, 501, 99_999, 100_000] as const;
const DAYS = ['2024-02-29', '2025-12-31', '2026-01-01', '2026-01-05', '2026-01-05T10:00:00.000Z', '2026-11-20', '9999-12-31'] as const;

const at = <T>(list: readonly T[], i: number): T => {
  const item = list[i % list.length];
  if (item === undefined) throw new Error('an empty list has nothing to pick');
  return item;
};

/** Some hundred documents, a ninth of them deleted: ties in every field, edges of every range. */
function dataSet(names: readonly string[]): Stored[] {
  return Array.from({ length: 260 }, (_, i) =>
    stored(
      animal(`${at(['k', 'K', 'ä', '0'], i)}-${(i * 7919) % 260}`, {
        kind: at(KINDS, i * 3),
        name: at(names, i * 5 + (i >> 4)),
        weight: at(WEIGHTS, i * 11),
        born: at(DAYS, i + (i >> 3)),
        sold: i % 3 === 0,
        tags: i % 4 === 0 ? [] : [at(['lean', 'choice', 'prime'], i), at(['kosher', 'lean'], i >> 2)],
        pen: i % 5 === 0 ? { code: at(['A1', 'A10', 'B'], i) } : { code: at(['A1', 'A2'], i), row: i % 6 },
        ...(i % 7 === 0 ? {} : { memo: i % 6 === 0 ? null : `memo ${i % 13}` }),
      }),
    ),
  );
}

type Query = MangoQuery<Stored>;
type Selector = NonNullable<Query['selector']>;

/** What the answer must be, by RxDB's matcher and order alone. */
function expected(all: readonly Stored[], query: Query): string[] {
  const asked = filled(query);
  const own = schema() as never;
  const matches = getQueryMatcher<RxDocumentData<Stored>>(own, asked) as (document: Stored) => boolean;
  const compare = getSortComparator<RxDocumentData<Stored>>(own, asked) as (a: Stored, b: Stored) => number;
  const found = all.filter((document) => matches(document)).sort(compare);
  const to = asked.limit === undefined ? undefined : asked.skip + asked.limit;
  return found.slice(asked.skip, to).map((one) => one.id);
}

const selectors: Readonly<Record<string, Selector>> = {
  everything: {},
  'an id': { id: 'k-0' },
  'a list of ids': { id: { $in: ['k-0', 'ä-74', 'nobody', 'K-119', '0-97'] } },
  'a range of ids': { id: { $gte: 'K', $lt: 'k-2' } },
  'an indexed text': { name: 'bee' },
  'the empty text': { name: '' },
  'a text that is the start of others': { kind: 'ste' },
  'a prefix': { name: { $gte: 'a', $lt: 'a\uffff' } },
  'not a text': { kind: { $ne: 'steer' } },
  'one of several texts': { name: { $in: ['b', 'A', '肉', 'gone'] } },
  'one of no texts': { name: { $in: [] } },
  'none of several texts': { kind: { $nin: ['steer', 'cow', ''] } },
  'a number': { weight: 500 },
  'above a number': { weight: { $gt: 499 } },
  'from a number': { weight: { $gte: 500 } },
  'below a number': { weight: { $lt: -500 } },
  'to a number': { weight: { $lte: -500 } },
  'an open window': { weight: { $gt: -1, $lt: 10 } },
  'a closed window': { weight: { $gte: -1, $lte: 10 } },
  'an empty window': { weight: { $gt: 11, $lt: 12 } },
  'a window turned round': { weight: { $gt: 12, $lt: 11 } },
  'the lowest and the highest': { weight: { $in: [-100_000, 100_000] } },
  'a day': { born: { $gte: '2026-01-05', $lt: '2026-01-06' } },
  'a flag': { sold: true },
  'a flag and a text': { sold: false, name: { $gte: 'a' } },
  'two fields of one index': { kind: 'steer', weight: { $gte: 0 } },
  'three fields of one index': { kind: 'cow', born: { $gte: '2026' }, name: { $lt: 'b' } },
  'the second field of an index only': { born: '2026-01-01', kind: { $exists: true } },
  'a field of a field, with an index': { 'pen.code': 'A1' },
  'a field of a field, without': { 'pen.row': { $in: [0, 5] } },
  'a field that may be missing': { memo: { $exists: false } },
  'a field that may be null': { memo: null },
  'a text without an index': { memo: 'memo 3' },
  'an item of a list': { tags: { $elemMatch: { $eq: 'lean' } } },
  'the length of a list': { tags: { $size: 2 } },
  'a pattern': { name: { $regex: '^b', $options: 'i' } },
  'one of two conditions': { $or: [{ kind: 'bull' }, { weight: { $gt: 50_000 } }] },
  'both of two conditions': { $and: [{ kind: { $in: ['bull', 'cow'] } }, { sold: true }] },
  'neither of two conditions': { $nor: [{ kind: 'bull' }, { sold: true }] },
  'the opposite of a condition': { weight: { $not: { $gt: 0 } } },
  'a remainder': { weight: { $mod: [500, 0] } },
  'deleted ones': { _deleted: { $eq: true } },
  'deleted ones of a kind': { _deleted: { $eq: true }, kind: 'steer' },
};

type Sort = NonNullable<Query['sort']>;
const sorts = [
  undefined,
  [{ name: 'asc' }],
  [{ name: 'desc' }],
  [{ weight: 'asc' }],
  [{ weight: 'desc' }, { id: 'asc' }],
  [{ kind: 'asc' }, { weight: 'desc' }],
  [{ kind: 'desc' }, { born: 'desc' }, { name: 'desc' }],
  [{ sold: 'desc' }, { name: 'asc' }],
  [{ 'pen.code': 'asc' }],
  [{ id: 'desc' }],
  [{ memo: 'asc' }],
] as readonly (Sort | undefined)[];

const windows: readonly Pick<Query, 'skip' | 'limit'>[] = [{ limit: 7 }, { skip: 3 }, { skip: 5, limit: 11 }, { skip: 1000, limit: 5 }];

const field = fc.constantFrom('id', 'kind', 'name', 'weight', 'born', 'sold', 'pen.code', 'pen.row', 'memo');
const ordered = fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte');

/** Any query over the fields, with texts that the storage is asked to tell apart. */
function randomQuery(names: readonly string[]): fc.Arbitrary<Query> {
  const valueOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    id: fc.integer({ min: 0, max: 260 }).map((i) => `k-${i}`),
    kind: fc.constantFrom(...KINDS),
    name: fc.constantFrom(...names),
    weight: fc.oneof(fc.constantFrom(...WEIGHTS), fc.integer({ min: -100_000, max: 100_000 })),
    born: fc.constantFrom(...DAYS),
    sold: fc.boolean(),
    'pen.code': fc.constantFrom('', 'A1', 'A10', 'A2', 'B'),
    'pen.row': fc.integer({ min: -1, max: 7 }),
    memo: fc.constantFrom('memo 1', 'memo 12', 'memo 2', ''),
  };
  const condition = field.chain((name) => {
    const value = valueOf[name] ?? fc.constant('');
    // Flags and optional fields are compared for equality only: what "less than true" means is nobody's contract.
    const equalOnly = name === 'sold' || name === 'memo' || name === 'pen.row';
    const one = fc.tuple(equalOnly ? fc.constantFrom('$eq', '$ne') : ordered, value).map(([operator, v]) => ({ [operator]: v }));
    const several = fc.tuple(fc.constantFrom('$in', '$nin'), fc.array(value, { maxLength: 5 })).map(([operator, v]) => ({ [operator]: v }));
    const between = fc.tuple(value, value).map(([from, to]) => (equalOnly ? { $eq: from } : { $gte: from, $lt: to }));
    return fc.oneof(one, several, between).map((test) => ({ [name]: test }));
  });
  const selector = fc.oneof(
    fc.array(condition, { maxLength: 3 }).map((parts) => Object.assign({}, ...parts) as Selector),
    fc.array(condition, { minLength: 1, maxLength: 3 }).map((parts) => ({ $or: parts })),
    fc.array(condition, { minLength: 1, maxLength: 3 }).map((parts) => ({ $and: parts })),
  );
  const optional = (min: number, max: number) => fc.option(fc.integer({ min, max }), { nil: undefined });
  return fc
    .record({ selector, sort: fc.constantFrom(...sorts), skip: optional(0, 30), limit: optional(1, 40) })
    .map(({ selector: asked, sort, skip, limit }) => ({
      selector: asked,
      ...(sort ? { sort } : {}),
      ...(skip === undefined ? {} : { skip }),
      ...(limit === undefined ? {} : { limit }),
    }));
}

export function contractOfQueries(candidate: Candidate): void {
  describe('queries', () => {
    let instance: Instance;
    let all: Stored[];
    const names: readonly string[] = candidate.lenient === true ? NAMES : [...NAMES, ...EDGES];
    beforeAll(async () => {
      instance = await openInstance(candidate.make());
      const first = await write(
        instance,
        dataSet(names).map((document) => ({ document })),
      );
      // A ninth deleted, a ninth changed: an index must have let go of what was before.
      const rows = first.flatMap((document, i) =>
        i % 9 === 4
          ? [changeOf(document, { _deleted: true })]
          : i % 9 === 5
            ? [changeOf(document, { name: at(names, i), weight: at(WEIGHTS, i), kind: at(KINDS, i) })]
            : [],
      );
      const later = new Map((await write(instance, rows)).map((document) => [document.id, document]));
      all = first.map((document) => later.get(document.id) ?? document);
    });
    afterAll(() => instance.close());

    it('stands on documents that are all there', async () => {
      expect(await idsOf(instance, { selector: { _deleted: { $in: [true, false] } } })).toHaveLength(260);
    });

    for (const [name, asked] of Object.entries(selectors)) {
      it(`finds ${name}, in every order and window`, async () => {
        for (const [i, sort] of sorts.entries()) {
          for (const window of i === 0 ? [{}, ...windows] : [{}, at(windows, i)]) {
            const query = { selector: asked, ...(sort ? { sort } : {}), ...window } as Query;
            expect(await idsOf(instance, query), JSON.stringify(query)).toEqual(expected(all, query));
          }
        }
        expect(await countOf(instance, { selector: asked })).toBe(expected(all, { selector: asked }).length);
      });
    }

    it('finds whole documents, not only their ids', async () => {
      const known = new Map(all.map((document) => [document.id, document]));
      for (const document of await find(instance, { selector: { kind: 'cow' } })) expect(document).toStrictEqual(known.get(document.id));
    });

    it('finds the same by whichever index it is told to use', async () => {
      const own = schema().indexes ?? [];
      const query = { selector: { kind: { $gte: 'c' }, weight: { $gt: 0 } } } as Query;
      for (const index of own) {
        const asked = { ...query, index: typeof index === 'string' ? [index] : [...index] } as Query;
        expect((await idsOf(instance, asked)).toSorted(), JSON.stringify(index)).toEqual(expected(all, query).toSorted());
      }
    });

    it('agrees with the matcher on queries nobody thought of', async () => {
      await fc.assert(
        fc.asyncProperty(randomQuery(names), async (query) => {
          expect(await idsOf(instance, query)).toEqual(expected(all, query));
          const { sort: _sort, skip: _skip, limit: _limit, ...unlimited } = query;
          expect(await countOf(instance, unlimited)).toBe(expected(all, unlimited).length);
        }),
        { numRuns: 150 },
      );
    });
  });
}
