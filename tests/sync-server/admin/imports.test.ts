import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportsAnswer } from '../../../domain/protocol/admin.ts';
import { nounOf } from '../../../domain/registry.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { plainRoles, record } from '../access/rights-kit.ts';
import { type Client, change, cloneDatabase, insert, openTestServer, signIn } from '../test-server.ts';
import { read } from './admin-kit.ts';

let url: string;
let server: Server;
let admin: Client;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url });
  await plainRoles(server);
  admin = await signIn(server, 'admin', 'office');
});
afterAll(() => server.close());

test('imports are listed with who, when, and what is there of them', async () => {
  expect((await read<ImportsAnswer>(admin, '/admin/imports')).imports).toEqual([]);
  const broker = await signIn(server, 'broker', 'laptop');
  const version = nounOf('parties')?.entity.version ?? 0;
  const [one, two] = ['p-1', 'p-2'].map((id) => record('parties', id, { name: id, importId: 'batch-1' }));
  if (!one || !two) throw new Error('two records');
  await broker.push('parties', [insert(one), insert(two)], version);
  await broker.push(
    'parties',
    [insert(record('parties', 'p-3', { name: 'p-3', importId: 'batch-2' })), insert(record('parties', 'p-4', { name: 'p-4' }))],
    version,
  );
  const stored = (await broker.pullAll('parties')).find(({ id }) => id === 'p-1');
  if (!stored) throw new Error('it was not stored');
  await broker.push('parties', [change(stored, { _deleted: true })], version);
  const { imports } = await read<ImportsAnswer>(admin, '/admin/imports');
  expect(imports).toMatchObject([
    { id: 'batch-2', accountName: 'Blair Broker', device: 'laptop', records: [{ collection: 'parties', live: 1, deleted: 0 }] },
    { id: 'batch-1', accountName: 'Blair Broker', records: [{ collection: 'parties', live: 1, deleted: 1 }] },
  ]);
  expect((await broker.get('/admin/imports')).status).toBe(403);
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  expect(await runDrover(['imports'], { environment: { DATABASE_URL: url }, out: say, err: say })).toBe(0);
  expect(said[1]).toMatch(/^batch-1\t.*\tBlair Broker\tlaptop\t1 parties \(1 deleted\)$/);
});
