/** Rights that change while a device is in the middle of its first sync (SYN-7): real devices, a real server, real Postgres. */
import 'fake-indexeddb/auto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../build/postgres.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { readPages } from '../../../renderer/data/bulk-read.ts';
import { newId } from '../../../renderer/data/ids.ts';
import type { PackedStorageInstance } from '../../../renderer/data/storage/instance.ts';
import type { Session } from '../../../renderer/sync/session.ts';
import { pushRows } from '../../../renderer/sync/wire.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { changeAccount } from '../../../sync-server/db/access.ts';
import { DEMO_PASSWORD, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { freshDesk, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, content, create, deviceOn, idle } from './device-kit.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-rights-'));
chmodSync(folder, 0o755);
const ends: (() => Promise<unknown>)[] = [];
let postgres: Postgres;
let server: Server;
let boss: Device;
let template: AnyDocument;

/** So many orders of this desk, as the boss's device would send them. */
async function orders(deskId: string, count: number): Promise<void> {
  for (let start = 0; start < count; start += 500) {
    const rows = Array.from({ length: Math.min(500, count - start) }, (_, i) => {
      const number = `${deskId}-${start + i}`;
      return { newDocumentState: { ...template, id: newId(), w: newId(), number, deskId, notes: `secret of ${deskId}`, _deleted: false } };
    });
    const { answers } = await pushRows(boss.session, 'orders', orderNoun.entity.version, rows);
    expect(answers).toEqual([]);
  }
}

beforeAll(async () => {
  postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
  server = await startServer({ databaseUrl: postgres.url, port: 0, log: openLog('silent') });
  await createDemoAccounts(server.db, hashPassword, undefined);
  boss = await deviceOn(await freshDesk({ nouns: [orderNoun] }), server.url, DEMO_PASSWORD, 'admin');
  const lines = [{ lineId: 'l1', description: 'Chuck roll', cases: 10 }];
  const charges = [{ lineId: 'c1', kind: 'fuel', amount: 120 }];
  template = await create(boss, 'orders', {
    kind: 'purchase',
    number: 'template',
    deskId: 'none',
    orderedOn: '2026-09-04',
    lines,
    charges,
  });
  await idle(boss);
  await boss.sync.setForcedOffline(true);
  for (const [deskId, count] of [
    ['one', 2300],
    ['two', 1200],
  ] as const)
    await orders(deskId, count);
}, 60_000);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await closeDevice(boss);
  await server.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const put = (desks: readonly [string, ...string[]], role: string) => changeAccount(server.db, 'broker@drover.example', { role, desks });

/** A new device of the broker that comes to its third page of orders only when `meanwhile` is over. Answers how many pages went past RxDB until then. */
async function interrupted(meanwhile: () => Promise<unknown>): Promise<{ device: Device; past: number }> {
  const desk = await freshDesk({ nouns: [orderNoun] });
  const storage = desk.collection('orders').storageInstance.originalStorageInstance as unknown as PackedStorageInstance<unknown>;
  const ingest = storage.ingest.bind(storage);
  let [pulls, past, isChanged] = [0, 0, false];
  storage.ingest = async (...asked) => {
    const taken = await ingest(...asked);
    if (taken > 0 && !isChanged) past += 1;
    return taken;
  };
  const around =
    (fetch: Session['authorizedFetch']): Session['authorizedFetch'] =>
    async (address, init) => {
      if (address.includes('pull?')) pulls += 1;
      if (pulls === 3 && !isChanged) {
        await until('two pages are here', () => past === 2);
        isChanged = true;
        await meanwhile();
      }
      return fetch(address, init);
    };
  const device = await deviceOn(desk, server.url, DEMO_PASSWORD, 'broker', around);
  ends.push(() => closeDevice(device));
  await until('the rights have changed', () => isChanged);
  await idle(device);
  return { device, past };
}
/** All that is stored of the orders, deleted or not. */
async function stored({ desk }: Device): Promise<AnyDocument[]> {
  const found: AnyDocument[] = [];
  for await (const page of readPages(desk, 'orders', 500)) found.push(...page);
  return found;
}
const desksOf = async (device: Device): Promise<Record<string, number>> => {
  const found: Record<string, number> = {};
  for (const { deskId } of await content(device, 'orders')) found[deskId] = (found[deskId] ?? 0) + 1;
  return found;
};

describe('[SYN-7] rights that change in the middle of a first sync', () => {
  it('[SYN-7] take what was pulled by the old ones from the device, bring what the new ones give, and can come back', async () => {
    await put(['one'], 'broker');
    const { device, past } = await interrupted(() => put(['two'], 'broker'));
    expect(past).toBe(2);
    await until('it has the other desk', async () => Object.keys(await desksOf(device)).join() === 'two');
    await idle(device);
    expect(await desksOf(device)).toEqual({ two: 1200 });
    expect(JSON.stringify(await stored(device))).not.toContain('secret of one');
    expect(await device.sync.checkDevice()).toMatchObject({ equal: true, mended: 0 });
    await put(['one'], 'broker');
    await until('it has its desk again', async () => (await desksOf(device))['one'] === 2300);
    await idle(device);
    expect(await desksOf(device)).toEqual({ one: 2300 });
    expect(JSON.stringify(await stored(device))).not.toContain('secret of two');
    expect(await device.sync.checkDevice()).toMatchObject({ equal: true, mended: 0 });
  });

  it('[SYN-7] take fields that are hidden from then on out of what was pulled before', async () => {
    await put(['one'], 'broker');
    const { device, past } = await interrupted(() => put(['one'], 'field'));
    expect(past).toBe(2);
    const charged = async (): Promise<number> => (await stored(device)).filter((one) => 'charges' in one || 'totalAmount' in one).length;
    await until('no charge is left', async () => (await charged()) === 0);
    await idle(device);
    expect(await desksOf(device)).toEqual({ one: 2300 });
    expect(await charged()).toBe(0);
    await put(['one'], 'broker');
    await until('they are back', async () => (await charged()) === 2300);
  });
});
