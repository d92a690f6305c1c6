import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import type { Batch, Write } from '../../../sync-server/db/apply.ts';
import { type Database, DatabaseFault, type Runner, openDatabase } from '../../../sync-server/db/database.ts';
import { prepareDatabase } from '../../../sync-server/db/prepare.ts';
import { joined, nextGroup, openApplyQueue, partsOfAnswer } from '../../../sync-server/push/apply-queue.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { cloneDatabase, document } from '../test-server.ts';

let db: Database;
let url: string;
beforeAll(async () => {
  url = await cloneDatabase('template0');
  db = openDatabase({ url, connections: 4 });
  await prepareDatabase(
    db,
    syntheticNouns.map((noun) => noun.entity),
  );
});
afterAll(() => db.close());

/** The real database, with the number of calls counted. */
function counted(): Runner & { calls: number } {
  const runner = {
    calls: 0,
    rows: <Row>(statement: Parameters<Runner['rows']>[0]): Promise<Row[]> => {
      runner.calls += 1;
      return db.rows<Row>(statement);
    },
  };
  return runner;
}
const row = (n: number, collection: string, id: string, fields: Record<string, unknown>) => {
  const { _deleted: _, ...doc } = document(id, fields);
  return { n, collection, id, doc, w: doc.w, deleted: false, version: 0, actor: 'x', device: 'd', at: doc.createdAt };
};
const write = (n: number, collection: string, id: string, fields: Record<string, unknown>, before: AnyDocument | null = null): Write => ({
  ...row(n, collection, id, fields),
  before,
  kind: before === null ? 'insert' : 'update',
  command: 'test',
});
const ranch = (id: string, n = 0): Write => write(n, 'ranches', id, { name: id });
const batch = (...writes: Write[]): Batch => ({ writes, parks: [], unparks: [], refusals: [], settles: [] });
const auditOf = (ids: readonly string[]) =>
  db.rows<{ id: string; seq: number }>({ text: 'select id, seq from audit where id = any($1) order by seq', values: [ids] });
const expectDense = async (): Promise<void> => {
  const [head] = await db.rows<{ seq: number; count: number; most: number }>({
    text: 'select seq, (select count(*) from audit) as count, (select coalesce(max(seq), 0) from audit) as most from feed_head',
  });
  expect(head).toMatchObject({ count: head?.seq, most: head?.seq });
};

describe('batches that arrive while another one is written', () => {
  test('[SYN-1] go together in one call, each in its own order, and each with its own answer', async () => {
    const runner = counted();
    const apply = openApplyQueue(runner, {});
    const names = Array.from({ length: 20 }, (_, i) => `together-${String(i).padStart(2, '0')}`);
    await Promise.all(names.map((name) => apply(batch(ranch(`${name}-b`, 1), ranch(`${name}-a`, 0)))));
    expect(runner.calls).toBe(2);
    const ids = names.flatMap((name) => [`${name}-a`, `${name}-b`]);
    expect((await auditOf(ids)).map(({ id }) => id)).toEqual(ids);
    await expectDense();
  });

  test('a row whose stored state has moved is told to its own push only', async () => {
    const apply = openApplyQueue(db, {});
    await apply(batch(ranch('moved')));
    const [, one, two, three] = await Promise.all([
      apply(batch(ranch('first'))),
      apply(batch(ranch('before', 0), ranch('before-2', 7))),
      apply(batch(ranch('fine', 0), write(7, 'ranches', 'moved', { name: 'Stale' }, document('moved', { name: 'Older' })))),
      apply(batch(ranch('after', 0), ranch('after-2', 7))),
    ]);
    expect([one?.moved, two?.moved, three?.moved]).toEqual([[], [7], []]);
    expect(await auditOf(['before', 'before-2', 'fine', 'after', 'after-2'])).toHaveLength(5);
    expect(await auditOf(['moved'])).toHaveLength(1);
  });

  test('of two batches that were decided on the same state of a record, the second is told that it moved', async () => {
    const apply = openApplyQueue(db, {});
    const base = ranch('shared');
    await apply(batch(base));
    const [, one, two] = await Promise.all([
      apply(batch(ranch('busy'))),
      apply(batch(write(0, 'ranches', 'shared', { name: 'One' }, base.doc))),
      apply(batch(write(0, 'ranches', 'shared', { name: 'Two' }, base.doc), ranch('shared-neighbour', 1))),
    ]);
    expect([one?.moved, two?.moved]).toEqual([[], [0]]);
    expect(await db.rows({ text: `select doc->>'name' as name from ranches where id = 'shared'` })).toEqual([{ name: 'One' }]);
    expect(await auditOf(['shared-neighbour'])).toHaveLength(1);
  });

  test('[SYN-8] a parent in one batch and its parked child in another find each other, whichever comes first', async () => {
    const apply = openApplyQueue(db, {});
    const park = (id: string, parent: string): Batch => ({
      ...batch(),
      parks: [{ ...row(3, 'animals', id, { tag: id, ranchId: parent }), base: null, wants: [`ranches:${parent}`], expected: null }],
    });
    await apply(park('early-child', 'late-parent'));
    const [, late, child, other] = await Promise.all([
      apply(batch(ranch('running'))),
      apply(batch(ranch('unwanted', 0), ranch('late-parent', 4))),
      apply(park('same-call-child', 'unwanted')),
      apply(batch(ranch('other'))),
    ]);
    // Who brought the parents lands both children.
    expect(late?.awaited.toSorted((a, b) => a - b)).toEqual([0, 4]);
    expect([child?.moved, child?.awaited, other?.awaited]).toEqual([[], [], []]);
    expect(await db.rows({ text: 'select id from parked order by id' })).toEqual([{ id: 'early-child' }, { id: 'same-call-child' }]);
    // Its parent is there by now: to be decided again, not to be parked.
    expect((await apply(park('after-the-call', 'unwanted'))).moved).toEqual([3]);
  });
});

describe('[SYN-4] a batch that cannot be written', () => {
  test('fails alone: its neighbours in the same call are written, and nothing of it', async () => {
    const runner = counted();
    const apply = openApplyQueue(runner, {});
    const dangling = batch(ranch('poisoned', 0), write(1, 'animals', 'dangling', { tag: 'x', ranchId: 'nowhere' }));
    const outcomes = await Promise.allSettled([
      apply(batch(ranch('under-way'))),
      apply(batch(ranch('left-1'), ranch('left-2', 1))),
      apply(dangling),
      apply(batch(ranch('right'))),
      apply(batch(write(0, 'sightings', 'right-too', { what: 'Wolf' }))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(String((outcomes[2] as PromiseRejectedResult).reason)).toMatch(/foreign key/);
    // One for the first, one in vain for the four, one for each of them.
    expect(runner.calls).toBe(6);
    expect(await auditOf(['left-1', 'left-2', 'right', 'right-too'])).toHaveLength(4);
    expect(await auditOf(['poisoned', 'dangling'])).toEqual([]);
    await expectDense();
  });

  test('a unique value taken twice in one call harms only the second', async () => {
    const apply = openApplyQueue(db, {});
    const branded = (id: string): Batch => batch(write(0, 'ranches', id, { name: id, brand: 'TWICE' }));
    const outcomes = await Promise.allSettled([
      apply(batch(ranch('busy-again'))),
      apply(branded('brand-1')),
      apply(branded('brand-2')),
      apply(batch(ranch('bystander'))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await expectDense();
  });

  test('when the database is gone, all of the call are told so, and the queue goes on when it is back', async () => {
    const gone = openDatabase({ url: await cloneDatabase(), connections: 1 });
    let away = true;
    const apply = openApplyQueue(
      {
        rows: <Row>(statement: Parameters<Runner['rows']>[0]): Promise<Row[]> =>
          away ? gone.rows<Row>({ text: 'select pg_terminate_backend(pg_backend_pid())' }) : db.rows<Row>(statement),
      },
      {},
    );
    const outcomes = await Promise.allSettled(['gone-1', 'gone-2', 'gone-3'].map((id) => apply(batch(ranch(id)))));
    for (const outcome of outcomes) expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(DatabaseFault);
    away = false;
    expect((await apply(batch(ranch('back')))).moved).toEqual([]);
    await gone.close();
  });
});

test('[SYN-1] [SYN-9] many writers over two processes, all after the same few records: no write is lost, none is applied twice', async () => {
  const other = openDatabase({ url, connections: 2 });
  const queues = [openApplyQueue(db, {}), openApplyQueue(other, {})];
  const known = new Map<string, AnyDocument>();
  const applied: string[] = [];
  let refusedAsMoved = 0;
  const writer = async (name: number): Promise<void> => {
    for (let round = 0; round < 30; round += 1) {
      const ids = Array.from({ length: 3 }, (_, k) => `contested-${(name * 7 + round * (k + 1) + k) % 12}`);
      const writes = [...new Set(ids)].map((id, n) => write(n, 'ranches', id, { name: `${name}-${round}` }, known.get(id) ?? null));
      const answer = await queues[name % 2]?.(batch(...writes));
      for (const { n, id, w, doc } of writes) {
        if (answer?.moved.includes(n)) {
          refusedAsMoved += 1;
          const [row] = await db.rows<{ doc: AnyDocument }>({ text: 'select doc from ranches where id = $1', values: [id] });
          if (row) known.set(id, row.doc);
        } else {
          applied.push(w);
          known.set(id, doc);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
  await other.close();
  const trail = await db.rows<{ id: string; w: string; before: { w: string } | null }>({
    text: `select id, w, before::jsonb as before from audit where id like 'contested-%' order by seq`,
  });
  expect(trail.map(({ w }) => w).sort()).toEqual(applied.sort());
  const newest = new Map<string, string>();
  for (const { id, w, before } of trail) {
    expect(before?.w).toBe(newest.get(id));
    newest.set(id, w);
  }
  const stored = await db.rows<{ id: string; w: string }>({ text: `select id, w from ranches where id like 'contested-%'` });
  expect(new Map(stored.map(({ id, w }) => [id, w]))).toEqual(newest);
  expect(refusedAsMoved).toBeGreaterThan(0);
  await expectDense();
});

describe('forming a call', () => {
  const item = (...writes: Write[]) => ({ batch: batch(...writes) });

  test('a record comes at most once in a call; who has to wait comes first in the next one', () => {
    const items = [item(ranch('a')), item(ranch('b'), ranch('a', 1)), item(ranch('c')), item(ranch('b'))];
    const { group, rest } = nextGroup(items);
    expect(group).toEqual([items[0], items[2], items[3]]);
    expect(rest).toEqual([items[1]]);
    expect(nextGroup(rest).group).toEqual([items[1]]);
  });

  test('a call stays within 750 rows, but a larger batch is taken alone', () => {
    const many = (name: string, count: number) => item(...Array.from({ length: count }, (_, n) => ranch(`${name}-${n}`, n)));
    const items = [many('x', 450), many('y', 400), many('z', 300)];
    expect(nextGroup(items).group).toEqual([items[0], items[2]]);
    const large = [many('large', 1200), many('small', 1)];
    expect(nextGroup(large)).toEqual({ group: [large[0]], rest: [large[1]] });
  });

  test('numbers of joined batches come back as they were', () => {
    const parked = 1_000_000;
    const batches = [batch(ranch('a', 0), ranch('b', parked)), batch(ranch('c', 499)), batch(ranch('d', parked + 3))];
    const moved = joined(batches).writes.map(({ n }) => n);
    expect(moved).toEqual(moved.toSorted((a, b) => a - b));
    expect(partsOfAnswer({ seq: 9, first: 5, moved, awaited: moved.slice(1, 3) }, 3)).toEqual([
      { seq: 9, first: 5, moved: [0, parked], awaited: [parked] },
      { seq: 9, first: 5, moved: [499], awaited: [499] },
      { seq: 9, first: 5, moved: [parked + 3], awaited: [] },
    ]);
  });
});
