import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstTouched, hiddenIn, hide, keeps, mayBeHidden, patch, withUnits } from '../../../domain/access/field-limits.ts';
import { locksOf } from '../../../domain/access/locks.ts';
import { type Grant, deniedWrite, rightsOf } from '../../../domain/access/rights.ts';
import { accessFields } from '../../../domain/access/condition.ts';
import { type AnyDocument, allFields } from '../../../domain/entity/entity.ts';
import { validate } from '../../../domain/entity/validate.ts';
import { nouns, nounOf } from '../../../domain/registry.ts';
import { documentsOf } from '../arbitrary-document.ts';

const entityOf = (collection: string) => {
  const entity = nounOf(collection)?.entity;
  if (!entity) throw new Error(`there are no ${collection}`);
  return entity;
};
const orders = entityOf('orders');
const lots = entityOf('lots');

/** Every path of an entity that can be hidden. */
const hideable = nouns.map(({ entity }) => {
  const paths = Object.entries(entity.fields).flatMap(([key, f]) => [
    key,
    ...Object.keys(f.fields ?? {}).map((inner) => `${key}.${inner}`),
  ]);
  return { entity, paths: paths.filter((path) => mayBeHidden(entity, path)) };
});

describe('[SYN-7] what is hidden', () => {
  test.each(hideable)('$entity.collection: leaves a document that the schema takes, and comes back whole', ({ entity, paths }) => {
    expect(paths.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(documentsOf(entity), fc.subarray(paths), (document, hidden) => {
        const partial = hide(entity, document, hidden);
        expect(validate(entity, partial).filter(({ code }) => code === 'absent' || code === 'wrong_type')).toEqual([]);
        // Hidden twice is hidden once, and what is kept fills all of it again.
        expect(hide(entity, partial, hidden)).toEqual(partial);
        expect(patch(entity, partial, document, hidden)).toEqual(document);
        // Whoever sends back what was received has touched nothing.
        expect(firstTouched(entity, { document: partial, base: partial, kept: document }, hidden)).toBeUndefined();
        expect(firstTouched(entity, { document, base: partial, kept: document }, hidden)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  test('is never what rights are judged by, what names the record, or what must have a value', () => {
    for (const { entity, paths } of hideable) {
      for (const key of [...accessFields, entity.title, 'id', 'w', 'status', 'deskId']) expect(paths).not.toContain(key);
      for (const [key, f] of Object.entries(allFields(entity))) if (f.required) expect(paths).not.toContain(key);
    }
    expect(mayBeHidden(orders, 'lines.price.more')).toBe(false);
    expect(mayBeHidden(orders, '__proto__')).toBe(false);
    expect(mayBeHidden(orders, 'lines.constructor')).toBe(false);
  });

  test('follows rows by their id, and what a computed field holds is nobody’s edit', () => {
    const kept = {
      lines: [
        { lineId: 'a', price: 100, amount: 7 },
        { lineId: 'b', price: 200, amount: 8 },
      ],
    };
    const sent = {
      lines: [
        { lineId: 'b', amount: 0 },
        { lineId: 'new', description: 'x' },
      ],
    };
    const paths = ['lines.price', 'lines.amount'];
    expect(patch(orders, sent, kept, paths)).toEqual({
      lines: [
        { lineId: 'b', price: 200, amount: 8 },
        { lineId: 'new', description: 'x' },
      ],
    });
    expect(firstTouched(orders, { document: sent, base: undefined, kept }, paths)).toBeUndefined();
    const typed = { lines: [{ lineId: 'b', price: 999 }] };
    expect(firstTouched(orders, { document: typed, base: undefined, kept }, paths)).toBe('lines.price');
    expect(firstTouched(orders, { document: typed, base: typed, kept }, paths)).toBeUndefined();
    expect(keeps(orders, kept, { lines: [{ lineId: 'a', price: 100 }] }, paths)).toBe(true);
    expect(keeps(orders, kept, { lines: [{ lineId: 'a', price: 101 }] }, paths)).toBe(false);
    expect(keeps(orders, kept, { lines: [{ lineId: 'a' }] }, paths)).toBe(false);
  });
});

const all = { is: 'all' } as const;
const viewer = { accountId: 'me', desks: ['east'] };
const at = (more: Record<string, unknown>): AnyDocument => ({ deskId: 'east', ownerId: 'other', ...more }) as unknown as AnyDocument;

test('[SYN-7] a field is shown by any grant that shows it, and only where that grant reaches', () => {
  const rights = rightsOf(
    [
      { permission: 'lots:read', when: all, without: ['cost', 'totalCost'] },
      { permission: 'lots:read', when: { is: 'my_desks', field: 'deskId' }, without: ['totalCost'] },
      { permission: 'lots:read', when: { is: 'mine', field: 'ownerId' } },
    ],
    viewer,
  );
  expect(rights.hidden(lots, at({ deskId: 'north' }))).toEqual(['cost', 'totalCost', 'costUnit']);
  expect(rights.hidden(lots, at({}))).toEqual(['totalCost']);
  expect(rights.hidden(lots, at({ ownerId: 'me' }))).toEqual([]);
  expect(rights.views(orders)).toBeUndefined();
  expect(hiddenIn([], at({}))).toEqual([]);
});

test('[SYN-7] what may be read and not written stays as it is, in rows too', () => {
  const grant = (permission: Grant['permission']): Grant => ({ permission, when: all, without: ['terms', 'lines.price'] });
  const rights = rightsOf([{ permission: 'orders:read', when: all }, grant('orders:update'), grant('orders:create')], viewer);
  const before = { doc: at({ terms: 'net_30', notes: 'a', lines: [{ lineId: '1', price: 5, note: 'x' }] }), deleted: false };
  const to = (more: Record<string, unknown>) => deniedWrite(rights, orders, before, { doc: { ...before.doc, ...more }, deleted: false });
  expect(to({ notes: 'b', lines: [{ lineId: '1', price: 5, note: 'y' }] })).toBeUndefined();
  expect(to({ lines: [] })).toBeUndefined();
  expect(to({ terms: 'net_7' })).toMatchObject({ code: 'field_not_permitted', field: 'terms' });
  expect(to({ terms: undefined })).toMatchObject({ field: 'terms' });
  expect(to({ lines: [{ lineId: '1', price: 6, note: 'x' }] })).toMatchObject({ code: 'field_not_permitted', field: 'lines' });
  expect(to({ lines: [{ lineId: '1', note: 'x' }] })).toMatchObject({ field: 'lines' });
  expect(to({ lines: [{ lineId: '2', price: 6 }] })).toMatchObject({ field: 'lines' });
  const create = (more: Record<string, unknown>) => deniedWrite(rights, orders, undefined, { doc: at(more), deleted: false });
  expect(create({ notes: 'a', lines: [{ lineId: '1' }] })).toBeUndefined();
  expect(create({ terms: 'net_7' })).toMatchObject({ code: 'field_not_permitted', field: 'terms' });
  expect(create({ lines: [{ lineId: '1', price: 6 }] })).toMatchObject({ field: 'lines' });
});

describe('[SYN-6][SYN-7] an amount and what gives it its meaning', () => {
  test.each(hideable)('$entity.collection: are hidden together, whichever of them a role names', ({ entity, paths }) => {
    for (const unit of entity.together ?? []) {
      const open = unit.filter((path) => mayBeHidden(entity, path));
      for (const path of open) expect(new Set(withUnits(entity, [path]))).toEqual(new Set(open));
    }
    fc.assert(
      fc.property(fc.subarray(paths), (hidden) => {
        const all = withUnits(entity, hidden);
        expect(all).toEqual(expect.arrayContaining(hidden));
        expect(withUnits(entity, all)).toEqual(all);
        for (const path of all) expect(mayBeHidden(entity, path)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('what is computed has its unit beside it', () => {
    expect(withUnits(lots, ['cost'])).toEqual(['cost', 'costUnit']);
    expect(withUnits(lots, ['costUnit'])).toEqual(['costUnit', 'cost']);
  });

  const line = { lineId: '1', price: 52_500, priceUnit: 'lb', description: 'chuck' };
  const stored = { doc: at({ currency: 'USD', notes: 'a', lines: [line] }), deleted: false };
  const rightsWith = (read: readonly string[], update?: readonly string[]) =>
    rightsOf(
      [
        { permission: 'orders:read', when: all, without: read },
        { permission: 'orders:update', when: all, ...(update ? { without: update } : {}) },
      ],
      viewer,
    );
  const change = (rights: ReturnType<typeof rightsWith>, more: Record<string, unknown>) =>
    deniedWrite(rights, orders, stored, { doc: { ...stored.doc, ...more }, deleted: false });

  test('the unit of a price that somebody may not see is neither shown nor changed', () => {
    const rights = rightsWith(['lines.price'], ['lines.price']);
    const hidden = rights.hidden(orders, stored.doc);
    expect(hidden).toContain('lines.priceUnit');
    expect(hide(orders, stored.doc, hidden)).toMatchObject({ lines: [{ lineId: '1', description: 'chuck' }] });
    expect(JSON.stringify(hide(orders, stored.doc, hidden))).not.toContain('"lb"');
    expect(change(rights, { lines: [{ ...line, priceUnit: 'cwt' }] })).toMatchObject({ code: 'field_not_permitted', field: 'lines' });
    expect(change(rights, { lines: [{ ...line, description: 'brisket' }] })).toBeUndefined();
    expect(locksOf(rights, orders, stored.doc).isHidden('lines.priceUnit')).toBe(true);
  });

  test.each([
    ['not see', rightsWith(['lines.price'])],
    ['see and not change', rightsWith([], ['lines.price'])],
    ['not see the sum of', rightsWith(['totalAmount'])],
    ['not see the list with', rightsWith(['charges'])],
  ])('the currency of an amount that somebody may %s stays as it is', (_, rights) => {
    expect(change(rights, { currency: 'CAD' })).toMatchObject({ code: 'field_not_permitted', field: 'currency' });
    expect(change(rights, { exchangeRate: 1_300_000 })).toMatchObject({ field: 'exchangeRate' });
    expect(change(rights, { notes: 'b' })).toBeUndefined();
    expect(locksOf(rights, orders, stored.doc).reason('currency')).toContain('does not allow you to change');
  });

  test('what holds no amount closes no currency, and whoever sees all of it changes it', () => {
    for (const rights of [rightsWith(['notes']), rightsWith([])]) {
      expect(change(rights, { currency: 'CAD' })).toBeUndefined();
      expect(locksOf(rights, orders, stored.doc).reason('currency')).toBeUndefined();
    }
  });

  test('two grants that each hide one half hide both', () => {
    const rights = rightsOf(
      [
        { permission: 'orders:read', when: all, without: ['lines.price'] },
        { permission: 'orders:read', when: all, without: ['lines.priceUnit'] },
      ],
      viewer,
    );
    expect(rights.hidden(orders, stored.doc)).toEqual(expect.arrayContaining(['lines.price', 'lines.priceUnit']));
  });
});
