import { afterEach, describe, expect, it } from 'vitest';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { commitMany } from '../../../renderer/data/commit.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import type { Live } from '../../../renderer/data/live-value.ts';
import { observeRecord, observeTrash } from '../../../renderer/data/observe.ts';
import { observeRecords, observeRelated } from '../../../renderer/data/observe-records.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { actor, farm, freshDesk, until } from './desk-kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const open = async (): Promise<Desk> => {
  const desk = await freshDesk();
  ends.push(() => desk.close());
  return desk;
};
/** Subscribes, keeps what was announced, and ends with the test. */
const follow = <T>(live: Live<T>): T[] => {
  const seen: T[] = [];
  ends.push(live.subscribe(() => seen.push(live.get())));
  return seen;
};
const create = async (desk: Desk, name: string, collection = 'farms', draft: Record<string, unknown> = {}): Promise<string> => {
  const answer = await submit(desk, { collection, command: 'create', draft: { name, ...draft } }, actor);
  if (!answer.ok) throw new Error(answer.rejection.message);
  return answer.document.id;
};
const run = (desk: Desk, command: 'change' | 'delete' | 'restore', id: string, draft: Record<string, unknown> = {}) =>
  submit(desk, { collection: 'farms', command, id, draft }, actor);

describe('live reads', () => {
  it('follows one record through change, deletion and restoring, and knows one that is not there', async () => {
    const desk = await open();
    const id = await create(desk, 'A');
    const live = observeRecord(desk, 'farms', id);
    expect(live.get()).toEqual({ record: undefined, deleted: false, ready: false });
    const seen = follow(live);
    await until('ready', () => live.get().ready);
    await run(desk, 'change', id, { name: 'B' });
    await until('changed', () => live.get().record?.['name'] === 'B');
    await run(desk, 'delete', id);
    await until('deleted', () => live.get().deleted);
    expect(live.get().record).toMatchObject({ name: 'B' });
    await run(desk, 'restore', id);
    await until('restored', () => !live.get().deleted);
    expect(seen.length).toBe(4);
    const nowhere = observeRecord(desk, 'farms', 'nowhere');
    follow(nowhere);
    await until('ready', () => nowhere.get().ready);
    expect(nowhere.get().record).toBeUndefined();
  });

  it('lists active records in order with a total, and others on request', async () => {
    const desk = await open();
    for (const name of ['C', 'A', 'B']) await create(desk, name, 'farms', { state: name === 'C' ? 'NE' : 'KS' });
    const idle = await create(desk, 'D', 'farms', { status: 'inactive' });
    const names = (live: ReturnType<typeof observeRecords>): unknown[] => live.get().records.map((record) => record['name']);
    const all = observeRecords(desk, 'farms', { sort: [{ name: 'asc' }] });
    const first = observeRecords(desk, 'farms', { sort: [{ name: 'asc' }], limit: 2 });
    const inKansas = observeRecords(desk, 'farms', { selector: { state: 'KS' } });
    const every = observeRecords(desk, 'farms', { includeInactive: true });
    const inactive = observeRecords(desk, 'farms', { selector: { status: 'inactive' } });
    for (const live of [all, first, inKansas, every, inactive]) {
      follow(live);
      await until('ready', () => live.get().ready);
    }
    expect(names(all)).toEqual(['A', 'B', 'C']);
    expect(names(first)).toEqual(['A', 'B']);
    expect(first.get().total).toBe(3);
    expect(inKansas.get().total).toBe(2);
    expect(every.get().total).toBe(4);
    expect(names(inactive)).toEqual(['D']);
    await run(desk, 'change', idle, { status: 'active', name: 'AA' });
    await until('all follow', () => names(all).join() === 'A,AA,B,C' && names(first).join() === 'A,AA' && inactive.get().total === 0);
    expect(first.get().total).toBe(4);
  });

  it('keeps the objects of unchanged records, and is silent when nothing it shows has changed', async () => {
    const desk = await open();
    const a = await create(desk, 'A', 'farms', { state: 'KS' });
    await create(desk, 'B', 'farms', { state: 'KS' });
    const live = observeRecords(desk, 'farms', { selector: { state: 'KS' }, sort: [{ name: 'asc' }] });
    const seen = follow(live);
    await until('ready', () => live.get().ready);
    const [before, other] = live.get().records;
    await run(desk, 'change', a, { memo: 'm' });
    await until('changed', () => live.get().records[0] !== before);
    expect(live.get().records[1]).toBe(other);
    const announced = seen.length;
    await create(desk, 'elsewhere', 'farms', { state: 'NE' });
    await new Promise((done) => setTimeout(done, 100));
    expect(seen.length).toBe(announced);
  });

  it('finds related records by a reference and by a list of references', async () => {
    const desk = await open();
    const farmId = await create(desk, 'A');
    const owned = observeRelated(desk, 'barns', 'farmId', farmId);
    const near = observeRelated(desk, 'barns', 'nearIds', farmId);
    follow(owned);
    follow(near);
    await create(desk, 'B1', 'barns', { farmId });
    await create(desk, 'B2', 'barns', { nearIds: [farmId], status: 'inactive' });
    await until('both', () => owned.get().total === 1 && near.get().total === 1);
    expect(() => observeRelated(desk, 'barns', 'nothing', farmId)).toThrow('no field');
  });

  it('shows the trash live', async () => {
    const desk = await open();
    const id = await create(desk, 'A');
    const trash = observeTrash(desk, 'farms');
    follow(trash);
    await until('empty', () => trash.get().ready && trash.get().total === 0);
    await run(desk, 'delete', id);
    await until('one', () => trash.get().total === 1);
    await run(desk, 'restore', id);
    await until('none', () => trash.get().total === 0);
    expect(trash.get()).toEqual({ records: [], total: 0, ready: true });
  });

  it('stops with its last subscriber and starts again with the next', async () => {
    const desk = await open();
    const live = observeRecords(desk, 'farms');
    let heard = 0;
    const [one, two] = [live.subscribe(() => (heard += 1)), live.subscribe(() => (heard += 1))];
    await until('ready', () => live.get().ready);
    expect(heard).toBe(2);
    one();
    one();
    two();
    await create(desk, 'A');
    await new Promise((done) => setTimeout(done, 50));
    expect(heard).toBe(2);
    expect(live.get().total).toBe(0);
    follow(live);
    await until('caught up', () => live.get().total === 1);
  });

  it('is not asked again and again while many records arrive', async () => {
    const desk = await open();
    const live = observeRecords(desk, 'farms');
    const seen = follow(live);
    const changes = Array.from({ length: 1000 }, (_, i) => {
      const decision = createRecord(farm, newId(), { name: `n${i}` }, { actor, now: '2026-01-05T10:00:00.000Z', w: 'w' });
      if (!decision.ok) throw new Error(decision.rejection.message);
      return decision.change;
    });
    await commitMany(desk, changes, { chunk: 20 });
    await until('all there', () => live.get().total === 1000);
    expect(seen.length).toBeLessThan(25);
  });
});
