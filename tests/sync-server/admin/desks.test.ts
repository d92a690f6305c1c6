import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DesksAnswer } from '../../../domain/protocol/admin.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { plainRoles } from '../access/rights-kit.ts';
import { type Client, cloneDatabase, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

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

const desks = async () => (await read<DesksAnswer>(admin, '/admin/desks')).desks;
const change = (desk: string, wanted: object) => post(admin, '/admin/desks/change', { desk, ...wanted });

test('a desk that somebody belongs to is known, with its members', async () => {
  const [main] = await desks();
  expect(main).toMatchObject({ id: 'desk-main', name: 'desk-main', closedAt: null });
  expect(main?.members.map(({ name }) => name)).toEqual(['Alex Accounting', 'Avery Admin', 'Blair Broker', 'Frankie Field']);
});

test('a desk is made, renamed, peopled, and closes when nobody belongs to it', async () => {
  expect((await post(admin, '/admin/desks', { id: 'west', name: 'West' })).status).toBe(200);
  expect(await post(admin, '/admin/desks', { id: 'west', name: 'West' })).toMatchObject({ status: 409, body: { code: 'desk_exists' } });
  expect(await post(admin, '/admin/desks', { id: 'a b', name: 'West' })).toMatchObject({ status: 400 });
  expect(await change('west', { name: 'West coast' })).toMatchObject({ status: 200, body: { name: 'West coast' } });
  const account = admin.login.user.id;
  const put = (...ids: string[]) => post(admin, '/admin/users/change', { account, desks: ids });
  expect((await put('west', 'desk-main')).status).toBe(200);
  expect((await desks()).find(({ id }) => id === 'west')?.members).toEqual([{ id: account, name: 'Avery Admin', home: true }]);
  expect(await change('west', { closed: true })).toMatchObject({ status: 409, body: { code: 'desk_in_use' } });
  expect((await put('desk-main')).status).toBe(200);
  expect((await change('west', { closed: true, reason: 'merged' })).status).toBe(200);
  expect((await entries(server, 'desk_changed')).at(-1)?.details).toMatchObject({ reason: 'merged', after: { closed: true } });
  expect(await put('west')).toMatchObject({ status: 422, body: { code: 'no_open_desk' } });
  const person = { email: 'n@x.example', name: 'N', role: 'broker', deskId: 'west' };
  expect(await post(admin, '/auth/invitations', person)).toMatchObject({ status: 422, body: { code: 'no_open_desk', field: 'deskId' } });
  expect(await change('nowhere', { name: 'x' })).toMatchObject({ status: 404 });
});

test('the command line does the same', async () => {
  const run = async (...args: string[]): Promise<readonly [number, string]> => {
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    const code = await runDrover(['desk', ...args], { environment: { DATABASE_URL: url }, out: say, err: say });
    return [code, said.join('\n')];
  };
  expect(await run('create', 'north', '--name', 'North')).toEqual([0, '']);
  expect((await run('create', 'north', '--name', 'North'))[0]).toBe(2);
  await run('rename', 'north', '--name', 'Far north');
  await run('close', 'north');
  expect((await run('list'))[1]).toContain('north\tFar north\t\tclosed');
  await run('open', 'north');
  expect(await run('close', 'desk-main')).toEqual([2, expect.stringContaining('Blair Broker') as string]);
});
