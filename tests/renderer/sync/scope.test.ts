/** What a user may not see any more leaves the device, and only that (SYN-7): real devices, a real server, real Postgres. */
import 'fake-indexeddb/auto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../build/postgres.ts';
import { activityNoun } from '../../../domain/activity/activity.rules.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { partyNoun } from '../../../domain/party/party.rules.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { readPages } from '../../../renderer/data/bulk-read.ts';
import { saveDraft } from '../../../renderer/data/local-store.ts';
import { observeRecord } from '../../../renderer/data/observe.ts';
import { shelfOf } from '../../../renderer/data/shelf.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { listTrash } from '../../../renderer/data/trash.ts';
import { purgeTrash } from '../../../sync-server/admin/trash.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { changeAccount } from '../../../sync-server/db/access.ts';
import { DEMO_PASSWORD, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { actor, freshDesk, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, content, create, deviceOn, idle, phase, run } from './device-kit.ts';

const nouns = [partyNoun, orderNoun, activityNoun];
const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-scope-'));
chmodSync(folder, 0o755);
const ends: (() => Promise<unknown>)[] = [];
let postgres: Postgres;
/** Two processes of one company; rights change on the one and count on both. */
let server: Server;
let second: Server;
beforeAll(async () => {
  postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
  const options = { databaseUrl: postgres.url, port: 0, log: openLog('silent') };
  server = await startServer(options);
  second = await startServer(options);
  await createDemoAccounts(server.db, hashPassword, undefined);
}, 60_000);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await server.close();
  await second.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const put = (who: string, desks: readonly [string, ...string[]], role = 'broker') =>
  changeAccount(server.db, `${who}@drover.example`, { role, desks });
const device = async (who: string, url = server.url, name?: string): Promise<Device> => {
  const desk = await freshDesk({ nouns, ...(name === undefined ? {} : { name }) });
  const made = await deviceOn(desk, url, DEMO_PASSWORD, who);
  ends.push(() => closeDevice(made));
  return made;
};
const order = (number: string, deskId: string): Record<string, unknown> => ({
  kind: 'purchase',
  number,
  deskId,
  orderedOn: '2026-09-04',
  lines: [{ lineId: 'l1', description: 'Chuck roll', cases: 10 }],
});
const numbers = async (one: Device): Promise<string> =>
  (await content(one, 'orders'))
    .map((found) => String(found['number']))
    .sort()
    .join(' ');
/** Every word that the device has stored of a collection, deleted or not, and what RxDB remembers of the server. */
async function words({ desk }: Device, collection: string): Promise<string> {
  const stored: unknown[] = [];
  for await (const page of readPages(desk, collection, 500)) stored.push(...page);
  const databases = await indexedDB.databases();
  const rows = await Promise.all(databases.filter(({ name = '' }) => name.includes(desk.name)).map(({ name = '' }) => everythingIn(name)));
  return JSON.stringify([stored, rows]);
}
const everythingIn = (name: string): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.addEventListener('error', () => reject(opening.error ?? new Error(name)));
    opening.addEventListener('success', () => {
      const db = opening.result;
      const stores = [...db.objectStoreNames];
      if (stores.length === 0) return resolve([]);
      const found: unknown[] = [];
      const transaction = db.transaction(stores);
      for (const store of stores) {
        const all = transaction.objectStore(store).getAll();
        all.addEventListener('success', () => found.push(all.result));
      }
      transaction.addEventListener('complete', () => {
        db.close();
        resolve(found);
      });
    });
  });

describe('[SYN-7] connected devices', () => {
  it('[SYN-7] a record moved to another desk leaves one device and comes to the other, without a trace and without reconnecting', async () => {
    await put('broker', ['east']);
    await put('field', ['west']);
    const [boss, east, west] = [await device('admin'), await device('broker', second.url), await device('field')];
    for (const one of [boss, east, west]) await phase(one, 'live');
    const { id } = await create(boss, 'orders', { ...order('E-1', 'east'), notes: 'east-secret' });
    await until('east has it', async () => (await numbers(east)) === 'E-1');
    await idle(east);
    const shelf = shelfOf(east.desk, 'orders');
    const letGo = shelf.follow(() => undefined);
    await until('the shelf is read', () => shelf.ready && shelf.records.has(id));
    const page = observeRecord(east.desk, 'orders', id);
    const leave = page.subscribe(() => undefined);
    await saveDraft(east.desk.local, { key: `orders/${id}`, collection: 'orders', id, values: { notes: 'east-secret typed on' } });

    expect(await words(east, 'orders')).toContain('east-secret');

    await run(boss, 'orders', 'change', id, { deskId: 'west' });
    await until('it changed hands', async () => (await numbers(east)) === '' && (await numbers(west)) === 'E-1', 5_000);
    expect(east.sync.state.get().phase).toBe('live');
    expect(shelf.records.has(id)).toBe(false);
    expect(await listTrash(east.desk, 'orders')).toEqual([]);
    expect(page.get()).toMatchObject({ record: undefined, deleted: false });
    letGo();
    leave();
    await until('no trace is left', async () => !(await words(east, 'orders')).includes('east-secret'));
    for (const command of ['restore', 'change', 'delete'] as const)
      expect(await submit(east.desk, { collection: 'orders', command, id, draft: {} }, actor)).toMatchObject({
        ok: false,
        rejection: { code: 'not_found' },
      });

    await run(boss, 'orders', 'change', id, { deskId: 'east' });
    await until('it came back', async () => (await numbers(east)) === 'E-1' && (await numbers(west)) === '');
    expect((await content(east, 'orders'))[0]).toMatchObject({ notes: 'east-secret' });
  });

  it('[SYN-7] a changed desk of the user counts at once, also on the other process, and both scopes check equal', async () => {
    await put('broker', ['n1']);
    await put('field', ['n1']);
    const [boss, one, two] = [await device('admin'), await device('broker'), await device('field', second.url)];
    for (const each of [boss, one, two]) await phase(each, 'live');
    for (const [number, desk] of [
      ['N1-a', 'n1'],
      ['N1-b', 'n1'],
      ['N2-a', 'n2'],
    ] as const)
      await create(boss, 'orders', order(number, desk));
    await create(boss, 'parties', { name: 'Everybody sees me', roles: ['supplier'] });
    await until('both have the desk', async () => (await numbers(one)) === 'N1-a N1-b' && (await numbers(two)) === 'N1-a N1-b');
    const phases = new Set<string>();
    const watch = [one, two].map(({ sync }) => sync.state.subscribe(() => phases.add(sync.state.get().phase)));
    await put('broker', ['n2']);
    await put('field', ['n1', 'n2']);
    await until('each has what it may', async () => (await numbers(one)) === 'N2-a' && (await numbers(two)) === 'N1-a N1-b N2-a', 5_000);
    for (const stop of watch) stop();
    expect([...phases].filter((seen) => seen !== 'live')).toEqual([]);
    expect((await content(one, 'parties')).length).toBeGreaterThan(0);
    for (const each of [one, two]) {
      await idle(each);
      expect(await each.sync.checkDevice()).toMatchObject({ equal: true, mended: 0 });
    }
    // What happens from now on is served by the new scope.
    await create(boss, 'orders', order('N1-c', 'n1'));
    await create(boss, 'orders', order('N2-b', 'n2'));
    await until('the news came', async () => (await numbers(one)) === 'N2-a N2-b' && (await numbers(two)) === 'N1-a N1-b N1-c N2-a N2-b');
    await put('broker', ['n1']);
    await until('regained', async () => (await numbers(one)) === 'N1-a N1-b N1-c', 5_000);
  });
});

describe('[SYN-7] a device that was away', () => {
  it('[SYN-7] learns at the next contact; an unsent edit of what was withdrawn comes back to its author as a refusal', async () => {
    await put('broker', ['away']);
    const [boss, one] = [await device('admin'), await device('broker')];
    const kept = await create(boss, 'orders', order('A-kept', 'away'));
    const lost = await create(boss, 'orders', { ...order('A-lost', 'away'), notes: 'away-secret' });
    const edited = await create(boss, 'orders', { ...order('A-edited', 'away'), sealNumber: 'away-secret' });
    await until('it has all', async () => (await numbers(one)) === 'A-edited A-kept A-lost');
    await idle(one);
    await one.sync.setForcedOffline(true);
    await phase(one, 'forced_offline');
    await run(one, 'orders', 'change', edited.id, { notes: 'typed in the train' });
    await run(one, 'orders', 'change', kept.id, { notes: 'typed in the train too' });
    for (const { id } of [lost, edited]) await run(boss, 'orders', 'change', id, { deskId: 'elsewhere' });
    await idle(boss);
    await one.sync.setForcedOffline(false);
    await until('what was withdrawn is gone', async () => (await numbers(one)) === 'A-kept');
    await until('the refusal is in the inbox', async () =>
      (await content(one, 'activities')).some((entry) => entry['recordId'] === edited.id),
    );
    await idle(one);
    const [entry] = (await content(one, 'activities')).filter((found) => found['recordId'] === edited.id);
    expect(entry).toMatchObject({ kind: 'refusal', code: 'not_permitted' });
    expect(String(entry?.['keptContent'])).toContain('typed in the train');
    expect(entry).not.toHaveProperty('storedContent');
    expect(await listTrash(one.desk, 'orders')).toEqual([]);
    await until('the other edit arrived', async () =>
      (await content(boss, 'orders')).some((found) => found.id === kept.id && found['notes'] === 'typed in the train too'),
    );
    expect((await content(boss, 'orders')).find((found) => found.id === edited.id)).not.toHaveProperty('notes');
  });

  it('[SYN-7] whose rights changed while its window was closed has the difference after the first pull, and asks for no more again', async () => {
    await put('broker', ['c1']);
    const boss = await device('admin');
    for (let i = 0; i < 30; i += 1) await create(boss, 'orders', order(`C1-${i}`, 'c1'));
    for (let i = 0; i < 30; i += 1) await create(boss, 'orders', order(`C2-${i}`, 'c2'));
    await idle(boss);
    const name = `reopened-${Math.random()}`;
    const first = await deviceOn(await freshDesk({ nouns, name }), server.url, DEMO_PASSWORD, 'broker');
    await until('it has its desk', async () => (await content(first, 'orders')).length === 30);
    await idle(first);
    await closeDevice(first);
    await put('broker', ['c2']);
    const again = await deviceOn(await freshDesk({ nouns, name }), server.url, '');
    ends.push(() => closeDevice(again));
    await until('it has the other desk', async () => {
      const held = (await numbers(again)).split(' ');
      return held.length === 30 && held.every((number) => number.startsWith('C2-'));
    });
    await idle(again);
    expect(await again.sync.checkDevice()).toMatchObject({ equal: true, mended: 0 });
    const received = again.sync.state.get().received;
    again.sync.syncNow();
    await idle(again);
    expect(again.sync.state.get().received).toBe(received);
  });

  it('[SYN-7] what a damaged device still holds of another scope is found by the daily check and withdrawn', async () => {
    await put('broker', ['d1']);
    const [boss, one] = [await device('admin'), await device('broker')];
    const { id } = await create(boss, 'orders', { ...order('D-1', 'd1'), notes: 'damaged-secret' });
    await until('it has it', async () => (await numbers(one)) === 'D-1');
    await idle(one);
    await one.sync.setForcedOffline(true);
    await phase(one, 'forced_offline');
    await run(boss, 'orders', 'change', id, { deskId: 'd2' });
    await idle(boss);
    // As if the server had lost the note of the move.
    await server.db.rows({ text: 'delete from access_changes where id = $1', values: [id] });
    await one.sync.setForcedOffline(false);
    await phase(one, 'live');
    expect(await numbers(one)).toBe('D-1');
    expect(await one.sync.checkDevice()).toMatchObject({ equal: true, mended: 1 });
    expect(await numbers(one)).toBe('');
    const known = (await content(boss, 'orders')).find((found: AnyDocument) => found.id === id);
    expect(known).toMatchObject({ deskId: 'd2', notes: 'damaged-secret' });
  });
});

describe('[SYN-7] a record that is removed for good', () => {
  it('[SYN-2, SYN-7] leaves the trash of every device without a trace, and an edit made meanwhile comes back to its author', async () => {
    await put('broker', ['p1']);
    const [boss, one] = [await device('admin'), await device('broker')];
    // Old enough for the law.
    const old = (number: string) => ({ ...order(number, 'p1'), orderedOn: '2020-09-04', notes: 'purged-secret' });
    const { id } = await create(boss, 'orders', old('P-1'));
    const late = await create(boss, 'orders', old('P-2'));
    await until('it has them', async () => (await numbers(one)) === 'P-1 P-2');
    await run(boss, 'orders', 'delete', id);
    await until('it lies in the trash', async () => (await listTrash(one.desk, 'orders')).length === 1);
    await one.sync.setForcedOffline(true);
    await phase(one, 'forced_offline');
    await run(boss, 'orders', 'delete', late.id);
    await run(one, 'orders', 'change', late.id, { sealNumber: 'typed offline' });
    await idle(boss);
    const by = { id: 'server', name: 'server', device: 'server', address: '' };
    const inTwoYears = () => new Date(Date.now() + 730 * 86_400_000);
    expect(await purgeTrash({ db: server.db, nouns, now: inTwoYears }, { by, reason: 'time is over' })).toMatchObject({ orders: 2 });
    await until('the other device has let go', async () => !(await words(boss, 'orders')).includes('purged-secret'));
    await one.sync.setForcedOffline(false);
    await until('the edit came back', async () => (await content(one, 'activities')).some((found) => found['recordId'] === late.id));
    await idle(one);
    const [entry] = (await content(one, 'activities')).filter((found) => found['recordId'] === late.id);
    expect(entry).toMatchObject({ kind: 'refusal', code: 'purged' });
    expect(String(entry?.['keptContent'])).toContain('typed offline');
    expect(await listTrash(one.desk, 'orders')).toEqual([]);
    await until('no trace is left but the entry', async () => !(await words(one, 'orders')).includes('"P-1"'));
    expect(await numbers(one)).toBe('');
  });
});
