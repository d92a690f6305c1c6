import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAccess } from '../../../sync-server/access/access.ts';
import { applyBatch } from '../../../sync-server/db/apply.ts';
import { pushRows } from '../../../sync-server/push/push-rows.ts';
import { openApplyQueue } from '../../../sync-server/push/apply-queue.ts';
import { sweepParked } from '../../../sync-server/push/parked-sweep.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, change, document, insert, openTestServer, signIn } from '../test-server.ts';

let server: Server;
let broker: Client;
let field: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
  broker = await signIn(server, 'broker', 'desk-pc');
  field = await signIn(server, 'field', 'laptop');
});
afterAll(() => server.close());

const raise = (error: Error): never => {
  throw error;
};
const waiting = async (): Promise<string[]> =>
  (await server.db.rows<{ id: string }>({ text: 'select id from parked order by id' })).map(({ id }) => id);
const ids = async (collection: string): Promise<string[]> => (await broker.pullAll(collection)).map((doc) => doc.id);

describe('[SYN-8] a child that arrives before its parent', () => {
  test('waits, is told "accepted", and lands with it, behind it in the feed, as the change of its author', async () => {
    expect(await field.push('animals', [insert(document('a-1', { tag: '1', ranchId: 'r-1' }))])).toEqual([]);
    expect(await waiting()).toEqual(['a-1']);
    expect(await ids('animals')).not.toContain('a-1');
    await broker.push('ranches', [insert(document('r-1', { name: 'Parent' }))]);
    expect(await waiting()).toEqual([]);
    expect(await ids('animals')).toContain('a-1');
    const [parent] = await broker.audit('ranches', 'r-1');
    const [child] = await broker.audit('animals', 'a-1');
    expect((child?.seq ?? 0) - (parent?.seq ?? 0)).toBe(1);
    expect(child).toMatchObject({ actor: field.login.user.id, device: 'laptop', kind: 'insert' });
  });

  test('may be sent again while it waits, and waits once', async () => {
    const child = document('a-2', { tag: '2', ranchId: 'r-2' });
    for (const _ of [1, 2, 3]) expect(await field.push('animals', [insert(child)])).toEqual([]);
    expect(await waiting()).toEqual(['a-2']);
    await broker.push('ranches', [insert(document('r-2', { name: 'Two' }))]);
    expect(await broker.audit('animals', 'a-2')).toHaveLength(1);
    expect(await field.push('animals', [insert(child)])).toEqual([]);
    expect(await broker.audit('animals', 'a-2')).toHaveLength(1);
  });

  test('may be changed while it waits; the newest state lands', async () => {
    const child = document('a-3', { tag: '3', ranchId: 'r-3' });
    await field.push('animals', [insert(child)]);
    await field.push('animals', [change(child, { tag: '3 changed' })]);
    await broker.push('ranches', [insert(document('r-3', { name: 'Three' }))]);
    expect((await broker.pullAll('animals')).find((doc) => doc.id === 'a-3')).toMatchObject({ tag: '3 changed' });
    expect((await server.db.rows({ text: `select from refused where id = 'a-3'` })).length).toBe(0);
  });

  test('lands when it is changed to point at a parent that is there', async () => {
    const child = document('a-4', { tag: '4', ranchId: 'r-never' });
    await field.push('animals', [insert(child)]);
    await field.push('animals', [change(child, { ranchId: 'r-3' })]);
    expect(await ids('animals')).toContain('a-4');
    expect(await waiting()).toEqual([]);
  });

  test('waits also when only one of its lines points at what is missing', async () => {
    await field.push('animals', [
      insert(document('a-5', { tag: '5', ranchId: 'r-3', weighings: [{ lineId: 'l', pounds: 5, scaleRanchId: 'r-5' }] })),
    ]);
    expect(await waiting()).toEqual(['a-5']);
    await broker.push('ranches', [insert(document('r-5', { name: 'Scale' }))]);
    expect(await ids('animals')).toContain('a-5');
  });
});

describe('[SYN-8] records that point at each other', () => {
  test('land together, across collections', async () => {
    await broker.push('ranches', [insert(document('r-c1', { name: 'Cycle', headOfHerdId: 'a-c1' }))]);
    expect(await waiting()).toEqual(['r-c1']);
    await broker.push('animals', [insert(document('a-c1', { tag: 'c1', ranchId: 'r-c1' }))]);
    expect(await waiting()).toEqual([]);
    expect(await ids('ranches')).toContain('r-c1');
    expect(await ids('animals')).toContain('a-c1');
  });

  test('wait as long as one of the ring is missing, whatever the order', async () => {
    // r-x -> a-x -> r-y -> a-y -> r-x
    await broker.push('ranches', [
      insert(document('r-x', { name: 'X', headOfHerdId: 'a-x' })),
      insert(document('r-y', { name: 'Y', headOfHerdId: 'a-y' })),
    ]);
    await broker.push('animals', [insert(document('a-x', { tag: 'x', ranchId: 'r-y' }))]);
    expect(await waiting()).toEqual(['a-x', 'r-x', 'r-y']);
    await broker.push('animals', [insert(document('a-y', { tag: 'y', ranchId: 'r-x' }))]);
    expect(await waiting()).toEqual([]);
    expect(await ids('ranches')).toEqual(expect.arrayContaining(['r-x', 'r-y']));
  });

  test('a long chain that arrives last link first lands at once', async () => {
    const chain = Array.from({ length: 30 }, (_, i) => i);
    for (const i of chain) {
      await broker.push('ranches', [insert(document(`r-chain-${i}`, { name: `Chain ${i}`, headOfHerdId: `a-chain-${i}` }))]);
      if (i < 29) await broker.push('animals', [insert(document(`a-chain-${i}`, { tag: `${i}`, ranchId: `r-chain-${i + 1}` }))]);
    }
    expect(await waiting()).toHaveLength(59);
    await broker.push('animals', [insert(document('a-chain-29', { tag: '29', ranchId: 'r-chain-0' }))]);
    expect(await waiting()).toEqual([]);
  });
});

describe('the waiting room', () => {
  test('[SYN-6] a waiting change that somebody else overtook is merged when its parent comes', async () => {
    const sent = document('r-o', { name: 'Overtaken' });
    await broker.push('ranches', [insert(sent)]);
    await field.push('ranches', [change(sent, { brand: 'WAITING', headOfHerdId: 'a-o' })]);
    await broker.push('ranches', [change(sent, { name: 'Faster' })]);
    await broker.push('animals', [insert(document('a-o', { tag: 'o', ranchId: 'r-o' }))]);
    expect((await broker.pullAll('ranches')).find((doc) => doc.id === 'r-o')).toMatchObject({
      name: 'Faster',
      brand: 'WAITING',
      headOfHerdId: 'a-o',
    });
    expect(await waiting()).toEqual([]);
    expect((await broker.audit('ranches', 'r-o')).map(({ device }) => device)).toEqual(['laptop', 'desk-pc', 'desk-pc']);
    expect(await server.db.rows({ text: `select outcome from settled where id = 'r-o'` })).toEqual([{ outcome: 'merged' }]);
  });

  test('[SYN-2] a change that another device parked since we looked is not written over, and comes back to its author', async () => {
    const waitingRoom = async (id: string) =>
      (await server.db.rows<{ w: string }>({ text: 'select w from parked where id = $1', values: [id] })).map(({ w }) => w);
    const first = document('r-two', { name: 'First', headOfHerdId: 'a-never' });
    const second = document('r-two', { name: 'Second', headOfHerdId: 'a-never' });
    const nouns = new Map(syntheticNouns.map((noun) => [noun.entity.collection, noun]));
    const apply = openApplyQueue(server.db, {});
    let overtaken = false;
    const dependencies = {
      db: server.db,
      access: openAccess(
        server.db,
        [...nouns.values()].map(({ entity }) => entity),
        raise,
      ),
      nounOf: (name: string) => nouns.get(name),
      now: () => new Date(),
      // Between the look of the first push and its writing call, the second one parks the same record.
      apply: async (batch: Parameters<typeof apply>[0]) => {
        if (!overtaken) {
          overtaken = true;
          await field.push('ranches', [insert(second)]);
        }
        return apply(batch);
      },
    };
    const [ranches] = syntheticNouns;
    if (!ranches) throw new Error('no noun');
    await pushRows(dependencies, ranches, [insert(first)], { actor: broker.login.user.id, device: 'desk-pc' });
    expect(await waitingRoom('r-two')).toEqual([first.w]);
    expect(await server.db.rows({ text: `select w, code from refused where id = 'r-two'` })).toEqual([
      { w: second.w, code: 'superseded_while_waiting' },
    ]);
    await broker.push('animals', [insert(document('a-never', { tag: 'late', ranchId: 'r-two' }))]);
    expect(await waitingRoom('r-two')).toEqual([]);
  });

  test('what was left behind between two transactions is landed by the sweep', async () => {
    const at = new Date().toISOString();
    const row = { n: 0, actor: field.login.user.id, device: 'd', at, deleted: false, version: 0 };
    const child = document('a-s', { tag: 's', ranchId: 'r-s' });
    const { _deleted: _, ...doc } = child;
    await applyBatch(
      server.db,
      {
        writes: [],
        parks: [{ ...row, collection: 'animals', id: 'a-s', w: doc.w, doc, base: null, wants: ['ranches:r-s'], expected: null }],
        unparks: [],
        refusals: [],
        settles: [],
      },
      {},
    );
    const { _deleted: __, ...ranch } = document('r-s', { name: 'Sweep' });
    const applied = await applyBatch(
      server.db,
      {
        writes: [{ ...row, collection: 'ranches', id: 'r-s', w: ranch.w, doc: ranch, before: null, kind: 'insert', command: 'create' }],
        parks: [],
        unparks: [],
        refusals: [],
        settles: [],
      },
      {},
    );
    expect(applied.awaited).toEqual([0]);
    expect(await waiting()).toContain('a-s');
    const nouns = new Map(syntheticNouns.map((noun) => [noun.entity.collection, noun]));
    expect(
      await sweepParked({
        db: server.db,
        access: openAccess(
          server.db,
          [...nouns.values()].map(({ entity }) => entity),
          raise,
        ),
        nounOf: (name) => nouns.get(name),
        now: () => new Date(),
        apply: openApplyQueue(server.db, {}),
      }),
    ).toBe(true);
    expect(await waiting()).not.toContain('a-s');
  });

  test('children and parents pushed at the same moment by many clients leave nobody behind', async () => {
    const pairs = Array.from({ length: 40 }, (_, i) => i);
    await Promise.all(
      pairs.flatMap((i) => [
        field.push('animals', [insert(document(`a-p-${i}`, { tag: `p${i}`, ranchId: `r-p-${i}` }))]),
        broker.push('ranches', [insert(document(`r-p-${i}`, { name: `P ${i}` }))]),
      ]),
    );
    expect(await waiting()).toEqual([]);
    expect((await ids('animals')).filter((id) => id.startsWith('a-p-'))).toHaveLength(40);
  });

  test('the database itself refuses a dangling child that comes by another way', async () => {
    const { _deleted: _, ...doc } = document('a-d', { tag: 'd', ranchId: 'r-nowhere' });
    const write = {
      n: 0,
      actor: 'x',
      device: 'd',
      at: new Date().toISOString(),
      deleted: false,
      version: 0,
      collection: 'animals',
      id: 'a-d',
      w: doc.w,
      doc,
      before: null,
      kind: 'insert',
      command: 'create',
    } as const;
    const head = await server.db.rows({ text: 'select seq from feed_head' });
    await expect(applyBatch(server.db, { writes: [write], parks: [], unparks: [], refusals: [], settles: [] }, {})).rejects.toThrow(
      /foreign key/,
    );
    // [SYN-9] A write that fails leaves no audit entry and no hole in the feed.
    expect(await server.db.rows({ text: 'select seq from feed_head' })).toEqual(head);
    expect(await broker.audit('animals', 'a-d')).toEqual([]);
  });
});
