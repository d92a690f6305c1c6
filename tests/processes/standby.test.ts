/**
 * A hot standby: read while the primary is written to, then promoted after the primary was killed with changes that had not
 * reached it. The server processes go on running; the address of the database points to the standby from then on.
 */
import 'fake-indexeddb/auto';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, statSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Postgres } from '../../build/postgres.ts';
import { activityNoun } from '../../domain/activity/activity.rules.ts';
import { partyNoun } from '../../domain/party/party.rules.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import { nouns } from '../../domain/registry.ts';
import { type Database, openDatabase } from '../../sync-server/db/database.ts';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { readEpochs } from '../../sync-server/db/epochs.ts';
import { randomFrom } from '../fuzz/random.ts';
import { freshDesk, until } from '../renderer/data/desk-kit.ts';
import { type Device, closeDevice, content, converge, create, deviceOn, idle, run } from '../renderer/sync/device-kit.ts';
import { inconsistencies } from '../sync-server/consistency.ts';
import { type CuttingProxy, openProxy } from '../sync-server/cutting-proxy.ts';
import { document } from '../sync-server/test-server.ts';
import { minimalDocument } from '../domain/sample.ts';
import { Cluster, ServerProcess, prepareCompany, removeFolder, tempFolder } from './company.ts';
import { DeviceModel } from './device-model.ts';

const folder = tempFolder('standby');
let primary: Cluster;
let standby: Cluster;
/** The address under which servers know the database; what a virtual address or a name does in earnest. */
let address: CuttingProxy;
/** The way of the log from primary to standby. */
let cable: CuttingProxy;
let servers: ServerProcess[];
let onPrimary: Database;
let onStandby: Database;
const ends: (() => Promise<unknown>)[] = [];

const throughProxy = (postgres: Postgres, proxy: CuttingProxy): string => {
  const url = new URL(postgres.url);
  url.port = new URL(proxy.url).port;
  return url.toString();
};

/** A base backup by hand, as pg_basebackup does it; that program is not among the embedded ones. */
async function copyOf(from: Postgres, db: Database): Promise<string> {
  const copy = path.join(folder, 'standby');
  mkdirSync(copy, { mode: 0o700 });
  const { uid, gid } = statSync(from.dataDir);
  chownSync(copy, uid, gid);
  // Both ends of a backup belong to one connection.
  await db.exclusively(1, async (runner) => {
    await runner.rows({ text: `select pg_backup_start('standby', true)` });
    const { status, stderr } = spawnSync('cp', ['-a', `${from.dataDir}/.`, copy], { encoding: 'utf8' });
    // A file that vanishes while it is copied is what the log makes good.
    if (status !== 0 && !/No such file/.test(stderr)) throw new Error(`cp: ${stderr}`);
    const [label] = await runner.rows<{ labelfile: string }>({ text: 'select labelfile from pg_backup_stop()' });
    writeFileSync(path.join(copy, 'backup_label'), label?.labelfile ?? '');
  });
  spawnSync('rm', ['-f', path.join(copy, 'postmaster.pid'), path.join(copy, 'postmaster.opts')]);
  writeFileSync(path.join(copy, 'standby.signal'), '');
  for (const file of ['backup_label', 'standby.signal']) chownSync(path.join(copy, file), uid, gid);
  copyFileSync(`${from.dataDir}.password`, `${copy}.password`);
  return copy;
}
const party = (id: string): WireDocument => {
  const { w: _, ...fields } = minimalDocument(partyNoun, id);
  return document(id, fields);
};
const positionOf = async (db: Database): Promise<number> =>
  (await db.rows<{ seq: number }>({ text: 'select seq from feed_head' }))[0]?.seq ?? -1;
const caughtUp = (): Promise<void> =>
  until('the standby has caught up', async () => (await positionOf(onStandby)) === (await positionOf(onPrimary)), 30_000);

beforeAll(async () => {
  primary = await Cluster.open(path.join(folder, 'primary'));
  onPrimary = await prepareCompany(primary.postgres.url);
  cable = await openProxy(primary.postgres.port);
  address = await openProxy(primary.postgres.port);
  const copy = await copyOf(primary.postgres, onPrimary);
  const password = readFileSync(`${primary.postgres.dataDir}.password`, 'utf8').trim();
  standby = await Cluster.open(copy, {
    primary_conninfo: `host=127.0.0.1 port=${new URL(cable.url).port} user=drover password=${password}`,
    wal_retrieve_retry_interval: '200ms',
  });
  onStandby = openDatabase({ url: standby.postgres.url, connections: 2 });
  servers = await Promise.all([1, 2].map(() => ServerProcess.open(throughProxy(primary.postgres, address))));
});
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  for (const server of servers) await server.kill();
  await onPrimary.close();
  await onStandby.close();
  await address.close();
  await cable.close();
  await standby.close();
  removeFolder(folder);
});

test('[SYN-1] whoever reads on the standby while two servers write sees no change without all that came before it', async () => {
  let isOver = false;
  const writers = [0, 1, 2, 3].map(async (n) => {
    const device = new DeviceModel(`w${n}`, [servers[n % 2]?.url ?? ''], randomFrom(n));
    await device.signIn('broker');
    for (let i = 0; !isOver; i += 1) {
      for (const k of [0, 1, 2]) device.commit('parties', party(`s${n}-${i}-${k}`));
      await device.push('parties', 3);
    }
  });
  const heads = new Set<number>();
  const holes: unknown[] = [];
  for (let look = 0; look < 250; look += 1) {
    const [seen] = await onStandby.rows<{ head: number; entries: number; last: number; newest: number }>({
      text: `select (select seq from feed_head) as head, (select count(*) from audit) as entries, (select coalesce(max(seq), 0) from audit) as last,
        (select coalesce(max(seq), 0) from parties) as newest`,
    });
    if (seen && (seen.entries !== seen.head || seen.last !== seen.head || seen.newest > seen.head)) holes.push(seen);
    heads.add(seen?.head ?? 0);
    await sleep(8);
  }
  isOver = true;
  await Promise.all(writers);
  expect(holes).toEqual([]);
  expect(heads.size).toBeGreaterThan(10);
});

test('[SYN-11] the standby is promoted without the last changes: devices notice, give them back, and nothing is lost or doubled', async () => {
  const device = async (server: ServerProcess | undefined): Promise<Device> => {
    const made = await deviceOn(await freshDesk({ nouns: [partyNoun, activityNoun] }), server?.url ?? '', DEMO_PASSWORD);
    ends.push(() => closeDevice(made));
    return made;
  };
  const [a, b] = [await device(servers[0]), await device(servers[1])];
  // More records than one request may name.
  const loader = new DeviceModel('loader', [servers[0]?.url ?? ''], randomFrom(0));
  await loader.signIn('admin');
  for (let i = 0; i < 1100; i += 1) loader.commit('parties', party(`bulk-${i}`));
  for (const _ of [1, 2, 3]) await loader.push('parties', 400);
  const supplier = (name: string): Record<string, unknown> => ({ name, roles: ['supplier'] });
  const kept = await create(a, 'parties', supplier('Kept'));
  const edited = await create(b, 'parties', supplier('Edited'));
  const deleted = await create(b, 'parties', supplier('Deleted'));
  for (const one of [a, b]) await idle(one);
  await until('both hold all', async () => (await content(a, 'parties')).length === (await content(b, 'parties')).length, 30_000);
  await caughtUp();

  // From here on nothing reaches the standby.
  cable.fate = () => ({ up: 0 });
  cable.cut();
  await run(a, 'parties', 'change', edited.id, { name: 'Edited before the end' });
  await run(b, 'parties', 'delete', deleted.id);
  const made = await create(b, 'parties', supplier('Made before the end'));
  for (const one of [a, b]) await idle(one);
  await converge(a, b, ['parties']);
  for (const one of [a, b]) await idle(one);
  const lost = (await positionOf(onPrimary)) - (await positionOf(onStandby));
  expect(lost).toBeGreaterThanOrEqual(3);

  await primary.kill();
  address.cut();
  await onStandby.rows({ text: 'select pg_promote(true, 60)' });
  address.pointTo(standby.postgres.port);
  address.cut();
  const nameOf = async (id: string): Promise<{ name: string; deleted: boolean } | undefined> =>
    (
      await onStandby.rows<{ name: string; deleted: boolean }>({
        text: `select doc->>'name' as name, deleted from parties where id = $1`,
        values: [id],
      })
    )[0];
  await until(
    'what was lost is back',
    async () => (await nameOf(made.id)) !== undefined && (await nameOf(deleted.id))?.deleted === true,
    60_000,
  );
  for (const one of [a, b]) await idle(one);
  await converge(a, b, ['parties']);
  expect([await nameOf(edited.id), await nameOf(made.id)]).toEqual([
    { name: 'Edited before the end', deleted: false },
    { name: 'Made before the end', deleted: false },
  ]);
  expect((await readEpochs(onStandby)).length).toBe(2);
  expect(
    await inconsistencies(
      onStandby,
      nouns.map(({ entity }) => entity.collection),
    ),
  ).toEqual([]);
  expect(await onStandby.rows({ text: 'select seq from audit where id = $1', values: [made.id] })).toHaveLength(1);
  expect([await a.desk.local.setAside.count(), await b.desk.local.setAside.count()]).toEqual([0, 0]);

  // And the company goes on, on both servers.
  await run(b, 'parties', 'change', kept.id, { name: 'Kept and renamed' });
  await until(
    'the other one hears of it',
    async () => (await content(a, 'parties')).some(({ name }) => name === 'Kept and renamed'),
    30_000,
  );
});
