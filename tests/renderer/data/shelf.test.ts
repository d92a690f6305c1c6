import { afterEach, describe, expect, it } from 'vitest';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { readPages } from '../../../renderer/data/bulk-read.ts';
import { commitMany } from '../../../renderer/data/commit.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { observeRecords } from '../../../renderer/data/observe-records.ts';
import { shelfOf } from '../../../renderer/data/shelf.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { actor, farm, freshDesk, until } from './desk-kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function fill(desk: Desk, names: readonly string[]): Promise<string[]> {
  const changes = names.map((name) => {
    const decision = createRecord(farm, newId(), { name }, { actor, now: '2026-01-05T10:00:00.000Z', w: 'w' });
    if (!decision.ok) throw new Error(decision.rejection.message);
    return decision.change;
  });
  await commitMany(desk, changes);
  return changes.map((change) => change.after.id);
}
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`);

describe.each([
  ['IndexedDB', {}],
  ['memory', { memory: true as const }],
])('a collection held in memory, from %s', (_, options) => {
  const open = async (): Promise<Desk> => {
    const desk = await freshDesk(options);
    ends.push(() => desk.close());
    return desk;
  };

  it('is read in pages, each record once, deleted ones marked', async () => {
    const desk = await open();
    const ids = await fill(desk, numbered(25));
    await submit(desk, { collection: 'farms', command: 'delete', id: ids[3] ?? '' }, actor);
    const read: { id: string; deleted: boolean }[] = [];
    for await (const page of readPages(desk, 'farms', 10)) {
      // Whoever asks for pages may send each of them in a request that takes no more.
      expect(page.length).toBeLessThanOrEqual(10);
      read.push(...page.map((one) => ({ id: one.id, deleted: one._deleted })));
    }
    expect(read.map((one) => one.id).toSorted()).toEqual(ids.toSorted());
    expect(read.filter((one) => one.deleted).map((one) => one.id)).toEqual([ids[3]]);
  });

  it('holds what was written, changed and deleted while it was being read', async () => {
    const desk = await open();
    const ids = await fill(desk, numbered(2200));
    const [changed = '', deleted = '', last = ''] = [ids[0], ids[1], ids.at(-1)];
    const shelf = shelfOf(desk, 'farms');
    ends.push(shelf.follow(() => undefined));
    const run = (command: 'change' | 'delete', id: string, draft = {}) => submit(desk, { collection: 'farms', command, id, draft }, actor);
    await Promise.all([
      run('change', changed, { name: 'changed' }),
      run('delete', deleted),
      run('change', last, { name: 'last' }),
      fill(desk, ['new']),
    ]);
    await until('read', () => shelf.ready);
    expect(shelf.records.size).toBe(2200);
    expect(shelf.records.get(changed)?.['name']).toBe('changed');
    expect(shelf.records.get(last)?.['name']).toBe('last');
    expect(shelf.records.has(deleted)).toBe(false);
    expect([...shelf.records.values()].some((record) => record['name'] === 'new')).toBe(true);
  });

  it('answers a limited read from memory as it does from the index', async () => {
    const desk = await open();
    await fill(desk, ['C', 'a', 'B', 'A']);
    const query = { selector: { name: { $gte: 'A' } }, sort: [{ name: 'asc' }], limit: 3 } as const;
    const names = async (): Promise<unknown[]> => {
      const live = observeRecords(desk, 'farms', query);
      const stop = live.subscribe(() => undefined);
      await until('ready', () => live.get().ready);
      stop();
      expect(live.get().total).toBe(4);
      return live.get().records.map((record) => record['name']);
    };
    const fromIndex = await names();
    const shelf = shelfOf(desk, 'farms');
    ends.push(shelf.follow(() => undefined));
    await until('read', () => shelf.ready);
    expect(await names()).toEqual(fromIndex);
    expect(fromIndex).toEqual(['A', 'B', 'C']);
  });

  it('follows records asked for by id', async () => {
    const desk = await open();
    const [a = '', b = ''] = await fill(desk, ['A', 'B', 'C']);
    const live = observeRecords(desk, 'farms', { selector: { id: { $in: [a, b, 'nowhere'] } }, includeInactive: true });
    ends.push(live.subscribe(() => undefined));
    const names = (): string =>
      live
        .get()
        .records.map((record) => String(record['name']))
        .join();
    await until('read', () => live.get().ready);
    expect(names()).toBe('A,B');
    await submit(desk, { collection: 'farms', command: 'change', id: b, draft: { name: 'BB' } }, actor);
    await until('changed', () => names() === 'A,BB');
    await submit(desk, { collection: 'farms', command: 'delete', id: a }, actor);
    await until('deleted', () => names() === 'BB');
  });
});
