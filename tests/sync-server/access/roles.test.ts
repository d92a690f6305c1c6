/** Roles are data: edited over the API, audited, in force at once, and never given by who does not have them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Server } from '../../../sync-server/server.ts';
import type { RightsAnswer, RoleLine, RolesAnswer } from '../../../domain/protocol/protocol.ts';
import { type Client, insert, openStream, openTestServer, signIn, until } from '../test-server.ts';
import { order, plainRoles, put } from './rights-kit.ts';

let server: Server;
let admin: Client;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer({ heartbeatMs: 200 });
  admin = await signIn(server, 'admin');
  broker = await signIn(server, 'broker');
});
afterAll(() => server.close());
beforeEach(async () => {
  await plainRoles(server);
  for (const who of ['admin', 'broker', 'field'] as const) await put(server, who, { role: who });
});

const post = async (client: Client, path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(server.url + path, { method: 'POST', headers: client.headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const roles = async (): Promise<readonly RoleLine[]> => ((await (await admin.get('/admin/roles')).json()) as RolesAnswer).roles;
async function role(name: string): Promise<RoleLine> {
  const found = (await roles()).find((one) => one.name === name);
  if (!found) throw new Error(`no role ${name}`);
  return found;
}
const rights = async (client: Client): Promise<RightsAnswer> => (await (await client.get('/me/rights')).json()) as RightsAnswer;
const events = (kind: string) =>
  server.db.rows<{ details: Record<string, unknown>; device: string }>({
    text: 'select details, device from security_events where kind = $1 order by seq',
    values: [kind],
  });
const all = { is: 'all' } as const;

describe('[SYN-7] what a role may do is edited', () => {
  test('by whoever may, with an entry of before and after, and it counts with the next request', async () => {
    const before = await role('broker');
    expect(before).toMatchObject({ label: 'Broker', seeded: true, edited: false, accounts: 1 });
    expect((await broker.get('/admin/roles')).status).toBe(403);
    const grants = [...before.grants, { permission: 'roles:read', when: all }];
    const saved = await post(admin, '/admin/roles', { ...pick(before), grants, reason: 'they plan the desks' });
    expect(saved).toMatchObject({ status: 200, body: { name: 'broker', edited: true, revision: before.revision + 1 } });
    expect((await broker.get('/admin/roles')).status).toBe(200);
    expect((await rights(broker)).grants).toContainEqual({ permission: 'roles:read', when: all });
    const [entry] = (await events('role_changed')).slice(-1);
    expect(entry).toMatchObject({
      device: 'device-1',
      details: {
        role: 'broker',
        reason: 'they plan the desks',
        by: { name: 'Avery Admin' },
        before: { grants: before.grants },
        after: { grants },
      },
    });
  });

  test('and open streams follow: what is not allowed any more is served no more, without a new connection', async () => {
    const one = order('role-live-1', 'desk-main');
    await broker.push('orders', [insert(one)]);
    const stream = await openStream(broker, '/sync/stream?collections=orders');
    await until(() => stream.frames.length + stream.comments.length > 0, 'the stream has begun');
    const seed = await role('broker');
    const without = seed.grants.filter(({ permission }) => permission !== 'orders:read');
    expect((await post(admin, '/admin/roles', { ...pick(seed), grants: without })).status).toBe(200);
    // An empty frame under the new key: the device pulls, and is told what to drop.
    await until(
      () => stream.frames.some(({ documents, checkpoint }) => documents.length === 0 && checkpoint.id.includes('none')),
      'the stream tells of the change',
    );
    const told = stream.frames.length;
    await admin.push('orders', [insert(order('role-live-2', 'desk-main'))]);
    expect(await broker.pullAll('orders')).toEqual([]);
    expect(stream.frames.slice(told).flatMap(({ documents }) => documents)).toEqual([]);
    stream.close();
  });

  test('a role is made, given, and removed when nobody has it', async () => {
    const made = await post(admin, '/admin/roles', {
      name: 'auditor',
      label: 'Auditor',
      grants: [{ permission: 'audit:read', when: all }],
      revision: 0,
    });
    expect(made.status).toBe(200);
    expect((await post(admin, '/admin/roles', { name: 'auditor', label: 'Auditor', grants: [], revision: 0 })).body).toMatchObject({
      code: 'role_exists',
    });
    await put(server, 'field', { role: 'auditor' });
    const { revision } = await role('auditor');
    expect(await post(admin, '/admin/roles/remove', { name: 'auditor', revision })).toMatchObject({
      status: 409,
      body: { code: 'role_in_use' },
    });
    await put(server, 'field', { role: 'field' });
    expect(await post(admin, '/admin/roles/remove', { name: 'auditor', revision })).toEqual({ status: 200, body: { done: true } });
    expect((await events('role_created')).at(-1)?.details).toMatchObject({ role: 'auditor', before: null });
    expect((await events('role_removed')).at(-1)?.details).toMatchObject({ role: 'auditor', after: null });
  });

  test('a role that comes with Drover is put back, not removed', async () => {
    const seed = await role('logistics');
    await post(admin, '/admin/roles', { ...pick(seed), grants: [] });
    const { revision } = await role('logistics');
    expect((await post(admin, '/admin/roles/remove', { name: 'logistics', revision })).status).toBe(200);
    expect(await role('logistics')).toMatchObject({ edited: false, grants: seed.grants });
  });
});
const pick = ({ name, label, revision }: RoleLine) => ({ name, label, revision });

describe('[SYN-7] an edit of a role is refused', () => {
  test.each([
    [{ permission: 'orders:fly', when: all }, 'grants.0.permission', /no permission "orders:fly"/],
    [{ permission: 'cattle:read', when: all }, 'grants.0.permission', /no permission "cattle:read"/],
    [{ permission: '__proto__:read', when: all }, 'grants.0.permission', /no permission/],
    [{ permission: 'orders:read', when: { is: 'regex', field: 'notes' } }, 'grants.0.when', /no condition/],
    [{ permission: 'orders:read', when: { is: 'mine', field: 'notes' } }, 'grants.0.when', /no condition/],
    [{ permission: 'users:read', when: { is: 'my_desks', field: 'deskId' } }, 'grants.0.when', /takes no condition/],
    [{ permission: 'orders:update', when: all, fields: ['colour'] }, 'grants.0.fields', /have no field "colour"/],
    [{ permission: 'orders:create', when: all, fields: ['notes'] }, 'grants.0.fields', /takes no fields/],
    [{ permission: 'parties:read', when: all, without: ['name'] }, 'grants.0.without', /"name" is no field of/],
    [{ permission: '*:read', when: all, without: ['cost'] }, 'grants.0.without', /"cost" does not say of which kind it is/],
    [{ permission: '*:read', when: all, without: ['parties:name'] }, 'grants.0.without', /"name" is no field of Parties/],
    [{ permission: 'parties:update', when: all, without: ['colour'] }, 'grants.0.without', /"colour" is no field of/],
    [null, 'grants.0', /is an object/],
  ])('%j, which means nothing', async (grant, field, words) => {
    const { status, body } = await post(admin, '/admin/roles', { ...pick(await role('field')), grants: [grant] });
    expect([status, body['code'], body['field']]).toEqual([422, 'invalid_grant', field]);
    expect(body['detail']).toMatch(words);
  });

  test('of a state that somebody else has changed meanwhile', async () => {
    const seen = await role('field');
    expect((await post(admin, '/admin/roles', { ...pick(seen), grants: [] })).status).toBe(200);
    expect(await post(admin, '/admin/roles', { ...pick(seen), grants: seen.grants })).toMatchObject({
      status: 409,
      body: { code: 'role_changed' },
    });
  });

  test('that would leave nobody to change roles', async () => {
    const own = await role('admin');
    const grants = own.grants.filter(({ permission }) => permission !== 'roles:update');
    expect(await post(admin, '/admin/roles', { ...pick(own), grants })).toMatchObject({ status: 409, body: { code: 'nobody_left' } });
    expect((await role('admin')).revision).toBe(own.revision);
  });

  test('by who would give more than the own role has, in whichever way', async () => {
    const own = await role('broker');
    const grants = [
      ...own.grants,
      ...(['roles:update', 'roles:read', 'users:invite', 'users:reset_password'] as const).map((permission) => ({ permission, when: all })),
    ];
    await post(admin, '/admin/roles', { ...pick(own), grants });
    const edited = await role('broker');
    const beyond = { status: 403, body: { code: 'beyond_your_rights' } };
    for (const more of [
      { permission: 'orders:read', when: all },
      { permission: 'audit:read', when: all },
      { permission: '*:delete', when: all },
    ])
      expect(await post(broker, '/admin/roles', { ...pick(edited), grants: [...edited.grants, more] })).toMatchObject(beyond);
    const field = await role('field');
    expect((await post(broker, '/admin/roles', { ...pick(field), grants: [{ permission: 'parties:read', when: all }] })).status).toBe(200);
    // What it came with is more than a broker has: it may not be put back by one either.
    const accounting = await role('accounting');
    await post(admin, '/admin/roles', { ...pick(accounting), grants: [] });
    expect(await post(broker, '/admin/roles/remove', { name: 'accounting', revision: (await role('accounting')).revision })).toMatchObject(
      beyond,
    );
    const newcomer = { email: 'new@drover.example', name: 'New', deskId: 'desk-main' };
    expect(await post(broker, '/auth/invitations', { ...newcomer, role: 'admin' })).toMatchObject(beyond);
    expect((await post(broker, '/auth/invitations', { ...newcomer, role: 'field' })).status).toBe(200);
    expect(await post(broker, '/auth/reset-links', { account: admin.login.user.id })).toMatchObject(beyond);
  });
});

test('[SYN-7] what a token says about the role counts for nothing', async () => {
  await put(server, 'admin', { role: 'read_only' });
  expect((await admin.get('/admin/roles')).status).toBe(403);
  expect((await admin.get(`/auth/devices?account=${broker.login.user.id}`)).status).toBe(403);
  expect(await rights(admin)).toMatchObject({ role: 'read_only', label: 'Reader' });
});
