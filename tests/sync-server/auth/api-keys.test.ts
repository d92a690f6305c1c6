import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiKeyRow, apiKeyById } from '../../../sync-server/db/api-keys.ts';
import { endKey, makeKey } from '../../../sync-server/auth/api-keys.ts';
import type { Server } from '../../../sync-server/server.ts';
import { nounOf } from '../../../domain/registry.ts';
import type { ErrorAnswer, PullAnswer, RightsAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { order, plainRoles, record } from '../access/rights-kit.ts';
import { type Client, change, insert, openStream, openTestServer, signIn, until } from '../test-server.ts';

/** Streams end by the real clock. */
const START = Date.now();
const DAY = 86_400_000;
let clock = START;
const now = (): Date => new Date(clock);
const by = { id: 'boss', name: 'The boss', device: 'desk', address: '' };
let server: Server;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer({ now });
  await plainRoles(server);
  broker = await signIn(server, 'broker');
});
afterAll(() => server.close());

async function keyFor(permissions: readonly string[], who: Client = broker, days = 30): Promise<{ key: string; id: string }> {
  const outcome = await makeKey({ db: server.db, now }, { accountId: who.login.user.id, name: 'Price list', permissions, days }, by);
  if (outcome.kind !== 'made') throw new Error(`no key was made: ${outcome.kind}`);
  return outcome;
}
const headersOf = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
const get = (key: string, path: string): Promise<Response> => fetch(server.url + path, { headers: headersOf(key) });
const post = (key: string, path: string, body: unknown): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', headers: headersOf(key), body: JSON.stringify(body) });
const codeOf = async (response: Response): Promise<string> => ((await response.json()) as ErrorAnswer).code;
const versionOf = (collection: string): number => nounOf(collection)?.entity.version ?? 0;
const versions = { orders: versionOf('orders'), parties: versionOf('parties') };
async function pulled(key: string, collection: 'orders' | 'parties'): Promise<string[]> {
  const answer = await get(key, `/sync/${collection}/${versions[collection]}/pull?lwt=0&id=&limit=1000`);
  return ((await answer.json()) as PullAnswer).documents.map(({ id }) => id);
}
beforeAll(async () => {
  await broker.push('orders', [insert(order('o-own', broker.login.user.deskId, { ownerId: broker.login.user.id }))], versions.orders);
  await broker.push('parties', [insert(record('parties', 'p-1', { name: 'Prairie Beef' }))], versions.parties);
});
const events = (kind: string): Promise<{ who: string; device: string; details: Record<string, unknown> }[]> =>
  server.db.rows({
    text: 'select account_name as who, device, details from security_events where kind = $1 order by seq',
    values: [kind],
  });

describe('an API key', () => {
  test('reads what it may of what its owner may, and nothing else', async () => {
    const { key } = await keyFor(['orders:read']);
    expect(await pulled(key, 'orders')).toEqual(['o-own']);
    expect(await pulled(key, 'parties')).toEqual([]);
    const me = (await (await get(key, '/me')).json()) as { email: string };
    expect(me.email).toBe('broker@drover.example');
  });

  test('writes only what its permissions name; the change has its owner as author and the key as device', async () => {
    const { key, id } = await keyFor(['parties:read', 'parties:create']);
    const mine = record('parties', 'p-by-key', { name: 'By key' });
    const path = `/sync/parties/${versions.parties}/push`;
    const answer = (await (await post(key, path, [insert(mine)])).json()) as WireDocument[];
    const [stored] = answer;
    expect(stored?.['createdBy'] ?? broker.login.user.id).toBe(broker.login.user.id);
    const [entry] = await broker.audit('parties', 'p-by-key');
    expect(entry).toMatchObject({ actor: broker.login.user.id, device: `key:${id}`, kind: 'insert' });
    const current = (await broker.pullAll('parties')).find((one) => one.id === 'p-by-key');
    if (!current) throw new Error('the record did not arrive');
    await post(key, path, [change(current, { name: 'Changed' })]);
    expect((await broker.pullAll('parties')).find((one) => one.id === 'p-by-key')).toMatchObject({ name: 'By key' });
    const [refusal] = await server.db.rows<{ row: string }>({
      text: `select to_jsonb(r)::text as row from refused r where id = 'p-by-key'`,
    });
    expect(refusal?.row).toContain('not_permitted');
  });

  test('is made with no more than its owner may, and shrinks with its owner', async () => {
    const field = await signIn(server, 'field', 'field-1');
    const making = (permissions: readonly string[]) =>
      makeKey({ db: server.db, now }, { accountId: field.login.user.id, name: 'x', permissions, days: 1 }, by);
    expect(await making(['parties:read', 'parties:delete'])).toEqual({ kind: 'beyond', permission: 'parties:delete' });
    expect(await making(['roles:update'])).toMatchObject({ kind: 'beyond' });
    // All of its owner's reading is named by one word; it is still no more than the owner's.
    const { key } = await keyFor(['*:read']);
    expect(await pulled(key, 'orders')).toEqual(['o-own']);
    await server.db.rows({
      text: `update accounts set desk_id = 'elsewhere', role = 'field' where id = $1`,
      values: [broker.login.user.id],
    });
    await server.db.rows({ text: `update roles set edited = true, grants = '[]' where name = 'field'` });
    expect(await pulled(key, 'orders')).toEqual([]);
    await server.db.rows({
      text: `update accounts set desk_id = 'desk-main', role = 'broker' where id = $1`,
      values: [broker.login.user.id],
    });
  });

  test('cannot do what only a person may: passwords, devices, second factors; nor what it does not name', async () => {
    const admin = await signIn(server, 'admin', 'admin-1');
    const { key } = await keyFor(['*:read', '*:create', '*:update', '*:delete'], admin);
    const person = { email: 'x@drover.example', name: 'X', role: 'admin', deskId: 'desk-main' };
    for (const [path, body] of [
      ['/auth/password', { current: 'a', next: 'b' }],
      ['/auth/devices/revoke', { device: 'device-1' }],
      ['/auth/prove', { password: 'x' }],
    ] as const) {
      const answer = await post(key, path, body);
      expect([answer.status, await codeOf(answer)], path).toEqual([403, 'key_not_allowed']);
    }
    expect((await get(key, '/auth/security')).status).toBe(403);
    // A key of all records names nothing of the company.
    expect((await get(key, '/admin/roles')).status).toBe(403);
    const { grants } = (await (await get(key, '/me/rights')).json()) as RightsAnswer;
    expect(grants.map(({ permission }) => permission).toSorted()).toEqual(['*:create', '*:delete', '*:read', '*:update']);
    const ofRoles = await keyFor(['roles:read', 'users:invite'], admin);
    expect((await get(ofRoles.key, '/admin/roles')).status).toBe(200);
    // Nobody brings in somebody with more rights: the key has few.
    expect(await codeOf(await post(ofRoles.key, '/auth/invitations', person))).toBe('beyond_your_rights');
  });

  test('is stored as a hash, and its first use from an address in an hour is an entry', async () => {
    const { key, id } = await keyFor(['parties:read']);
    const secret = key.split('_').slice(2).join('_');
    const [stored] = await server.db.rows<{ all: string }>({
      text: `select (select jsonb_agg(k) from api_keys k)::text || (select jsonb_agg(s) from security_events s)::text as all`,
    });
    expect(stored?.all).toContain(id);
    expect(stored?.all).not.toContain(secret);
    const uses = async (): Promise<number> => (await events('key_used')).filter(({ details }) => details['key'] === id).length;
    await get(key, '/me');
    await get(key, '/me');
    expect(await uses()).toBe(1);
    clock += 3_600_000;
    await get(key, '/me');
    expect(await uses()).toBe(2);
    expect((await apiKeyById(server.db, id)) satisfies ApiKeyRow | undefined).toMatchObject({
      lastUsedAt: now().toISOString(),
      lastUsedFrom: '127.0.0.1',
    });
  });

  test('that is wrong, expired, revoked or of a disabled account opens nothing, and a known one is noted', async () => {
    const { key, id } = await keyFor(['parties:read'], broker, 1);
    const changed = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
    for (const wrong of [changed, 'drk_', `drk_${id}_`, `drk_${'a'.repeat(12)}_${'b'.repeat(43)}`]) {
      const answer = await get(wrong, '/me');
      expect([answer.status, await codeOf(answer)]).toEqual([401, 'key_invalid']);
    }
    clock += DAY;
    expect((await get(key, '/me')).status).toBe(401);
    expect((await events('key_refused')).at(-1)).toMatchObject({ who: 'Blair Broker', details: { key: id, why: 'expired' } });
    const accounting = await signIn(server, 'accounting', 'acc-1');
    const other = await keyFor(['parties:read'], accounting);
    expect((await get(other.key, '/me')).status).toBe(200);
    await server.db.rows({ text: 'update accounts set disabled_at = now() where id = $1', values: [accounting.login.user.id] });
    expect((await get(other.key, '/me')).status).toBe(401);
  });

  test('that is revoked is out at once, also from a stream that is open', async () => {
    const again = await signIn(server, 'broker', 'device-2');
    const { key, id } = await keyFor(['parties:read']);
    const stream = await openStream({ ...again, headers: headersOf(key) }, `/sync/stream?collections=parties:${versions.parties}`);
    await again.push('parties', [insert(record('parties', 'p-before', { name: 'Before' }))], versions.parties);
    const control = await openStream(again, `/sync/stream?collections=parties:${versions.parties}`);
    const heard = (): string => JSON.stringify(stream.frames);
    await until(() => heard().includes('p-before'), 'the stream told of a record');
    expect(await endKey({ db: server.db, now }, id, by)).toBe(true);
    expect(await endKey({ db: server.db, now }, id, by)).toBe(false);
    expect((await get(key, '/me')).status).toBe(401);
    await stream.ended;
    await again.push('parties', [insert(record('parties', 'p-after', { name: 'After' }))], versions.parties);
    await until(() => JSON.stringify(control.frames).includes('p-after'), 'its owner heard of the next record');
    control.close();
    expect(heard()).not.toContain('p-after');
    expect((await events('key_revoked')).at(-1)).toMatchObject({ details: { key: id, by: { id: 'boss' } } });
  });

  test('no device may call itself by the name of a key', async () => {
    const { id } = await keyFor(['parties:read']);
    const posing = await signIn(server, 'broker', `key:key:${id}`);
    const rows = await posing.push('parties', [insert(record('parties', 'p-posing', { name: 'Posing' }))], versions.parties);
    expect(rows).toEqual([]);
    expect((await posing.audit('parties', 'p-posing'))[0]?.device).toBe(id);
  });
});
