import { afterEach, describe, expect, it } from 'vitest';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { usualCompany } from '../../../domain/access/company.ts';
import { keepCompany } from '../../../renderer/data/company.ts';
import { openLocalStore } from '../../../renderer/data/local-store.ts';
import { dropOldLeases, heldLeases, keepLeases, observeStock, takeNumber, wantedSize } from '../../../renderer/data/series.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { actor, freshDesk, until } from './desk-kit.ts';

const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const desk = async (): Promise<Desk> => {
  const made = await freshDesk({ nouns: [orderNoun], memory: true });
  ends.push(() => made.close());
  return made;
};
const NOW = '2026-11-20T12:00:00.000Z';
const block = (first: number, last: number, next: number = first, series = 'purchase-orders') => ({
  series,
  first,
  last,
  next,
  prefix: 'PO-',
  width: 6,
});
const [purchase, sale] = orderNoun.series ?? [];
const series = (): NonNullable<typeof purchase> => {
  if (!purchase) throw new Error('orders have no series');
  return purchase;
};
const draft = (more: Record<string, unknown> = {}) => ({
  kind: 'purchase',
  orderedOn: '2026-11-20',
  lines: [{ lineId: 'l', description: 'Chuck roll', cases: 1 }],
  ...more,
});
const create = async (on: Desk, more: Record<string, unknown> = {}, id?: string) =>
  submit(on, { collection: 'orders', command: 'create', draft: draft(more), ...(id === undefined ? {} : { id }) }, actor);
const numberIn = (result: Awaited<ReturnType<typeof create>>): unknown =>
  result.ok ? result.document['number'] : result.rejection.problems;

describe('taking numbers', () => {
  it('[NUM-1] two windows that take at the same instant never take the same', async () => {
    const one = await desk();
    await keepLeases(one, [block(1, 30), block(41, 50)], NOW);
    const tab = await openLocalStore(one.name);
    ends.push(() => tab.close());
    const other: Desk = { ...one, local: tab };
    const taken = await Promise.all(Array.from({ length: 44 }, (_, i) => takeNumber(i % 2 === 0 ? one : other, series())));
    const given = taken.filter((number) => number !== undefined);
    expect(new Set(given).size).toBe(40);
    expect(given).toHaveLength(40);
    expect(given.toSorted().at(0)).toBe('PO-000001');
    expect(given.toSorted().at(-1)).toBe('PO-000050');
  });

  it('[NUM-1] what the server says never brings a used number back', async () => {
    const one = await desk();
    await keepLeases(one, [block(1, 9)], NOW);
    await takeNumber(one, series());
    await takeNumber(one, series());
    await keepLeases(one, [block(1, 9, 2)], NOW);
    expect(await takeNumber(one, series())).toBe('PO-000003');
    // The profile was put back, and the server has seen more than this device remembers.
    await keepLeases(one, [block(1, 9, 8)], NOW);
    expect([await takeNumber(one, series()), await takeNumber(one, series()), await takeNumber(one, series())]).toEqual([
      'PO-000008',
      'PO-000009',
      undefined,
    ]);
  });
});

describe('saving', () => {
  it('[NUM-1] a new order gets the next number at once, another kind another series, and a typed number stays', async () => {
    const one = await desk();
    await keepLeases(one, [block(7, 9), { ...block(1, 2, 1, sale?.key), prefix: 'SO-' }], NOW);
    expect(numberIn(await create(one))).toBe('PO-000007');
    expect(numberIn(await create(one, { kind: 'sale' }))).toBe('SO-000001');
    expect(numberIn(await create(one, { number: '226040' }))).toBe('226040');
    expect(numberIn(await create(one, { number: '  ' }))).toBe('PO-000008');
    const stock = observeStock(one);
    ends.push(stock.subscribe(() => undefined));
    await until('the stock is known', () => stock.get().length > 0);
    expect(stock.get().map(({ series: { key }, left, next }) => [key, left, next])).toEqual([
      ['purchase-orders', 1, 'PO-000009'],
      ['sales-orders', 1, 'SO-000002'],
      ['freight-orders', 0, undefined],
    ]);
  });

  it('[NUM-1] a block that was put back to an earlier state gives no number that a record here bears', async () => {
    const one = await desk();
    await keepLeases(one, [block(1, 9)], NOW);
    expect([numberIn(await create(one)), numberIn(await create(one))]).toEqual(['PO-000001', 'PO-000002']);
    await one.local.leases.clear();
    await keepLeases(one, [block(1, 9)], NOW);
    expect(numberIn(await create(one))).toBe('PO-000003');
  });

  it('[NUM-4] without a block the order is saved all the same, and its number follows', async () => {
    const one = await desk();
    expect(numberIn(await create(one))).toBe('');
  });

  it('[NUM-1] an order that cannot be saved takes no number', async () => {
    const one = await desk();
    await keepLeases(one, [block(1, 9)], NOW);
    expect(await create(one, { lines: [] })).toMatchObject({ ok: false });
    expect(numberIn(await create(one))).toBe('PO-000001');
  });

  it('[NUM-2] a typed number of the series is refused with the way out; one that the record has, or that comes back, is not', async () => {
    const one = await desk();
    await keepLeases(one, [block(1, 9)], NOW);
    expect(await create(one, { number: 'po-000005' })).toMatchObject({
      ok: false,
      rejection: { problems: [{ field: 'number', code: 'number_not_leased', rule: 'NUM-2' }] },
    });
    // What the company writes now, and wrote once, is a number of the series as well.
    const told = { ...usualCompany, version: 2, numbers: { 'purchase-orders': [{ prefix: 'P26-', width: 4 }] } };
    await keepCompany(one.local, told);
    await until('the window knows it', () => one.company.get().version === 2);
    for (const number of ['P26-0005', 'po-000005'])
      expect(await create(one, { number })).toMatchObject({ ok: false, rejection: { problems: [{ code: 'number_not_leased' }] } });
    const made = await create(one);
    if (!made.ok) throw new Error(made.rejection.message);
    const change = (fields: Record<string, unknown>) =>
      submit(one, { collection: 'orders', command: 'change', id: made.document.id, draft: fields }, actor);
    expect(await change({ number: 'PO-000001', notes: 'same' })).toMatchObject({ ok: true });
    expect(await change({ number: 'PO-000004' })).toMatchObject({ ok: false });
    expect(await change({ number: '' })).toMatchObject({ ok: false, rejection: { code: 'invalid' } });
    const again = { collection: 'orders', command: 'create', draft: draft({ number: 'PO-000900' }), again: true } as const;
    expect(numberIn(await submit(one, again, actor))).toBe('PO-000900');
  });
});

describe('the stock', () => {
  const at = (days: number): string => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();
  const held = (first: number, last: number, next: number, days: number) => ({ ...block(first, last, next), at: at(days) });

  it('[NUM-1] is ten at first, grows with use, and is renewed before it runs out', () => {
    const now = Date.parse(NOW);
    expect(wantedSize([], now)).toBe(10);
    expect(wantedSize([held(1, 10, 1, 0)], now)).toBe(0);
    expect(wantedSize([held(1, 10, 6, 0)], now)).toBe(0);
    expect(wantedSize([held(1, 10, 7, 0)], now)).toBe(8);
    expect(wantedSize([held(1, 10, 11, 3), held(11, 40, 31, 1)], now)).toBe(50);
    expect(wantedSize([held(1, 500, 501, 1)], now)).toBe(200);
    // Last year's use asks for nothing, and what is left of then still counts.
    expect(wantedSize([held(1, 300, 291, 200)], now)).toBe(0);
  });

  it('forgets blocks that were used up weeks ago', async () => {
    const one = await desk();
    await keepLeases(one, [block(1, 5, 6), block(11, 15)], at(30));
    await keepLeases(one, [block(21, 25, 26)], at(3));
    await dropOldLeases(one, Date.parse(NOW));
    expect((await heldLeases(one)).map(({ first }) => first)).toEqual([11, 21]);
  });
});
