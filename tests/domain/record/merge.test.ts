import { describe, expect, test } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { mergeRecord } from '../../../domain/record/merge.ts';
import { mergeText } from '../../../domain/record/merge-text.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { partyNoun } from '../../../domain/party/party.rules.ts';
import { minimalDocument } from '../sample.ts';

type Fields = Readonly<Record<string, unknown>>;
const line = (lineId: string, more: Fields = {}): Fields => ({ lineId, description: `Item ${lineId}`, ...more });
const order = (fields: Fields): AnyDocument => ({ ...minimalDocument(orderNoun), ...fields });
const party = (fields: Fields): AnyDocument => ({ ...minimalDocument(partyNoun), ...fields });

/** Merges two changes of one order; `undefined` in a change empties a field. */
function mergeOrders(base: Fields, mine: Fields, theirs: Fields) {
  const live = (fields: Fields) => ({ doc: order({ ...base, ...fields }), deleted: false });
  const { doc, clashes } = mergeRecord(orderNoun.entity, live({}), live(mine), live(theirs));
  return { doc, clashes, paths: clashes.map((clash) => clash.path) };
}

describe('[SYN-6] fields', () => {
  test('[SYN-6] changes of different fields are both kept', () => {
    const { doc, clashes } = mergeOrders({}, { sealNumber: 'S-1' }, { bolNumber: 'B-1' });
    expect(doc).toMatchObject({ sealNumber: 'S-1', bolNumber: 'B-1' });
    expect(clashes).toEqual([]);
  });

  test('[SYN-6] of two changes of one field the stored one stays, and the clash shows all three', () => {
    const { doc, clashes } = mergeOrders({ trailerNumber: 'T-0' }, { trailerNumber: 'T-1' }, { trailerNumber: 'T-2' });
    expect(doc['trailerNumber']).toBe('T-2');
    expect(clashes).toEqual([{ path: 'trailerNumber', base: 'T-0', mine: 'T-1', theirs: 'T-2' }]);
  });

  test('[SYN-6] emptying a field against a change of it is a clash without a value of mine', () => {
    const { clashes } = mergeOrders({ sealNumber: 'S-0' }, { sealNumber: undefined }, { sealNumber: 'S-2' });
    expect(clashes).toEqual([{ path: 'sealNumber', base: 'S-0', theirs: 'S-2' }]);
  });

  test('[SYN-6] sets take what both added and leave out what one removed', () => {
    const { doc, clashes } = mergeOrders(
      { externalReferences: ['a', 'b'] },
      { externalReferences: ['b', 'mine'] },
      { externalReferences: ['a', 'b', 'theirs'] },
    );
    expect(doc['externalReferences']).toEqual(['b', 'mine', 'theirs']);
    expect(clashes).toEqual([]);
  });

  test('[SYN-6] a set that both shrink to nothing although it is required is a clash', () => {
    const state = (roles: string[]) => ({ doc: party({ roles }), deleted: false });
    const merged = mergeRecord(partyNoun.entity, state(['supplier', 'customer']), state(['supplier']), state(['customer']));
    expect(merged.doc['roles']).toEqual(['customer']);
    expect(merged.clashes.map((clash) => clash.path)).toEqual(['roles']);
  });

  test('[SYN-6] an address moves as a whole, and its clashes say what belongs together', () => {
    const state = (fields: Fields) => ({ doc: party({ street: '1 Main', city: 'Friona', state: 'TX', ...fields }), deleted: false });
    const { doc, clashes } = mergeRecord(
      partyNoun.entity,
      state({}),
      state({ street: '9 Oak', city: 'Hereford' }),
      state({ city: 'Dumas' }),
    );
    expect(doc).toMatchObject({ street: '1 Main', city: 'Dumas', state: 'TX' });
    expect(clashes.map((clash) => clash.path).toSorted()).toEqual(['city', 'street']);
    expect(clashes[0]?.together).toContain('postalCode');
  });

  test('[SYN-6] an older client that does not know a field does not empty it', () => {
    const stored = { doc: { ...party({ phone: '620 227 5831' }), newer: 'kept' }, deleted: false };
    const base = { doc: party({}), deleted: false };
    const merged = mergeRecord(partyNoun.entity, base, { doc: party({ code: 'ABC' }), deleted: false }, stored);
    expect(merged.doc).toMatchObject({ newer: 'kept', code: 'ABC', phone: '620 227 5831' });
  });
});

describe('[SYN-6] money and weights', () => {
  const priced = { lines: [line('a', { price: 20_000, priceUnit: 'lb' })] };

  test('[SYN-6] a price never meets another unit', () => {
    const { doc, paths } = mergeOrders(
      priced,
      { lines: [line('a', { price: 21_000, priceUnit: 'lb' })] },
      { lines: [line('a', { price: 20_000, priceUnit: 'kg' })] },
    );
    expect(doc['lines']).toEqual([line('a', { price: 20_000, priceUnit: 'kg' })]);
    expect(paths).toEqual(['lines.a.price', 'lines.a.priceUnit']);
  });

  test('[SYN-6] nor an amount another currency, also in rows and in new rows', () => {
    const { doc, paths } = mergeOrders(
      { ...priced, currency: 'usd' },
      { lines: [line('a', { price: 25_000, priceUnit: 'lb' }), line('new', { price: 100, priceUnit: 'lb' })], sealNumber: 'S' },
      { currency: 'cad', exchangeRate: 730_000 },
    );
    expect(doc).toMatchObject({ currency: 'cad', lines: priced.lines, sealNumber: 'S' });
    expect(paths).toEqual(['lines.a.price', 'lines.new']);
  });

  test('[SYN-6] nor the other way round: a change of currency is held back from amounts that changed meanwhile', () => {
    const { doc, paths } = mergeOrders(
      { ...priced, currency: 'usd' },
      { currency: 'cad', exchangeRate: 730_000 },
      { lines: [line('a', { price: 25_000, priceUnit: 'lb' })] },
    );
    expect(doc).toMatchObject({ currency: 'usd', exchangeRate: 1_000_000 });
    expect(paths).toEqual(['currency', 'exchangeRate']);
  });

  test('[SYN-6] a change of currency alone goes with changes of other fields', () => {
    const { doc, clashes } = mergeOrders({ currency: 'usd' }, { currency: 'cad', exchangeRate: 730_000 }, { sealNumber: 'S' });
    expect(doc).toMatchObject({ currency: 'cad', exchangeRate: 730_000, sealNumber: 'S' });
    expect(clashes).toEqual([]);
  });

  test('[SYN-6] totals are never a clash', () => {
    expect(mergeOrders({ totalAmount: 1 }, { totalAmount: 2, sealNumber: 'S' }, { totalAmount: 3 }).clashes).toEqual([]);
  });
});

describe('[SYN-6] rows', () => {
  const base = { lines: [line('a'), line('b'), line('c')] };

  test('[SYN-6] both may add rows, and change different fields of one row', () => {
    const { doc, clashes } = mergeOrders(
      base,
      { lines: [line('a', { note: 'mine' }), line('b'), line('c'), line('m')] },
      { lines: [line('a', { cases: 4 }), line('b'), line('c'), line('t')] },
    );
    expect(doc['lines']).toEqual([line('a', { note: 'mine', cases: 4 }), line('b'), line('c'), line('t'), line('m')]);
    expect(clashes).toEqual([]);
  });

  test('[SYN-6] a removed row goes when nobody touched it, and stays with a clash when somebody did', () => {
    const { doc, clashes } = mergeOrders(
      base,
      { lines: [line('b', { note: 'mine' }), line('c')] },
      { lines: [line('a', { note: 'theirs' })] },
    );
    expect(doc['lines']).toEqual([line('a', { note: 'theirs' }), line('b', { note: 'mine' })]);
    expect(clashes).toEqual([
      { path: 'lines.a', base: line('a'), theirs: line('a', { note: 'theirs' }) },
      { path: 'lines.b', base: line('b'), mine: line('b', { note: 'mine' }) },
    ]);
  });

  test('[SYN-6] rows that only I moved keep my order', () => {
    const moved = [line('c'), line('a'), line('b')];
    const { doc } = mergeOrders(base, { lines: moved }, { lines: [...base.lines, line('t')] });
    expect(doc['lines']).toEqual([...moved, line('t')]);
  });

  test('[SYN-6] more rows than the list may have are a clash of the whole list', () => {
    const stops = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => ({ lineId: `${prefix}${i}`, kind: 'other' }));
    const { doc, paths } = mergeOrders({}, { stops: stops('m', 21) }, { stops: stops('t', 21) });
    expect(doc['stops']).toEqual(stops('t', 21));
    expect(paths).toEqual(['stops']);
  });

  test('[SYN-6] a base that is no list of rows merges nothing and loses nothing', () => {
    const { doc, paths } = mergeOrders({ lines: 'nonsense' }, { lines: [line('m')] }, { lines: [line('t')] });
    expect(doc['lines']).toEqual([line('t')]);
    expect(paths).toEqual(['lines']);
  });
});

describe('[SYN-6] deleting', () => {
  const states = (deleted: boolean, fields: Fields = {}) => ({ doc: order(fields), deleted });
  test.each([
    ['mine deletes what nobody touched', states(true), states(false), true, []],
    ['mine deletes what was changed', states(true), states(false, { sealNumber: 'S' }), false, ['_deleted']],
    ['mine changes what was deleted', states(false, { sealNumber: 'S' }), states(true), false, ['_deleted']],
    ['theirs deleted what I did not touch', states(false), states(true), true, []],
  ])('[SYN-6] %s', (_title, mine, theirs, deleted, paths) => {
    const merged = mergeRecord(orderNoun.entity, states(false), mine, theirs);
    expect(merged.deleted).toBe(deleted);
    expect(merged.clashes.map((clash) => clash.path)).toEqual(paths);
    if (!deleted) expect(merged.doc['sealNumber']).toBe('S');
  });

  test('[SYN-6] a restored record lives', () => {
    expect(mergeRecord(orderNoun.entity, states(true), states(false), states(true, { sealNumber: 'S' }))).toMatchObject({
      deleted: false,
      doc: { sealNumber: 'S' },
      clashes: [],
    });
  });

  test('[SYN-6] without a base the stored state stays and all that differs is named', () => {
    const merged = mergeRecord(orderNoun.entity, undefined, states(false, { sealNumber: 'M', w: 'x' }), states(false, { sealNumber: 'T' }));
    expect(merged.doc['sealNumber']).toBe('T');
    expect(merged.clashes).toEqual([{ path: 'sealNumber', mine: 'M', theirs: 'T' }]);
  });
});

describe('[SYN-6] long texts', () => {
  const base = 'one\ntwo\nthree\nfour';
  test.each([
    ['different lines', 'ONE\ntwo\nthree\nfour', 'one\ntwo\nthree\nFOUR', 'ONE\ntwo\nthree\nFOUR'],
    ['lines added at both ends', 'zero\none\ntwo\nthree\nfour', 'one\ntwo\nthree\nfour\nfive', 'zero\none\ntwo\nthree\nfour\nfive'],
    ['the same change beside another', 'ONE\ntwo\nthree\nfour', 'ONE\ntwo\nthree\nFOUR', 'ONE\ntwo\nthree\nFOUR'],
    ['a line removed and another changed', 'two\nthree\nfour', 'one\ntwo\nTHREE\nfour', 'two\nTHREE\nfour'],
    ['the same line changed differently', 'one\nTWO\nthree\nfour', 'one\ntwo!\nthree\nfour', undefined],
    ['different lines at the same place', `${base}\nmine`, `${base}\ntheirs`, undefined],
  ])('[SYN-6] %s', (_title, mine, theirs, expected) => {
    expect(mergeText(base, mine, theirs)).toBe(expected);
    expect(mergeText(base, theirs, mine)).toBe(expected);
  });

  test('[SYN-6] where lines repeat and nobody can tell which became which, nothing is doubled', () => {
    expect(mergeText('four', 'four\ntwo\ntwo\nthree\nfour', 'three\nthree\ntwo\nfour')).toBeUndefined();
  });

  test('[SYN-6] a text that would become too long, or was emptied on one side, is a clash', () => {
    const long = 'x'.repeat(2600);
    expect(mergeOrders({ instructions: base }, { instructions: `${long}\n${base}` }, { instructions: `${base}\n${long}` }).paths).toEqual([
      'instructions',
    ]);
    expect(mergeOrders({ instructions: base }, { instructions: undefined }, { instructions: `${base}\nfive` }).paths).toEqual([
      'instructions',
    ]);
  });

  test('[SYN-6] a base of any size, which is only a claim, costs no more than reading it', () => {
    const many = Array.from({ length: 300_000 }, (_, i) => `${i}`);
    const rows = many.map((lineId) => ({ lineId, description: 'x' }));
    const started = performance.now();
    mergeOrders(
      { externalReferences: many, lines: rows },
      { externalReferences: ['a', '7'], lines: [line('m'), line('7')] },
      { externalReferences: ['b', '7'], lines: [line('t'), line('7')] },
    );
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('[SYN-6] texts of many lines are merged in a moment', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `${i % 7}`);
    const started = performance.now();
    const merged = mergeText(lines.join('\n'), ['first', ...lines].join('\n'), [...lines.toReversed(), 'last'].join('\n'));
    expect(performance.now() - started).toBeLessThan(1000);
    expect(merged === undefined || merged.startsWith('first')).toBe(true);
  });
});
