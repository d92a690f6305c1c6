import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { companyFrom } from '../../../domain/access/company.ts';
import { type Option, isOptionKey, keyFor, listProblem, optionsOf, readLists } from '../../../domain/access/option-lists.ts';
import { nouns } from '../../../domain/registry.ts';
import { allFields } from '../../../domain/entity/entity.ts';

const stated = { key: 'packages', options: { bags: 'Bags', bulk: 'Bulk' } };
const [bags, bulk] = [
  { key: 'bags', label: 'Bags' },
  { key: 'bulk', label: 'Bulk' },
];

const plain = { dated: false, closed: false };

describe('the options of a list', () => {
  it('are those of the program until the company changes them, then its own, and what a later version adds', () => {
    expect(optionsOf(stated, {})).toEqual([bags, bulk]);
    const own: Option[] = [
      { key: 'sacks', label: 'Sacks' },
      { key: 'bags', label: 'Poly bags', retired: true },
    ];
    expect(optionsOf(stated, { packages: own })).toEqual([...own, bulk]);
  });

  it('have the days of the program until the company changes them, and bad ones are not read', () => {
    const dated = { key: 'terms', options: { net_7: 'Net 7', other: 'Other' }, dues: { net_7: { days: 7 } } };
    expect(optionsOf(dated, {})).toEqual([
      { key: 'net_7', label: 'Net 7', due: { days: 7 } },
      { key: 'other', label: 'Other' },
    ]);
    const own: Option[] = [{ key: 'net_7', label: 'A week', due: { days: 8, businessDay: true } }];
    expect(optionsOf(dated, readLists({ terms: own }))[0]).toEqual(own[0]);
    for (const due of [{ days: 1.5 }, { days: 366 }, { days: -61 }, { days: '7' }, { days: 7, businessDay: 'yes' }, 7, null])
      expect(readLists({ terms: [{ ...own[0], due }] })).toEqual({});
    const wanted: Option[] = [{ key: 'net_7', label: 'A week', due: { days: 366 } }];
    expect(listProblem({ ...plain, dated: true }, own, wanted)).toContain('"A week": give whole days');
    expect(listProblem({ ...plain, dated: true }, own, own)).toBe('');
    expect(listProblem(plain, own, own)).toBe('"A week" has days, which only terms of payment have.');
  });

  it('are read without trust: a list that is none is as the program has it', () => {
    const told = { a: [bags], b: [{ key: 'B A D', label: 'x' }], c: 'x', d: [{ key: 'k', label: 1 }], e: [{ ...bags, retired: 'yes' }] };
    expect(companyFrom({ options: told }).options).toEqual({ a: [bags] });
    expect([readLists(null), readLists(3)]).toEqual([{}, {}]);
  });

  it('of all fields have keys that may be stored', () => {
    const lists = nouns.flatMap(({ entity }) => Object.values(allFields(entity)).flatMap(({ list }) => (list ? [list] : [])));
    expect(lists.length).toBeGreaterThan(20);
    for (const { key, options } of lists)
      for (const option of Object.keys(options)) expect(isOptionKey(option), `${key}.${option}`).toBe(true);
    const byKey = new Map(lists.map((list) => [list.key, list]));
    for (const list of lists) expect(byKey.get(list.key), list.key).toBe(list);
  });
});

describe('changing a list', () => {
  it.each([
    ['the same', [bags, bulk], ''],
    ['another order and a new one', [bulk, { key: 'sacks', label: 'Sacks' }, bags], ''],
    ['one retired', [bags, { ...bulk, retired: true as const }], ''],
    ['one gone', [bags], '"Bulk" cannot leave the list'],
    [
      'all retired',
      [
        { ...bags, retired: true as const },
        { ...bulk, retired: true as const },
      ],
      'One option at least',
    ],
    ['a key twice', [bags, bulk, bags], 'stands in the list twice'],
    ['a label twice, but for case', [bags, bulk, { key: 'x', label: ' BAGS ' }], 'people could not tell'],
    ['an empty label', [bags, { key: 'bulk', label: ' ' }], '1 to 60 characters'],
    ['a key that is none', [bags, bulk, { key: 'No key', label: 'x' }], 'is no key'],
  ])('%s', (_, after, problem) => {
    expect(listProblem(plain, [bags, bulk], after)).toContain(problem);
    expect(listProblem(plain, [bags, bulk], after) === '').toBe(problem === '');
  });

  it('adds none to a list that the program acts by, and retires there', () => {
    const closed = { ...plain, closed: true };
    expect(listProblem(closed, [bags], [bags, bulk])).toContain('Drover knows no others');
    expect(listProblem(closed, [bags, bulk], [bags, { ...bulk, retired: true }])).toBe('');
  });

  it('gives every new label a key of its own that may be stored', () => {
    expect(keyFor('Vacuum packed, 10 lb', [])).toBe('vacuum_packed_10_lb');
    expect(keyFor('Bags', [bags])).toBe('bags_2');
    expect(keyFor('Überseekiste', [])).toBe('u_berseekiste');
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 80 }), { maxLength: 12 }), (labels) => {
        const all: Option[] = [];
        for (const label of labels) all.push({ key: keyFor(label, all), label });
        expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
        for (const { key } of all) expect(isOptionKey(key)).toBe(true);
      }),
    );
  });
});
