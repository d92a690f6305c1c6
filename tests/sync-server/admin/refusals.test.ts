import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HealthAnswer, RefusalAnswer, RefusalLine, RefusalsAnswer, SeriesAnswer } from '../../../domain/protocol/admin.ts';
import { nounOf } from '../../../domain/registry.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { order, plainRoles, record } from '../access/rights-kit.ts';
import { type Client, cloneDatabase, insert, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

let url: string;
let server: Server;
let admin: Client;
let field: Client;
const versionOf = (collection: string): number => nounOf(collection)?.entity.version ?? 0;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url });
  await plainRoles(server);
  admin = await signIn(server, 'admin', 'office');
  field = await signIn(server, 'field', 'phone');
  // Neither may be made by this role.
  await field.push('parties', [insert(record('parties', 'p-1', { name: 'Prairie Beef' }))], versionOf('parties'));
  await field.push('orders', [insert(order('o-1', 'desk-main', { notes: 'SECRET' }))], versionOf('orders'));
});
afterAll(() => server.close());

const list = async (query = '', client: Client = admin): Promise<readonly RefusalLine[]> =>
  (await read<RefusalsAnswer>(client, `/admin/refusals${query}`)).refusals;
const open = (number: number, client: Client = admin): Promise<RefusalAnswer> => read(client, `/admin/refusal?number=${number}`);

describe('refusals of everybody', () => {
  test('are listed with author, record and reason, and found by author and kind', async () => {
    const all = await list();
    expect(all.map(({ collection, id, accountName }) => [collection, id, accountName])).toEqual([
      ['orders', 'o-1', 'Frankie Field'],
      ['parties', 'p-1', 'Frankie Field'],
    ]);
    expect(all[1]).toMatchObject({ title: 'Prairie Beef', code: 'not_permitted', closedAt: null, device: 'phone' });
    expect(all[1]?.message).toContain('Your role does not allow you to create');
    expect((await list('?collection=parties')).map(({ id }) => id)).toEqual(['p-1']);
    expect(await list(`?account=${admin.login.user.id}`)).toEqual([]);
    expect((await list(`?before=${all[0]?.number ?? 0}`)).map(({ id }) => id)).toEqual(['p-1']);
    expect((await admin.get('/admin/refusals?before=x')).status).toBe(400);
  });

  test('show what the author had written, but only to who may see such records', async () => {
    const [newest] = await list();
    const number = newest?.number ?? 0;
    expect((await open(number)).doc).toMatchObject({ notes: 'SECRET', number: 'o-1' });
    const all = { is: 'all' };
    const grants = [
      { permission: 'refusals:read', when: all },
      { permission: 'parties:read', when: all },
    ];
    await post(admin, '/admin/roles', { name: 'looker', label: 'Looker', grants, revision: 0 });
    await post(admin, '/admin/users/change', { account: (await signIn(server, 'accounting', 'a')).login.user.id, role: 'looker' });
    const looker = await signIn(server, 'accounting', 'looker');
    expect((await open(number, looker)).doc).toBeNull();
    const seen = JSON.stringify(await list('', looker));
    expect(seen).toContain('Prairie Beef');
    expect(seen).not.toContain('SECRET');
    expect((await list('', looker)).find(({ id }) => id === 'o-1')).toMatchObject({ title: '', message: '' });
    expect((await post(looker, '/admin/refusals/settle', { number, closed: true, reason: '' })).status).toBe(403);
    expect((await admin.get('/admin/refusal?number=999999')).status).toBe(404);
  });

  test('are closed and opened again with an entry each, and stay with their author', async () => {
    const [, oldest] = await list();
    const number = oldest?.number ?? 0;
    const settle = (closed: boolean) => post(admin, '/admin/refusals/settle', { number, closed, reason: 'asked on the phone' });
    expect((await settle(true)).status).toBe(200);
    expect((await settle(true)).status).toBe(404);
    expect((await list()).map(({ id }) => id)).toEqual(['o-1']);
    expect((await list('?which=all')).find(({ id }) => id === 'p-1')).toMatchObject({
      closedBy: 'Avery Admin',
      closedReason: 'asked on the phone',
    });
    expect((await entries(server, 'refusal_closed'))[0]).toMatchObject({ who: 'Frankie Field', details: { number, record: 'p-1' } });
    const inbox = (await field.pullAll('activities')).filter((one) => one['recordId'] === 'p-1');
    expect(inbox).toMatchObject([{ kind: 'refusal', done: false }]);
    expect((await settle(false)).status).toBe(200);
    expect((await list()).map(({ id }) => id)).toEqual(['o-1', 'p-1']);
  });

  test('are on the command line too', async () => {
    const run = async (...args: string[]): Promise<readonly [number, string]> => {
      const said: string[] = [];
      const say = (text: string): void => void said.push(text);
      const code = await runDrover(args, { environment: { DATABASE_URL: url }, out: say, err: say });
      return [code, said.join('\n')];
    };
    const [, lines] = await run('refusal', 'list', '--user', 'field@drover.example', '--collection', 'parties');
    expect(lines).toContain('\tFrankie Field\tparties:p-1\tPrairie Beef\tnot_permitted\t');
    const number = lines.split('\t')[0] ?? '';
    expect((await run('refusal', 'show', number))[1]).toContain('"name": "Prairie Beef"');
    expect(await run('refusal', 'close', number, '--reason', 'done')).toEqual([0, '']);
    expect((await run('refusal', 'close', number))[0]).toBe(2);
    expect((await run('refusal', 'list', '--collection', 'parties'))[1]).toBe('');
    expect((await run('refusal', 'reopen', number))[0]).toBe(0);
    expect(JSON.parse((await run('health'))[1])).toMatchObject({ refusals: 2 });
  });
});

test('health tells of database, feed, letters and files, to who may ask', async () => {
  const health = await read<HealthAnswer>(admin, '/admin/health');
  expect(health).toMatchObject({
    feed: { listening: true, lagging: false },
    mail: null,
    publicUrl: '',
    files: null,
    database: { refusals: 2, waiting: 0 },
  });
  expect(health.database.bytes).toBeGreaterThan(1_000_000);
  expect(health.database.position).toBeGreaterThan(0);
  expect((await field.get('/admin/health')).status).toBe(403);
});

test('number series tell how far they have come', async () => {
  const { series } = await read<SeriesAnswer>(admin, '/admin/series');
  expect(series.map(({ key }) => key)).toContain('purchase-orders');
  expect(series.find(({ key }) => key === 'purchase-orders')).toMatchObject({
    given: 0,
    next: expect.stringMatching(/^PO-\d+$/) as string,
  });
});
