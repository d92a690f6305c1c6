/** A device whose storage was damaged under it finds out and puts it right, against a real server. */
import 'fake-indexeddb/auto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Dexie, type Table } from 'dexie';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../build/postgres.ts';
import { SyncFault } from '../../../renderer/sync/fault.ts';
import { healDamage } from '../../../renderer/sync/heal-damage.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { DEMO_PASSWORD, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { barn, farm, freshDesk, until } from '../data/desk-kit.ts';
import { openNouns } from '../../sync-server/open-nouns.ts';
import { type Device, closeDevice, converge, create, deviceOn, idle, phase, run } from './device-kit.ts';

const nouns = [farm, barn];
const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-check-'));
chmodSync(folder, 0o755);
const ends: (() => Promise<unknown>)[] = [];
let postgres: Postgres;
let server: Server;
beforeAll(async () => {
  postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true });
  server = await startServer({ databaseUrl: postgres.url, port: 0, log: openLog('silent'), nouns });
  await createDemoAccounts(server.db, hashPassword, undefined);
  await openNouns(
    server.db,
    nouns.map(({ entity }) => entity.collection),
  );
}, 60_000);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await server.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});
const device = async (): Promise<Device> => {
  const made = await deviceOn(await freshDesk({ nouns, storage: 'dexie' }), server.url, DEMO_PASSWORD);
  ends.push(() => closeDevice(made));
  return made;
};
/** The table under a collection, written to behind everybody's back: the Dexie storage keeps a row a record. */
async function tableOf({ desk }: Device, collection: string): Promise<Table<unknown, string>> {
  const { dexieTable } = (await Promise.resolve(desk.collection(collection).storageInstance.internals)) as {
    dexieTable: Table<unknown, string>;
  };
  return dexieTable;
}

it('[SYN-5] finds everything equal, then what is missing here or there, and puts it right (I12)', async () => {
  const [a, b] = [await device(), await device()];
  const made = await Promise.all(Array.from({ length: 12 }, (_, n) => create(a, 'farms', { name: `Farm ${n}` })));
  const shed = await create(a, 'barns', { name: 'Shed', farmId: made[0]?.id ?? '' });
  await run(a, 'farms', 'delete', made[11]?.id ?? '');
  await Promise.all([idle(a), idle(b)]);
  await converge(a, b, ['farms', 'barns']);
  const check = await b.sync.checkDevice();
  expect(check).toMatchObject({ equal: true, mended: 0 });
  expect(check.collections).toEqual([
    { collection: 'farms', here: 11, there: 11, differing: 0 },
    { collection: 'barns', here: 1, there: 1, differing: 0 },
  ]);
  expect(b.sync.state.get().checked).toEqual(check);

  // Two records vanish from this device's disk; a third vanishes from the server.
  const table = await tableOf(b, 'farms');
  await table.bulkDelete([made[1]?.id ?? '', made[2]?.id ?? '']);
  await server.db.rows({ text: 'delete from barns where id = $1', values: [shed.id] });
  // As if it had never been there; the audit itself would not let its entry go.
  await server.db.rows({
    text: `begin; set local session_replication_role = replica; delete from audit where collection = 'barns'; commit`,
  });
  await server.db.rows({ text: `delete from applied where collection = 'barns'` });
  expect(await table.count()).toBe(10);
  const mended = await b.sync.checkDevice();
  expect(mended).toMatchObject({ equal: true, mended: 3 });
  // Compared below RxDB, whose cached queries still held what had vanished under them.
  const ids = async (one: Device): Promise<string[]> => (await tableOf(one, 'farms')).toCollection().primaryKeys();
  expect(await ids(b)).toEqual(await ids(a));
  expect(await table.count()).toBe(12);
  expect(await server.db.rows({ text: 'select id from barns' })).toEqual([{ id: shed.id }]);
}, 60_000);

it('[SYN-5] what waits here to be sent is no difference, and offline there is nothing to compare with', async () => {
  const a = await device();
  await create(a, 'farms', { name: 'Sent' });
  await idle(a);
  const { equal } = await a.sync.checkDevice();
  expect(equal).toBe(true);
  await a.sync.setForcedOffline(true);
  await phase(a, 'forced_offline');
  await expect(a.sync.checkDevice()).rejects.toBeInstanceOf(SyncFault);
}, 30_000);

/** Turns one bit in the row of the storage's log that holds this text as a record, not as the base of a replication. */
async function spoilDisk(name: string, text: string): Promise<void> {
  const disk = await new Dexie(`packed-${name}`).open();
  const log = disk.table<Uint8Array, number>('log');
  const rows: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  await log.each((bytes, { primaryKey }) => rows.push({ at: primaryKey, bytes }));
  const found = rows.find(({ bytes }) => {
    const words = new TextDecoder('latin1').decode(bytes);
    return words.includes(text) && !words.includes('"itemId"');
  });
  if (!found) throw new Error(`${text} is in no row of ${rows.length}`);
  const { at, bytes } = found;
  await log.put(
    bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 4 : byte)),
    at,
  );
  disk.close();
}

it('[SYN-5] fetches what the disk of the device lost, once the server is in reach', async () => {
  const a = await device();
  await Promise.all(Array.from({ length: 30 }, (_, n) => create(a, 'farms', { name: `Kept ${n}`, memo: 'x'.repeat(200) })));
  await idle(a);
  const name = `damaged-${process.pid}`;
  const before = await deviceOn(await freshDesk({ nouns, name }), server.url, DEMO_PASSWORD);
  await idle(before);
  await converge(a, before, ['farms']);
  await closeDevice(before);
  await spoilDisk(name, 'Kept 17');

  const again = await deviceOn(await freshDesk({ nouns, name }), server.url, '');
  ends.push(() => closeDevice(again));
  const stop = healDamage(again.desk, again.sync);
  ends.push(() => Promise.resolve(stop()));
  await until('the damage to be found', () => again.desk.damages.list().length > 0);
  await until('a comparison', () => (again.sync.state.get().checked?.mended ?? 0) > 0, 30_000);
  await converge(a, again, ['farms']);
}, 60_000);
