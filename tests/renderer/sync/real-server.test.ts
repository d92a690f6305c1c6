import 'fake-indexeddb/auto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../build/postgres.ts';
import { activityNoun } from '../../../domain/activity/activity.rules.ts';
import { locationNoun } from '../../../domain/location/location.rules.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { partyNoun } from '../../../domain/party/party.rules.ts';
import { productNoun } from '../../../domain/product/product.rules.ts';
import type { AuditEntry } from '../../../domain/protocol/protocol.ts';
import { rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { receivableNoun } from '../../../domain/receivable/receivable.rules.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { commitMany } from '../../../renderer/data/commit.ts';
import { newId } from '../../../renderer/data/ids.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { listTrash } from '../../../renderer/data/trash.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { openDatabase } from '../../../sync-server/db/database.ts';
import { DEMO_PASSWORD, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { startSync } from '../../../renderer/sync/connection.ts';
import { type Session, openSession, webSecretStore } from '../../../renderer/sync/session.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { actor, freshDesk, until } from '../data/desk-kit.ts';
import { type Device, closeDevice, content, converge, create, deviceOn, idle, names, phase, run } from './device-kit.ts';

/** Three nouns that point at each other, and the inbox; two devices with all thirteen would meet RxDB's limit in one process. */
const nouns: readonly Noun[] = [partyNoun, locationNoun, orderNoun, activityNoun];
/** What a sale is judged by. */
const trade: readonly Noun[] = [partyNoun, receivableNoun, productNoun, orderNoun];
const collections = nouns.map((noun) => noun.entity.collection);
const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-sync-'));
chmodSync(folder, 0o755);
const ends: (() => Promise<unknown>)[] = [];
let postgres: Postgres;
let server: Server;
let port = 0;

const serve = async (): Promise<void> => {
  server = await startServer({ databaseUrl: postgres.url, port, log: openLog('silent') });
  port = Number(new URL(server.url).port);
};
beforeAll(async () => {
  postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
  await serve();
  const db = openDatabase({ url: postgres.url, connections: 1 });
  await createDemoAccounts(db, hashPassword, undefined);
  await db.close();
}, 60_000);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await server.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const device = async (own = nouns): Promise<Device> => {
  const made = await deviceOn(await freshDesk({ nouns: own }), server.url, DEMO_PASSWORD);
  ends.push(() => closeDevice(made));
  return made;
};
const supplier = (name: string): Record<string, unknown> => ({ name, roles: ['supplier'] });

describe('against the real sync server on Postgres', () => {
  it('[SYN-5] two devices converge over three collections, field by field, with one audit entry a change', async () => {
    const [a, b] = [await device(), await device()];
    const party = await create(a, 'parties', supplier('Prairie Packing'));
    const plant = await create(b, 'locations', { name: 'Dodge plant', kind: 'plant', establishment: 'M86K' });
    await until(
      'each has what the other made',
      async () => (await names(a, 'locations')) === 'Dodge plant' && (await names(b, 'parties')) === 'Prairie Packing',
    );
    await run(b, 'parties', 'change', party.id, { plantId: plant.id, city: 'Dodge City' });
    const lines = [{ lineId: 'l1', description: 'Chuck roll', cases: 10 }];
    const order = await create(a, 'orders', {
      kind: 'purchase',
      number: 'PO-1',
      orderedOn: '2026-01-05',
      supplierId: party.id,
      originId: plant.id,
      lines,
    });
    await until(
      'all is there',
      async () => (await content(b, 'orders')).length === 1 && (await content(a, 'parties'))[0]?.['city'] === 'Dodge City',
    );
    for (const one of [a, b]) await idle(one);
    await converge(a, b, collections);
    const user = a.session.state.get().user;
    expect((await content(b, 'orders'))[0]).toMatchObject({ id: order.id, createdBy: user?.id, modifiedBy: user?.id });
    const audit = (await (await a.session.authorizedFetch(`/audit?collection=parties&id=${party.id}`)).json()) as AuditEntry[];
    expect(audit.map((entry) => [entry.kind, entry.device])).toEqual([
      ['update', b.desk.deviceId],
      ['insert', a.desk.deviceId],
    ]);
    expect(await a.desk.local.setAside.count()).toBe(0);
  });

  it('is told what the company has set, at once, and goes by it without the server and after a restart', async () => {
    const a = await deviceOn(await freshDesk({ nouns }), server.url, DEMO_PASSWORD);
    await phase(a, 'live');
    const admin = await deviceOn(await freshDesk({ nouns: [activityNoun] }), server.url, DEMO_PASSWORD, 'admin');
    ends.push(() => closeDevice(admin));
    const set = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
    const body = JSON.stringify({ key: 'price_warning_percent', value: 5, reason: 'a test' });
    expect((await admin.session.authorizedFetch('/admin/settings', { ...set, body })).status).toBe(200);
    await until('a was told', () => a.desk.company.get().settings.price_warning_percent === 5);
    const line = {
      lineId: 'l',
      description: 'Chuck',
      netWeight: 100,
      price: 106,
      priceUnit: 'lb',
      referencePrice: 100,
      referencePriceUnit: 'lb',
    };
    const warnings = async (desk: Device['desk']): Promise<unknown> => {
      const draft = { kind: 'purchase', orderedOn: '2026-01-05', lines: [line] };
      const answer = await submit(desk, { collection: 'orders', command: 'create', draft }, actor);
      return answer.ok ? answer.warnings.map(({ code }) => code) : answer.rejection.message;
    };
    expect(await warnings(a.desk)).toContain('far_from_reference');
    const { name } = a.desk;
    await closeDevice(a);
    const again = await freshDesk({ nouns, name });
    ends.push(() => again.close());
    expect(await warnings(again)).toContain('far_from_reference');
  });

  it('[R15] a sale that was within the credit offline is flagged when it comes to the server, and not undone', async () => {
    const [a, b] = [await device(trade), await device(trade)];
    const customer = await create(b, 'parties', { name: 'Lone Star', roles: ['customer'], creditLimit: 1_000 });
    await until('a knows the customer', async () => (await names(a, 'parties')).includes('Lone Star'));
    await a.sync.setForcedOffline(true);
    await until('a says until when it knew everything', () => String(a.sync.state.get().caughtUpAt) > customer.createdAt);
    const asOf = a.sync.state.get().caughtUpAt ?? '';
    await create(b, 'receivables', { kind: 'invoice', name: 'I 1', partyId: customer.id, amount: 900, issuedOn: '2026-09-01' });
    await idle(b);
    const line = { lineId: 'l', description: 'Chuck', loads: 1, price: 60_000, priceUnit: 'load' };
    const draft = { kind: 'sale', number: 'S 1', stage: 'agreed', orderedOn: '2026-09-04', customerId: customer.id, lines: [line] };
    const broker = {
      ...actor,
      rights: rightsOf(seedRoles.find(({ name }) => name === 'broker')?.grants ?? [], { accountId: actor.userId, desks: [actor.deskId] }),
    };
    const sold = await submit(a.desk, { collection: 'orders', command: 'create', draft }, broker, asOf);
    expect(sold).toMatchObject({ ok: true, document: { creditAsOf: asOf } });
    await a.sync.setForcedOffline(false);
    for (const one of [a, b])
      await until('the sale is flagged', async () =>
        (await content(one, 'orders')).some((order) => order['creditFlaggedAt'] !== undefined),
      );
    const stored = (await content(a, 'orders')).find(({ id }) => sold.ok && id === sold.document.id);
    expect(stored).toMatchObject({ stage: 'agreed', creditAsOf: asOf });
    expect(await a.desk.local.setAside.count()).toBe(0);
  });

  it('keeps offline work over an outage and delivers it, a child before its parent included', async () => {
    const [a, b] = [await device(), await device()];
    await phase(a, 'live');
    await phase(b, 'live');
    await server.close();
    await phase(a, 'offline');
    const party = await create(a, 'parties', supplier('Made offline'));
    const plant = await create(a, 'locations', { name: 'Offline plant', kind: 'plant', establishment: 'M1', partyId: party.id });
    await run(a, 'parties', 'change', party.id, { plantId: plant.id });
    await until('two wait', () => a.sync.state.get().waitingTotal === 2);
    await serve();
    for (const one of [a, b]) one.sync.syncNow();
    for (const one of [a, b]) await idle(one);
    await until(
      'b has both',
      async () => (await names(b, 'parties')).includes('Made offline') && (await names(b, 'locations')).includes('Offline plant'),
    );
    expect(await listTrash(a.desk, 'parties')).toEqual([]);
    await converge(a, b, collections);
  });

  it('[SYN-1] asks after a break only for the collections that have moved, and holds everything then', async () => {
    const [a, asked] = [await device(), [] as string[]];
    await create(a, 'parties', supplier('Before the break'));
    await idle(a);
    const desk = await freshDesk({ nouns });
    const session = await openSession({
      baseUrl: server.url,
      local: desk.local,
      secrets: webSecretStore(desk.local),
      deviceId: desk.deviceId,
    });
    await session.signIn('broker@drover.example', DEMO_PASSWORD);
    const counted: Session = {
      ...session,
      authorizedFetch: (address, init) => {
        asked.push(address.split('?')[0] ?? '');
        return session.authorizedFetch(address, init);
      },
    };
    const b: Device = { desk, session: counted, sync: await startSync(desk, counted) };
    ends.push(() => closeDevice(b));
    await idle(b);
    await b.sync.setForcedOffline(true);
    await create(a, 'parties', supplier('During the break'));
    await idle(a);
    asked.length = 0;
    await b.sync.setForcedOffline(false);
    await idle(b);
    expect(await names(b, 'parties')).toContain('During the break');
    const pulls = asked.filter((address) => address.endsWith('/pull'));
    expect(pulls).toEqual([`/sync/parties/${partyNoun.entity.version}/pull`]);
    await converge(a, b, collections);
    await create(a, 'parties', supplier('After the break'));
    await until('it comes live', async () => (await names(b, 'parties')).includes('After the break'));
  });

  it('[SYN-6] says when a text was joined, and leaves to the inbox what the server has kept', async () => {
    const [a, b] = [await device(), await device()];
    const { id } = await create(a, 'parties', { ...supplier('Two pens'), notes: 'one\ntwo\nthree', phone: '(308) 555-0101' });
    await until('b has it', async () => (await names(b, 'parties')).includes('Two pens'));
    for (const one of [a, b]) await idle(one);
    for (const one of [a, b]) await one.sync.setForcedOffline(true);
    await run(b, 'parties', 'change', id, { notes: 'ONE\ntwo\nthree', phone: '(308) 555-0102' });
    await run(a, 'parties', 'change', id, { notes: 'one\ntwo\nTHREE' });
    await b.sync.setForcedOffline(false);
    await idle(b);
    await a.sync.setForcedOffline(false);
    await idle(a);
    await until('a is told', () => a.sync.state.get().joined?.edits.some((edit) => edit.id === id) === true);
    expect(a.sync.state.get().joined?.edits).toEqual([{ collection: 'parties', id, keys: ['notes'] }]);
    expect(await a.desk.local.setAside.count()).toBe(0);
    expect((await content(a, 'parties')).find((one) => one.id === id)).toMatchObject({ notes: 'ONE\ntwo\nTHREE', phone: '(308) 555-0102' });

    for (const one of [a, b]) await one.sync.setForcedOffline(true);
    await run(b, 'parties', 'change', id, { phone: '(308) 555-0103' });
    await run(a, 'parties', 'change', id, { phone: '(308) 555-0104' });
    await b.sync.setForcedOffline(false);
    await idle(b);
    await a.sync.setForcedOffline(false);
    await until('its entry is here', async () => (await content(a, 'activities')).some((one) => one['recordId'] === id));
    await until('nothing is shown twice', async () => (await a.desk.local.setAside.count()) === 0);
    await idle(a);
    expect((await content(a, 'activities')).filter((one) => one['recordId'] === id)).toMatchObject([
      { kind: 'clash', fieldNames: ['phone'] },
    ]);
    expect(await a.desk.local.setAside.count()).toBe(0);
  });

  it('[NUM-1] devices give final numbers offline from blocks of their own; without one the number follows by the feed', async () => {
    const [a, b] = [await device(), await device()];
    const order = (more: Record<string, unknown> = {}) => ({
      kind: 'purchase',
      orderedOn: '2026-01-05',
      lines: [{ lineId: 'l1', description: 'Chuck roll', cases: 10 }],
      ...more,
    });
    const held = async ({ desk }: Device): Promise<number> => desk.local.leases.where('series').equals('purchase-orders').count();
    await until('both hold a block', async () => (await held(a)) > 0 && (await held(b)) > 0);
    for (const one of [a, b]) await one.sync.setForcedOffline(true);
    const made = [];
    for (const one of [a, b, a, b, a]) made.push(await create(one, 'orders', order()));
    const numbers = made.map((one) => String(one['number']));
    expect(numbers.every((number) => /^PO-\d{6}$/u.test(number))).toBe(true);
    expect(new Set(numbers).size).toBe(5);
    await a.desk.local.leases.clear();
    const bare = await create(a, 'orders', order({ notes: 'no block left' }));
    expect(bare['number']).toBe('');
    for (const one of [a, b]) await one.sync.setForcedOffline(false);
    const numberAt = async (one: Device, id: string): Promise<unknown> =>
      (await content(one, 'orders')).find((record) => record.id === id)?.['number'];
    await until('the number has come to both', async () => {
      const [here, there] = [await numberAt(a, bare.id), await numberAt(b, bare.id)];
      return typeof here === 'string' && here.startsWith('PO-') && here === there;
    });
    for (const one of [a, b]) await idle(one);
    await converge(a, b, collections);
    expect(await Promise.all(made.map(({ id }) => numberAt(b, id)))).toEqual(numbers);
    expect(numbers).not.toContain(await numberAt(b, bare.id));
    expect([await a.desk.local.setAside.count(), await b.desk.local.setAside.count()]).toEqual([0, 0]);
    // The blocks that this device had forgotten were answered again, with what was used of them.
    await until('a holds its block again', async () => (await held(a)) > 0);
    const next = await create(a, 'orders', order());
    expect(numbers).not.toContain(next['number']);
    await idle(a);
  });

  it('carries deletion and restoring with the whole content', async () => {
    const [a, b] = [await device(), await device()];
    const { id } = await create(a, 'parties', { ...supplier('To and fro'), memo: undefined, notes: 'kept' });
    await until('b has it', async () => (await names(b, 'parties')).includes('To and fro'));
    await run(b, 'parties', 'delete', id);
    await until('a lost it', async () => !(await names(a, 'parties')).includes('To and fro'));
    expect((await listTrash(a.desk, 'parties')).find((record) => record.id === id)).toMatchObject({ notes: 'kept' });
    await idle(a);
    await run(a, 'parties', 'restore', id);
    await until('b has it again', async () => (await names(b, 'parties')).includes('To and fro'));
    await converge(a, b, collections);
  });

  it('sends an import of 1,000 plants and a second device pulls it', async () => {
    const a = await device();
    await phase(a, 'live');
    const changes = Array.from({ length: 1000 }, (_, i) => {
      const draft = { name: `Plant ${i}`, kind: 'plant', establishment: `M${20_000 + i}`, city: 'Omaha', state: 'NE' };
      const decision = createRecord(locationNoun, newId(), draft, { actor, now: new Date().toISOString(), w: 'w' });
      if (!decision.ok) throw new Error(decision.rejection.message);
      return decision.change;
    });
    expect((await commitMany(a.desk, changes)).written).toHaveLength(1000);
    await until('all sent', async () => (await a.desk.local.waiting.count()) === 0, 25_000);
    const b = await device();
    await phase(b, 'live', 25_000);
    expect(await b.desk.collection('locations').count().exec()).toBeGreaterThanOrEqual(1000);
    await converge(a, b, collections);
  });
});
