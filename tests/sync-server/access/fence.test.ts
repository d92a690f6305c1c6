/** The second fence: a statement that forgets the first one is shown no more than its reader may see. */
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ALL, NONE, type Scope } from '../../../domain/access/condition.ts';
import { rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import { nouns } from '../../../domain/registry.ts';
import { type SettableDatabase, openDatabase } from '../../../sync-server/db/database.ts';
import { bucketDigests, storedTexts } from '../../../sync-server/db/digests.ts';
import { pageAfter } from '../../../sync-server/db/feed.ts';
import { READER, fencedBy } from '../../../sync-server/db/fence.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, cloneDatabase, databaseUrl, insert, openTestServer, signIn, until } from '../test-server.ts';
import { mirrorOf, order, plainRoles, put, withClosedFence } from './rights-kit.ts';

let url: string;
let server: Server;
let readers: SettableDatabase;
let broker: Client;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url });
  await plainRoles(server);
  await put(server, 'broker', { desks: ['east'] });
  const admin = await signIn(server, 'admin');
  broker = await signIn(server, 'broker');
  await admin.push('orders', [insert(order('e-1', 'east')), insert(order('w-1', 'west')), insert(order('w-2', 'west'))]);
  readers = openDatabase({ url, connections: 1, role: READER });
});
afterAll(async () => {
  await readers.close();
  await server.close();
});

const grants = seedRoles.find(({ name }) => name === 'broker')?.grants ?? [];
const scope = (): Scope => rightsOf(grants, { accountId: broker.login.user.id, desks: ['east'] }).scope('orders', 'read');

describe('[SYN-7] with the first fence taken away', () => {
  test('a page, a digest and a reading by id show what the scope of the session lets through, and nothing else', async () => {
    const readAs = fencedBy(readers);
    const page = (reader: ReturnType<typeof readAs>) => pageAfter(reader, { collection: 'orders', after: 0, limit: 100, scope: ALL });
    const every = ['e-1', 'w-1', 'w-2'];
    expect((await page(server.db)).rows.map(({ id }) => id)).toEqual(every);
    expect((await page(readAs('orders', scope()))).rows.map(({ id }) => id)).toEqual(['e-1']);
    expect(await storedTexts(readAs('orders', scope()), 'orders', ALL, every)).toHaveLength(1);
    const counted = await bucketDigests(readAs('orders', scope()), 'orders', ALL);
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(1);
    // The same connection, another reader: what was set for one is not what the next one sees.
    expect((await page(readAs('orders', ALL))).rows).toHaveLength(3);
    expect((await page(readAs('orders', NONE))).rows).toEqual([]);
    expect((await page(readAs('parties', ALL))).rows).toEqual([]);
    expect((await page(readAs('orders', scope()))).rows).toHaveLength(1);
  });

  test('a session that never said who reads sees no document of any collection', async () => {
    const fresh = openDatabase({ url, connections: 1, role: READER });
    for (const { entity } of nouns) expect(await fresh.rows({ text: `select id from "${entity.collection}"` })).toEqual([]);
    await fresh.close();
  });

  test('the role writes nothing, and reads nothing but documents and positions', async () => {
    const refused = [
      `insert into orders (id, doc, w, deleted, schema_version, seq) values ('x', '{}', 'x', false, 0, 999)`,
      `update orders set deleted = true`,
      `delete from orders`,
      'select * from accounts',
      'select * from audit',
      'select * from sessions',
      'select * from roles',
      'select * from purchase_orders',
      'select * from signing_keys',
    ];
    for (const text of refused) await expect(readers.rows({ text })).rejects.toThrow(/permission denied/);
  });
});

test('[SYN-7] the history of a record stands behind it too', async () => {
  const admin = await signIn(server, 'admin');
  expect(await admin.audit('orders', 'w-1')).toHaveLength(1);
  await withClosedFence(server, 'orders', async () => expect(await admin.audit('orders', 'w-1')).toEqual([]));
  expect(await admin.audit('orders', 'w-1')).toHaveLength(1);
});

test('[SYN-7] a record that leaves the scope is withdrawn all the same', async () => {
  const admin = await signIn(server, 'admin');
  const device = mirrorOf(broker, 'orders');
  await device.pull();
  expect(device.live()).toEqual(['e-1']);
  const [one] = (await admin.pullAll('orders')).filter(({ id }) => id === 'e-1');
  await admin.push('orders', [{ newDocumentState: { ...one, w: randomUUID(), deskId: 'west' }, assumedMasterState: one }]);
  await device.pull();
  expect(device.live()).toEqual([]);
});

test('[SYN-7] where the login may not make the role, the server says so and works with the first fence', async () => {
  const owner = openDatabase({ url: inject('postgresUrl'), connections: 1 });
  const login = `plain_${randomUUID().replaceAll('-', '')}`;
  await owner.rows({ text: `create role ${login} login password 'plain'` });
  await owner.rows({ text: `create database ${login} owner ${login} template template0` });
  const own = new URL(databaseUrl(login));
  own.username = login;
  own.password = 'plain';
  const lines: string[] = [];
  const log = pino(new Writable({ write: (chunk: Buffer, _, done) => done(void lines.push(chunk.toString())) }));
  const poor = await openTestServer({ databaseUrl: own.toString(), log });
  expect(lines.filter((line) => line.includes('row level security is off'))).toHaveLength(1);
  await until(async () => (await fetch(`${poor.url}/readyz`)).status === 200, 'it is ready without the fence');
  await poor.close();
  await owner.rows({ text: `drop database ${login}` });
  await owner.rows({ text: `drop role ${login}` });
  await owner.close();
});
