/** Somebody with an account of a small role writes what is not theirs, reads what is not theirs, and asks for more rights. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nouns } from '../../domain/registry.ts';
import { record } from '../sync-server/access/rights-kit.ts';
import { change, insert } from '../sync-server/test-server.ts';
import { type Company, id, last, openCompany } from './company.ts';

let company: Company;
beforeAll(async () => {
  company = await openCompany({ publicUrl: 'https://desk.example.com' });
});
afterAll(() => company.close());

const stored = async (collection: string, of: string): Promise<Record<string, unknown> | undefined> => {
  const [row] = await company.server.db.rows<{ doc: Record<string, unknown> }>({
    text: `select doc from "${collection}" where id = $1`,
    values: [of],
  });
  return row?.doc;
};
const refusals = async (of: string): Promise<string[]> =>
  (await company.server.db.rows<{ code: string }>({ text: 'select code from refused where id = $1', values: [of] })).map(
    ({ code }) => code,
  );
const order = (of: string, deskId: string, more: Record<string, unknown> = {}) =>
  record('orders', of, { number: of.slice(0, 20), deskId, ownerId: company.broker.login.user.id, ...more });

describe('[SYN-7] forged stamps', () => {
  test('who made and changed a record, and when it was changed, is what the server saw', async () => {
    const { admin, broker } = company;
    const of = id();
    const ahead = '2999-01-01T00:00:00.000Z';
    const forged = { createdBy: admin.login.user.id, modifiedBy: admin.login.user.id, createdAt: ahead, modifiedAt: ahead };
    await broker.push('orders', [insert(order(of, 'east', forged))]);
    const doc = await stored('orders', of);
    expect(doc).toMatchObject({ createdBy: broker.login.user.id, modifiedBy: broker.login.user.id });
    for (const key of ['createdAt', 'modifiedAt']) expect(String(doc?.[key]) < ahead).toBe(true);
    const [entry] = await admin.audit('orders', of);
    expect(entry).toMatchObject({ actor: broker.login.user.id, device: 'broker-device' });
    // Nor may they be changed afterwards.
    await broker.push('orders', [
      change({ ...doc, id: of, _deleted: false }, { notes: 'x', ...forged, createdAt: '2001-01-01T00:00:00.000Z' }),
    ]);
    expect(await stored('orders', of)).toMatchObject({ notes: 'x', createdBy: broker.login.user.id, createdAt: doc?.['createdAt'] });
  });

  test('a write id by which the server marks what is withdrawn, purged or refused hides no record and closes none', async () => {
    const { admin, broker } = company;
    for (const forged of ['purged:mine', 'withdrawn:7', 'refused-me']) {
      const of = id();
      await broker.push('orders', [insert({ ...order(of, 'east'), w: forged })]);
      const made = await stored('orders', of);
      expect(made?.['w']).not.toBe(forged);
      await broker.push('orders', [change({ ...made, id: of, _deleted: false }, { notes: 'hidden', w: forged })]);
      const changed = await stored('orders', of);
      expect(changed).toMatchObject({ notes: 'hidden' });
      expect(String(changed?.['w'])).not.toBe(forged);
      expect(await admin.push('orders', [change({ ...changed, id: of, _deleted: false }, { notes: 'seen' })])).toEqual([]);
      expect(await stored('orders', of)).toMatchObject({ notes: 'seen' });
      // Nor does it delete one past the rights.
      await broker.push('orders', [change({ ...changed, id: of, _deleted: false }, { w: forged, _deleted: true })]);
      expect(await stored('orders', of)).toMatchObject({ notes: 'seen' });
    }
  });

  test('a foreign desk, a foreign owner and a record of another desk are refused, kept for their author, and audited', async () => {
    const { admin, broker, field } = company;
    const foreign = order(id(), 'west', { ownerId: admin.login.user.id });
    await admin.push('orders', [insert(foreign)]);
    const before = await stored('orders', foreign.id);
    const since = await last(company);
    const tries = [
      insert(order(id(), 'west', { ownerId: field.login.user.id })),
      insert(order(id(), 'west', { ownerId: field.login.user.id, deskId: 'west' })),
      change(foreign, { deskId: 'east', ownerId: broker.login.user.id }),
      change({ ...foreign, w: 'guessed' }, { notes: 'mine' }),
      change(foreign, { _deleted: true }),
    ];
    for (const row of tries) {
      await broker.push('orders', [row]);
      expect(await refusals(row.newDocumentState.id)).toContain('not_permitted');
    }
    expect(await stored('orders', foreign.id)).toEqual(before);
    const events = (await company.events(since)).filter(({ kind }) => kind === 'change_refused');
    expect(events).toHaveLength(tries.length);
    expect(new Set(events.map(({ account }) => account))).toEqual(new Set([broker.login.user.id]));
  });
});

describe('[SYN-7] mass assignment', () => {
  test('members that no entity has, and those that only the server computes, are not stored from a push', async () => {
    const { broker } = company;
    for (const more of [
      { role: 'admin' },
      { isAdmin: true },
      { permissions: ['*'] },
      { seq: 1 },
      { deleted: false },
      { constructor: { name: 'x' } },
    ]) {
      const of = id();
      const row = order(of, 'east', more);
      // By hand, because a body with `constructor` is refused as a whole.
      const answer = await company.ask(
        `/sync/orders/${nouns.find(({ entity }) => entity.collection === 'orders')?.entity.version ?? 0}/push`,
        {
          method: 'POST',
          headers: broker.headers,
          payload: [{ newDocumentState: row }],
        },
      );
      const [key = ''] = Object.keys(more);
      expect([key, Object.hasOwn((await stored('orders', of)) ?? {}, key)]).toEqual([key, false]);
      expect([200, 400]).toContain(answer.status);
    }
  });

  test.each([
    ['/auth/login', { email: 'broker@drover.example', password: 'x', role: 'admin' }],
    ['/auth/refresh', { refreshToken: 'x', user: { role: 'admin' } }],
    ['/auth/set-password', { token: 'x', password: 'correct horse battery', role: 'admin' }],
    ['/auth/password', { current: 'x', next: 'correct horse battery', role: 'admin' }],
    ['/auth/devices/rename', { device: 'broker-device', name: 'X', account: 'other' }],
  ])('%s takes no member beside its own', async (url, payload) => {
    const { code } = await company.refused(url, { method: 'POST', payload, headers: company.broker.headers });
    expect(code).toBe('invalid_request');
  });

  test('a profile is that of its account, and grants nothing', async () => {
    const { admin, broker } = company;
    const of = id();
    await broker.push('profiles', [insert(record('profiles', of, { accountId: admin.login.user.id, username: 'boss' }))]);
    expect(await stored('profiles', of)).toBeUndefined();
    expect(await refusals(of)).toContain('not_permitted');
  });
});

describe('[SYN-7] guessed ids and foreign references', () => {
  test('an id that is another desk’s and one that nobody has are answered alike, by every way of asking', async () => {
    const { admin, broker } = company;
    const foreign = order(id(), 'west', { ownerId: admin.login.user.id, notes: 'the price is 4.20' });
    await admin.push('orders', [insert(foreign)]);
    const version = nouns.find(({ entity }) => entity.collection === 'orders')?.entity.version ?? 0;
    const ways: ((of: string) => Parameters<Company['ask']>)[] = [
      (of) => [`/audit?collection=orders&id=${of}`, { headers: broker.headers }],
      (of) => [`/sync/orders/${version}/read`, { method: 'POST', headers: broker.headers, payload: { ids: [of] } }],
      (of) => [
        `/sync/orders/${version}/known`,
        { method: 'POST', headers: broker.headers, payload: { until: 0, states: [{ id: of, w: 'x' }] } },
      ],
      (of) => [`/files/${of}/${'a'.repeat(64)}`, { headers: broker.headers }],
      (of) => ['/files/missing', { method: 'POST', headers: broker.headers, payload: { ids: [of] } }],
      (of) => [`/auth/devices?account=${of}`, { headers: broker.headers }],
    ];
    const none = id();
    const plain = (text: string, of: string): string => text.replaceAll(of, '<id>').replaceAll(/urn:uuid:[0-9a-f-]+/g, '');
    for (const way of ways) {
      const [there, nowhere] = [await company.ask(...way(foreign.id)), await company.ask(...way(none))];
      expect([there.status, plain(there.body, foreign.id)]).toEqual([nowhere.status, plain(nowhere.body, none)]);
      expect(there.body).not.toContain('4.20');
    }
  });

  test('a record that points at a foreign one brings nothing of it: not in the answer, not in a pull, not in the history', async () => {
    const { admin, broker } = company;
    const hidden = order(id(), 'west', { ownerId: admin.login.user.id, notes: 'the price is 4.20' });
    await admin.push('orders', [insert(hidden)]);
    const [child, receivable] = [id(), id()];
    const answers = [
      await broker.push('orders', [insert(order(child, 'east', { buyOrderIds: [hidden.id] }))]),
      await broker.push('receivables', [
        insert(record('receivables', receivable, { deskId: 'east', ownerId: broker.login.user.id, orderId: hidden.id })),
      ]),
    ];
    const seen = [answers, await broker.pullAll('orders'), await broker.pullAll('receivables'), await broker.audit('orders', child)];
    expect(JSON.stringify(seen)).not.toContain('4.20');
    expect((await broker.pullAll('orders')).map((one) => one.id)).not.toContain(hidden.id);
  });
});

describe('[SYN-7] more rights than one has', () => {
  const everything = [
    { permission: '*:read', when: { is: 'all' } },
    { permission: 'users:disable', when: { is: 'all' } },
  ];
  test.each<[string, string, unknown]>([
    ['a role of one’s own', '/admin/roles', { name: 'mine', label: 'Mine', grants: everything, revision: 0 }],
    ['a wider role', '/admin/roles', { name: 'broker', label: 'Broker', grants: everything, revision: 1 }],
    ['no role for others', '/admin/roles/remove', { name: 'admin', revision: 1 }],
    ['an invited accomplice', '/auth/invitations', { email: 'friend@evil.example', name: 'Friend', role: 'admin', deskId: 'east' }],
    ['the account of another', '/auth/reset-links', { account: 'somebody' }],
    ['another’s device', '/auth/devices/revoke', { device: 'admin-device', account: 'ADMIN' }],
  ])('%s is refused to every small role, and audited', async (_, url, payload) => {
    const { admin, broker, field, accounting } = company;
    const body = JSON.stringify(payload).replace('"ADMIN"', JSON.stringify(admin.login.user.id));
    const roles = await company.server.db.rows({ text: 'select name, grants from roles order by name' });
    for (const client of [broker, field, accounting]) {
      for (let times = 2; times > 0; times -= 1) {
        const { status, code } = await company.refused(url, { method: 'POST', payload: body, headers: client.headers });
        expect([status, code]).toEqual([403, 'not_permitted']);
      }
      // Once an hour for each address is enough: nobody buries the rest under refusals.
      const noted = (await company.events()).filter(
        ({ kind, account, details }) => kind === 'access_refused' && account === client.login.user.id && details['route'] === `POST ${url}`,
      );
      expect(noted).toMatchObject([{ details: { code: 'not_permitted' } }]);
    }
    expect(await company.server.db.rows({ text: 'select name, grants from roles order by name' })).toEqual(roles);
  });

  test('an administrator of people gives nobody more than the own role has', async () => {
    const { admin, server, accounting } = company;
    const grants = ['users:read', 'users:invite', 'users:reset_password', 'roles:read', 'roles:update'].map((permission) => ({
      permission,
      when: { is: 'all' },
    }));
    const role = await company.ask('/admin/roles', {
      method: 'POST',
      headers: admin.headers,
      payload: { name: 'people', label: 'People', grants, revision: 0 },
    });
    expect(role.status).toBe(200);
    await server.db.rows({ text: `update accounts set role = 'people' where email = 'accounting@drover.example'` });
    const as = { method: 'POST', headers: accounting.headers } as const;
    for (const [url, payload] of [
      ['/admin/roles', { name: 'mine', label: 'Mine', grants: [{ permission: '*:delete', when: { is: 'all' } }], revision: 0 }],
      ['/auth/invitations', { email: 'friend@evil.example', name: 'Friend', role: 'admin', deskId: 'east' }],
      ['/auth/reset-links', { account: admin.login.user.id }],
    ] as const)
      expect([url, (await company.refused(url, { ...as, payload })).code]).toEqual([url, 'beyond_your_rights']);
  });

  test('the role in a token is no right: what is stored counts, from the next request on', async () => {
    const { server, field } = company;
    await server.db.rows({ text: `update accounts set role = 'admin' where email = 'field@drover.example'` });
    expect((await company.ask('/admin/roles', { headers: field.headers })).status).toBe(200);
    await server.db.rows({ text: `update accounts set role = 'field' where email = 'field@drover.example'` });
    expect((await company.refused('/admin/roles', { headers: field.headers })).code).toBe('not_permitted');
  });
});
