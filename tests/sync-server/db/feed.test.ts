import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL } from '../../../domain/access/condition.ts';
import { type Write, applyBatch } from '../../../sync-server/db/apply.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { changesAfter, pageAfter } from '../../../sync-server/db/feed.ts';
import { auditOf } from '../../../sync-server/db/audit-trail.ts';
import { prepareDatabase } from '../../../sync-server/db/prepare.ts';
import { existing, sight } from '../../../sync-server/db/stored.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { cloneDatabase, document } from '../test-server.ts';

let db: Database;
beforeAll(async () => {
  db = openDatabase({ url: await cloneDatabase('template0'), connections: 12 });
  await prepareDatabase(
    db,
    syntheticNouns.map((noun) => noun.entity),
  );
});
afterAll(() => db.close());

/** A number from a seed, so that a failing run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const collections = ['ranches', 'sightings'] as const;
const write = (n: number, collection: string, id: string, fields: Record<string, unknown>): Write => {
  const { _deleted: _, ...doc } = document(id, fields);
  return {
    n,
    collection,
    id,
    doc,
    w: doc.w,
    deleted: false,
    version: 0,
    before: null,
    kind: 'insert' as const,
    command: 'create',
    actor: 'x',
    device: 'd',
    at: doc.createdAt,
  };
};
const batch = (writes: Write[]) => ({ writes, parks: [], unparks: [], refusals: [], settles: [] });

test('[SYN-1] a follower of checkpoints misses nothing while writers pause inside their transactions', async () => {
  const seed = 20_261_120;
  const random = seeded(seed);
  const WRITERS = 8;
  const PER_WRITER = 25;
  let writing = WRITERS;
  const writer = async (name: number): Promise<void> => {
    for (let i = 0; i < PER_WRITER; i += 1) {
      const collection = collections[Math.floor(random() * 2)] ?? 'ranches';
      const rows = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, k) =>
        write(k, collection, `${name}-${i}-${k}`, collection === 'ranches' ? { name: 'N' } : { what: 'W' }),
      );
      await db.transaction(async (runner) => {
        await applyBatch(runner, batch(rows), {});
        // The moment in which a feed ordered by clocks or bare sequences loses rows.
        await sleep(random() * 8);
      });
    }
    writing -= 1;
  };
  const seen = new Map<string, Set<string>>(collections.map((name) => [name, new Set<string>()]));
  const followers = collections.map(async (name) => {
    for (let at = 0; ; ) {
      const done = writing === 0;
      const { rows, head } = await pageAfter(db, { collection: name, after: at, limit: 7, scope: ALL });
      for (const { id } of rows) seen.get(name)?.add(id);
      at = rows.length < 7 ? head : (rows.at(-1)?.seq ?? at);
      if (done && rows.length < 7) return;
      if (rows.length === 0) await sleep(1);
    }
  });
  const all = new Set<string>();
  const allFollower = (async () => {
    for (let at = 0; ; ) {
      const done = writing === 0;
      const progress = await changesAfter(db, collections, at, 5);
      for (const change of progress.changes) all.add((JSON.parse(change.text) as { id: string }).id);
      at = progress.seq;
      if (done && !progress.more) return;
      if (!progress.more) await sleep(1);
    }
  })();
  await Promise.all([...Array.from({ length: WRITERS }, (_, i) => writer(i)), ...followers, allFollower]);
  const stored = await db.rows<{ collection: string; id: string }>({
    text: `select 'ranches' as collection, id from ranches union all select 'sightings', id from sightings`,
  });
  expect(stored.length, `seed ${seed}`).toBeGreaterThan(WRITERS * PER_WRITER);
  for (const name of collections)
    expect([...(seen.get(name) ?? [])].sort()).toEqual(
      stored
        .filter((row) => row.collection === name)
        .map((row) => row.id)
        .sort(),
    );
  expect(all.size).toBe(stored.length);
});

test('[SYN-1] [SYN-9] every position is exactly one audited change: no hole, no double, and the newest one is the document', async () => {
  const [counts] = await db.rows<{ head: number; count: number; least: number; most: number }>({
    text: 'select (select seq from feed_head) as head, count(*) as count, min(seq) as least, max(seq) as most from audit',
  });
  expect(counts).toMatchObject({ count: counts?.head, most: counts?.head, least: 1 });
  for (const name of collections) {
    expect(
      await db.rows({
        text: `select t.id from "${name}" t left join lateral (select seq, w, after from audit a where a.collection = $1 and a.id = t.id order by seq desc limit 1) a on true
          where a.seq is distinct from t.seq or a.w is distinct from t.w or a.after::jsonb is distinct from t.doc`,
        values: [name],
      }),
    ).toEqual([]);
  }
});

test('no statement of a request reads a whole table, not even one that was planned while the tables were empty', async () => {
  const fresh = openDatabase({ url: await cloneDatabase(), connections: 1 });
  const scans = async (): Promise<number> => {
    await fresh.rows({ text: 'select pg_stat_force_next_flush()' });
    const [row] = await fresh.rows<{ n: number }>({
      text: `select coalesce(sum(seq_scan), 0)::int as n from pg_stat_user_tables where relname in ('parties', 'audit', 'parked', 'refused')`,
    });
    return row?.n ?? -1;
  };
  const before = await scans();
  for (let b = 0; b < 8; b += 1) {
    const ids = Array.from({ length: 200 }, (_, i) => `p-${b}-${i}`);
    const rows = ids.map((id, n) => write(n, 'parties', id, { name: id, kind: 'organization', roles: [] }));
    await sight(
      fresh,
      'parties',
      ids,
      rows.map((row) => row.w),
    );
    await applyBatch(fresh, batch(rows), {});
    await existing(fresh, new Map([['parties', new Set(ids)]]));
    await pageAfter(fresh, { collection: 'parties', after: b * 200, limit: 1000, scope: ALL });
    await pageAfter(fresh, { collection: 'parties', after: b * 200, limit: 1000, scope: { is: 'in', field: 'deskId', values: ['x'] } });
    await changesAfter(fresh, ['parties'], b * 200, 1000);
    await auditOf(fresh, 'parties', `p-${b}-0`, 10);
  }
  expect(await scans()).toBe(before);
  await fresh.close();
});

test('a row whose stored state has moved is not written; the others of the call are', async () => {
  await applyBatch(db, batch([write(0, 'ranches', 'cas', { name: 'First' })]), {});
  const stale = { ...write(0, 'ranches', 'cas', { name: 'Stale' }), before: document('cas', { name: 'Older' }) };
  const applied = await applyBatch(db, batch([stale, write(1, 'ranches', 'cas-2', { name: 'Fine' })]), {});
  expect(applied.moved).toEqual([0]);
  const rows = await db.rows({ text: `select id, doc->>'name' as name from ranches where id like 'cas%' order by id` });
  expect(rows).toEqual([
    { id: 'cas', name: 'First' },
    { id: 'cas-2', name: 'Fine' },
  ]);
});

test('[SYN-9] a rolled-back write leaves neither document nor audit nor a used position', async () => {
  const head = await db.rows({ text: 'select seq from feed_head' });
  await expect(
    db.transaction(async (runner) => {
      await applyBatch(runner, batch([write(0, 'ranches', 'rolled-back', { name: 'No' })]), {});
      throw new Error('stop');
    }),
  ).rejects.toThrow('stop');
  expect(await db.rows({ text: 'select seq from feed_head' })).toEqual(head);
  expect(
    await db.rows({ text: `select id from ranches where id = 'rolled-back' union all select id from audit where id = 'rolled-back'` }),
  ).toEqual([]);
});

test('[SYN-9] [SYN-12] a connection that is killed in the middle of a write leaves nothing half-written', async () => {
  const head = await db.rows({ text: 'select seq from feed_head' });
  await expect(
    db.transaction(async (runner) => {
      await applyBatch(runner, batch([write(0, 'ranches', 'killed', { name: 'No' })]), {});
      await runner.rows({ text: 'select pg_terminate_backend(pg_backend_pid())' });
    }),
  ).rejects.toThrow('database cannot be reached');
  expect(await db.rows({ text: 'select seq from feed_head' })).toEqual(head);
  expect(await db.rows({ text: `select id from audit where id = 'killed'` })).toEqual([]);
});

test('statements that are asked at the same moment inside a transaction are run one by one, without a warning of pg', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  const found = await db.transaction((runner) =>
    existing(runner, new Map(syntheticNouns.map(({ entity }) => [entity.collection, new Set(['cas'])]))),
  );
  expect([...found]).toEqual(['ranches:cas']);
  const outcomes = await db.exclusively(1, (runner) =>
    Promise.allSettled([1, 0, 2, 3].map((n) => runner.rows({ text: 'select 6 / $1::int as n', values: [n] }))),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  await sleep(20);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
