import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeysAnswer, SessionsAnswer, UserLine, UsersAnswer } from '../../../domain/protocol/admin.ts';
import type { Server } from '../../../sync-server/server.ts';
import { plainRoles } from '../access/rights-kit.ts';
import { type Client, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

let server: Server;
let admin: Client;
beforeAll(async () => {
  server = await openTestServer();
  await plainRoles(server);
  admin = await signIn(server, 'admin', 'office');
});
afterAll(() => server.close());

const users = async (): Promise<readonly UserLine[]> => (await read<UsersAnswer>(admin, '/admin/users')).users;
async function userOf(email: string): Promise<UserLine> {
  const user = (await users()).find((one) => one.email === email);
  if (!user) throw new Error(`there is no ${email}`);
  return user;
}
const change = (account: string, wanted: object, client: Client = admin) => post(client, '/admin/users/change', { account, ...wanted });

describe('accounts', () => {
  test('are listed with state, desks, devices and what they prove themselves by', async () => {
    await signIn(server, 'broker', 'laptop');
    await post(admin, '/auth/invitations', { email: 'nora@x.example', name: 'Nora', role: 'broker', deskId: 'desk-main' });
    expect(await userOf('broker@drover.example')).toMatchObject({ state: 'active', desks: ['desk-main'], devices: 1, secondFactor: false });
    const nora = await userOf('nora@x.example');
    expect(nora).toMatchObject({ state: 'invited', devices: 0, lastSeen: null });
    expect(new Date(nora.invitedUntil ?? 0).getTime()).toBeGreaterThan(Date.now());
    expect((await read<UsersAnswer>(admin, `/admin/users?account=${nora.id}`)).users).toEqual([nora]);
  });

  test('change name, role and desks, with the reason, in one entry; what is absent stays', async () => {
    const { id } = await userOf('broker@drover.example');
    const answer = await change(id, { name: 'Blair Bright', role: 'logistics', desks: ['desk-main'], reason: 'moved' });
    expect(answer).toMatchObject({ status: 200, body: { user: { name: 'Blair Bright', role: 'logistics', desks: ['desk-main'] } } });
    expect((await entries(server, 'account_changed')).at(-1)).toMatchObject({
      who: 'Blair Bright',
      details: {
        before: { name: 'Blair Broker', role: 'broker' },
        after: { role: 'logistics' },
        reason: 'moved',
        by: { name: 'Avery Admin' },
      },
    });
    const count = (await entries(server, 'account_changed')).length;
    await change(id, { role: 'logistics' });
    expect((await entries(server, 'account_changed')).length).toBe(count);
    await change(id, { name: 'Blair Broker', role: 'broker' });
  });

  test.each([
    [{ role: 'emperor' }, 422, 'unknown_role'],
    [{ desks: ['nowhere'] }, 422, 'no_open_desk'],
    [{ desks: [] }, 400, 'invalid_request'],
    [{ name: '\u202e' }, 400, 'invalid_request'],
  ])('%j is refused', async (wanted, status, code) => {
    const { id } = await userOf('broker@drover.example');
    expect(await change(id, wanted)).toMatchObject({ status, body: { code } });
  });

  test('are closed at once and opened again, but never by their owner', async () => {
    const field = await signIn(server, 'field', 'phone');
    const { id } = field.login.user;
    const disable = (account: string, disabled: boolean) => post(admin, '/admin/users/disable', { account, disabled, reason: 'left' });
    expect(await disable(id, true)).toMatchObject({ status: 200, body: { user: { state: 'disabled' } } });
    expect((await field.get('/me')).status).toBe(401);
    expect((await entries(server, 'account_disabled')).at(-1)?.details).toMatchObject({ reason: 'left' });
    expect(await disable(id, false)).toMatchObject({ body: { user: { state: 'active' } } });
    expect(await disable(admin.login.user.id, true)).toMatchObject({ status: 409, body: { code: 'own_account' } });
    expect(await change(admin.login.user.id, { role: 'broker' })).toMatchObject({ status: 409, body: { code: 'last_admin' } });
    expect((await userOf('admin@drover.example')).role).toBe('admin');
  });

  test('of somebody who never came are gone when the invitation is withdrawn', async () => {
    const nora = await userOf('nora@x.example');
    expect(await post(admin, '/admin/users/withdraw', { account: nora.id })).toMatchObject({ status: 200 });
    expect((await users()).map(({ email }) => email)).not.toContain('nora@x.example');
    const { id } = await userOf('broker@drover.example');
    expect(await post(admin, '/admin/users/withdraw', { account: id })).toMatchObject({ status: 409, body: { code: 'came_already' } });
  });
});

describe('sessions of others', () => {
  test('are listed, ended one by one, and ended all', async () => {
    const [one, two] = [await signIn(server, 'accounting', 'one'), await signIn(server, 'accounting', 'two')];
    const account = one.login.user.id;
    const { sessions } = await read<SessionsAnswer>(admin, `/admin/sessions?account=${account}`);
    expect(sessions.map(({ device }) => device).toSorted()).toEqual(['one', 'two']);
    const id = sessions.find(({ device }) => device === 'one')?.id ?? '';
    expect((await post(admin, '/admin/sessions/revoke', { id })).status).toBe(200);
    expect([(await one.get('/me')).status, (await two.get('/me')).status]).toEqual([401, 200]);
    expect((await post(admin, '/admin/sessions/revoke', { id })).status).toBe(404);
    expect(await post(admin, '/admin/users/sign-out', { account })).toMatchObject({ status: 200, body: { user: { devices: 0 } } });
    expect((await two.get('/me')).status).toBe(401);
    expect(await entries(server, 'signed_out_everywhere')).toHaveLength(1);
  });
});

describe('API keys', () => {
  test('are made, listed without their secret, and revoked', async () => {
    const { id: account } = await userOf('broker@drover.example');
    const made = await post(admin, '/admin/keys', { account, name: 'Price list', permissions: ['parties:read'], days: 30 });
    expect(made.status).toBe(200);
    const key = String(made.body['key']);
    const listed = await (await admin.get('/admin/keys')).text();
    expect(listed).not.toContain(key.slice(20));
    const [line] = (JSON.parse(listed) as KeysAnswer).keys;
    expect(line).toMatchObject({ name: 'Price list', permissions: ['parties:read'], email: 'broker@drover.example', revokedAt: null });
    const asked = (): Promise<Response> => fetch(`${server.url}/me`, { headers: { authorization: `Bearer ${key}` } });
    expect((await asked()).status).toBe(200);
    expect((await post(admin, '/admin/keys/revoke', { id: line?.id })).status).toBe(200);
    expect((await asked()).status).toBe(401);
    expect(await post(admin, '/admin/keys', { account, name: 'x', permissions: ['users:read'], days: 30 })).toMatchObject({
      status: 422,
      body: { code: 'beyond_its_owner', field: 'permissions' },
    });
  });
});

describe('nobody', () => {
  test('touches an account with more rights than the own ones, nor gives them', async () => {
    const role = { name: 'helpdesk', label: 'Help desk', revision: 0 };
    const all = { is: 'all' };
    const grants = ['users:read', 'users:update', 'users:disable', 'users:invite', 'keys:manage'].map((permission) => ({
      permission,
      when: all,
    }));
    expect((await post(admin, '/admin/roles', { ...role, grants })).status).toBe(200);
    const { id } = await userOf('accounting@drover.example');
    await change(id, { role: 'helpdesk' });
    const helper = await signIn(server, 'accounting', 'help');
    const boss = admin.login.user.id;
    for (const [path, body] of [
      ['/admin/users/change', { account: boss, name: 'Mine' }],
      ['/admin/users/change', { account: id, role: 'admin' }],
      ['/admin/users/disable', { account: boss, disabled: true }],
      ['/admin/keys', { account: boss, name: 'x', permissions: ['*:read'], days: 1 }],
    ] as const)
      expect(await post(helper, path, body), path).toMatchObject({ status: 403, body: { code: 'beyond_your_rights' } });
    await change(id, { role: 'accounting' });
  });

  test('without the permission gets in', async () => {
    const broker = await signIn(server, 'broker', 'b-1');
    for (const path of ['/admin/users', '/admin/sessions', '/admin/keys', '/admin/desks'])
      expect((await broker.get(path)).status, path).toBe(403);
    for (const path of [
      '/admin/users/change',
      '/admin/users/disable',
      '/admin/users/withdraw',
      '/admin/users/sign-out',
      '/admin/keys',
      '/admin/desks',
    ])
      expect((await post(broker, path, {})).status, path).toBe(403);
  });
});
