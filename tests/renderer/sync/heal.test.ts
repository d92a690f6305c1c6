/** A real database is put back to an older copy of itself under devices that have seen more (SYN-11). */
import 'fake-indexeddb/auto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../build/postgres.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { type Statement, openDatabase } from '../../../sync-server/db/database.ts';
import { DEMO_PASSWORD, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { readEpochs } from '../../../sync-server/db/epochs.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { barn, farm, freshDesk, until } from '../data/desk-kit.ts';
import { openNouns } from '../../sync-server/open-nouns.ts';
import { type Device, closeDevice, content, converge, create, deviceOn, idle, phase, run } from './device-kit.ts';

const nouns = [farm, barn];
const collections = ['farms', 'barns'];
const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-heal-'));
chmodSync(folder, 0o755);
const ends: (() => Promise<unknown>)[] = [];
let postgres: Postgres;
let server: Server;
let port = 0;
let databases = 0;
let current = '';

const serve = async (): Promise<void> => {
  server = await startServer({ databaseUrl: postgres.urlOf(current), port, log: openLog('silent'), nouns });
  port = Number(new URL(server.url).port);
};
const onCluster = async (...texts: string[]): Promise<void> => {
  const db = openDatabase({ url: postgres.url, connections: 1 });
  for (const text of texts) await db.rows({ text });
  await db.close();
};
const copyOf = async (name: string): Promise<string> => {
  databases += 1;
  await onCluster(`create database copy_${databases} template ${name}`);
  return `copy_${databases}`;
};
const backUp = async (): Promise<string> => {
  await server.close();
  const copy = await copyOf(current);
  await serve();
  return copy;
};
const rows = <Row>(statement: Statement): Promise<Row[]> => server.db.rows<Row>(statement);

beforeAll(async () => {
  postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true });
}, 60_000);
beforeEach(async () => {
  databases += 1;
  current = `company_${databases}`;
  await onCluster(`create database ${current}`);
  await serve();
  await createDemoAccounts(server.db, hashPassword, undefined);
  await openNouns(server.db, collections);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await server.close();
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const device = async (): Promise<Device> => {
  const made = await deviceOn(await freshDesk({ nouns }), server.url, DEMO_PASSWORD);
  ends.push(() => closeDevice(made));
  return made;
};
/** What each live record of the server is called, and how often each write was applied. */
const onServer = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await rows<{ id: string; name: string }>({ text: `select id, doc->>'name' as name from farms where not deleted` })).map((row) => [
      row.id,
      row.name,
    ]),
  );
const isDense = async (): Promise<boolean> =>
  (
    await rows<{ ok: boolean }>({
      text: 'select h.seq = count(a) and h.seq = coalesce(max(a.seq), 0) as ok from feed_head h left join audit a on true group by h.seq',
    })
  )[0]?.ok === true;

async function withHistory(): Promise<{ a: Device; b: Device; backup: string; ids: Record<string, string> }> {
  const [a, b] = [await device(), await device()];
  const ids: Record<string, string> = {};
  for (const name of ['Kept', 'Edited', 'Deleted', 'Raced']) ids[name] = (await create(a, 'farms', { name })).id;
  await idle(a);
  await converge(a, b, collections);
  const backup = await backUp();
  await Promise.all([idle(a), idle(b)]);
  return { a, b, backup, ids };
}
async function loseSome({ a, b, ids }: Awaited<ReturnType<typeof withHistory>>): Promise<void> {
  await run(b, 'farms', 'change', ids['Edited'] ?? '', { name: 'Edited after the backup' });
  await run(a, 'farms', 'delete', ids['Deleted'] ?? '');
  ids['Made'] = (await create(a, 'farms', { name: 'Made after the backup' })).id;
  ids['Barn'] = (await create(b, 'barns', { name: 'Barn of it', farmId: ids['Kept'] })).id;
  await Promise.all([idle(a), idle(b)]);
  await converge(a, b, collections);
  await idle(a);
}

it('[SYN-7, SYN-11] a device lets go of what its user may not see any more, though the server has forgotten by which rights it was served', async () => {
  const { a, backup, ids } = await withHistory();
  const copy = openDatabase({ url: postgres.urlOf(backup), connections: 1 });
  const others = { is: 'not', of: { is: 'in', field: 'ownerId', values: ['somebody-else'] } };
  await copy.rows({
    text: `update roles set grants = (select jsonb_agg(jsonb_set(one, '{when}', $1::jsonb)) from jsonb_array_elements(grants) one)`,
    values: [JSON.stringify(others)],
  });
  await copy.rows({ text: `update farms set doc = jsonb_set(doc, '{ownerId}', '"somebody-else"') where id = $1`, values: [ids['Kept']] });
  await copy.rows({ text: 'delete from served_scopes' });
  await copy.close();
  await server.close();
  current = backup;
  await serve();
  const names = async (): Promise<Set<unknown>> => new Set((await content(a, 'farms')).map(({ name }) => name));
  await until('it is gone', async () => !(await names()).has('Kept'), 30_000);
  await idle(a);
  expect(await names()).toEqual(new Set(['Deleted', 'Edited', 'Raced']));
});

it('[SYN-11] two devices notice a restored server, give back what it lost, and nothing is lost or doubled', async () => {
  const history = await withHistory();
  const { a, b, backup, ids } = history;
  await loseSome(history);
  const before = await onServer();
  // One device has an unsent edit of a record whose state the server is about to lose.
  await a.sync.setForcedOffline(true);
  await phase(a, 'forced_offline');
  await run(a, 'farms', 'change', ids['Edited'] ?? '', { memo: 'written offline' });
  await server.close();
  current = backup;
  await serve();
  await a.sync.setForcedOffline(false);
  await until('the lost record is back', async () => Object.keys(await onServer()).includes(ids['Made'] ?? ''), 30_000);
  await Promise.all([idle(a), idle(b)]);
  await converge(a, b, collections);
  expect(await onServer()).toEqual(before);
  const farms = await content(b, 'farms');
  expect(farms.find(({ id }) => id === ids['Edited'])).toMatchObject({ name: 'Edited after the backup', memo: 'written offline' });
  expect(farms.map(({ id }) => id)).not.toContain(ids['Deleted']);
  expect(await content(a, 'barns')).toHaveLength(1);
  expect([await a.desk.local.setAside.count(), await b.desk.local.setAside.count()]).toEqual([0, 0]);
  expect(await isDense()).toBe(true);
  // Each lost write was taken once, although both devices held it.
  expect((await rows({ text: `select id from audit where collection = 'farms' and id = $1`, values: [ids['Made']] })).length).toBe(1);
  expect((await readEpochs(server.db)).length).toBeGreaterThan(1);
  // Healed devices go on as before.
  await run(b, 'farms', 'change', ids['Kept'] ?? '', { name: 'Kept and renamed' });
  await until('the other one hears of it', async () => (await content(a, 'farms')).some(({ name }) => name === 'Kept and renamed'));
}, 90_000);

it('[SYN-11] what was changed on the restored server meanwhile is not overwritten: the device keeps its own aside', async () => {
  const history = await withHistory();
  const { a, b, backup, ids } = history;
  await run(a, 'farms', 'change', ids['Raced'] ?? '', { name: 'Before the restore' });
  await idle(a);
  await converge(a, b, collections);
  await Promise.all([idle(a), idle(b)]);
  for (const one of [a, b]) {
    await one.sync.setForcedOffline(true);
    await phase(one, 'forced_offline');
  }
  await server.close();
  current = backup;
  await serve();
  const c = await device();
  await idle(c);
  await run(c, 'farms', 'change', ids['Raced'] ?? '', { name: 'After the restore' });
  await idle(c);
  await a.sync.setForcedOffline(false);
  await b.sync.setForcedOffline(false);
  await Promise.all([idle(a), idle(b)]);
  await converge(a, c, collections);
  await converge(b, c, collections);
  expect((await onServer())[ids['Raced'] ?? '']).toBe('After the restore');
  const kept = await a.desk.local.setAside.toArray();
  expect(kept.map(({ mine }) => mine['name'])).toEqual(['Before the restore']);
}, 90_000);

it('[SYN-11] a restore that leaves no sign in the database is noticed by the first device that has seen more', async () => {
  const history = await withHistory();
  const { a, b, backup } = history;
  await loseSome(history);
  const before = await onServer();
  await server.close();
  current = backup;
  const db = openDatabase({ url: postgres.urlOf(current), connections: 1 });
  // As after a snapshot of the whole machine: same cluster, same timeline, same database.
  await db.rows({ text: 'alter table feed_head disable trigger feed_watch' });
  await db.rows({ text: 'update feed_head set incarnation = feed_incarnation()' });
  await db.rows({ text: 'alter table feed_head enable trigger feed_watch' });
  await db.close();
  await serve();
  await until('all is back', async () => JSON.stringify(await onServer()).length === JSON.stringify(before).length, 30_000);
  await Promise.all([idle(a), idle(b)]);
  await converge(a, b, collections);
  expect(await onServer()).toEqual(before);
  expect(await isDense()).toBe(true);
}, 90_000);

it('[SYN-11] drover epoch new makes running devices check and go on, with nothing sent twice', async () => {
  const { a, b, ids } = await withHistory();
  const entries = (await rows({ text: 'select seq from audit' })).length;
  const words: string[] = [];
  const around = {
    environment: { DATABASE_URL: postgres.urlOf(current) },
    out: (text: string) => words.push(text),
    err: (text: string) => words.push(text),
  };
  expect(await runDrover(['epoch', 'new', '--why', 'test'], around)).toBe(0);
  expect(words.join(' ')).toMatch(/Epoch \w{32} begins after position \d+/u);
  const epoch = (await readEpochs(server.db)).at(-1)?.epoch;
  await until('both have learnt of it', async () => {
    const seen = await Promise.all([a, b].map(({ desk }) => desk.local.settings.get('sync.epochs.farms')));
    return seen.every((setting) => Array.isArray(setting?.value) && setting.value[0] === epoch);
  });
  await Promise.all([idle(a), idle(b)]);
  expect((await rows({ text: 'select seq from audit' })).length).toBe(entries);
  await run(a, 'farms', 'change', ids['Kept'] ?? '', { name: 'Kept on' });
  await until('it arrives', async () => (await content(b, 'farms')).some(({ name }) => name === 'Kept on'));
  expect(await runDrover(['epoch', 'new'], { ...around, environment: {} })).toBe(2);
}, 60_000);
