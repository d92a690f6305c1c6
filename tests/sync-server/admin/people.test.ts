/** Everything about a person, forgetting somebody, and purging the audit, over the API; what they do to the audit itself is audit/people.test.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AuditMonthsAnswer, ForgottenAnswer } from '../../../domain/protocol/admin.ts';
import { nouns } from '../../../domain/registry.ts';
import { anchorsIn, readPublicKeys } from '../../../sync-server/audit/seal-key.ts';
import { verifyAudit } from '../../../sync-server/audit/verify.ts';
import { DEMO_PASSWORD } from '../../../sync-server/db/demo-accounts.ts';
import type { Server } from '../../../sync-server/server.ts';
import { closeMonths, made } from '../audit/made.ts';
import { type Client, cloneDatabase, insert, openTestServer, signIn, until } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

const MINUTE = 60_000;
const folder = mkdtempSync(path.join(tmpdir(), 'drover-people-routes-'));
let clock = Date.now();
let server: Server;
let admin: Client;
let broker: Client;
beforeAll(async () => {
  const databaseUrl = await cloneDatabase();
  server = await openTestServer({ databaseUrl, now: () => new Date(clock), audit: { folder, everyMs: 25 } });
  broker = await signIn(server, 'broker', 'phone-of-blair');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  // Past the ten minutes for which a sign-in is proof.
  clock += 11 * MINUTE;
  admin = await signIn(server, 'admin', 'office');
});

const verify = () =>
  verifyAudit(server.db, {
    keys: readPublicKeys(folder),
    anchors: anchorsIn(folder),
    entities: nouns.map(({ entity }) => entity),
    now: new Date(clock),
  });
const sealed = (): Promise<void> =>
  until(async () => {
    const { open } = await verify();
    return open.audit + open.security_events === 0;
  }, 'all is sealed');
const forget = (body: Readonly<Record<string, unknown>>, client: Client = admin) =>
  post(client, '/admin/people/forget', { reason: 'asked', ...body });
const exported = (body: Readonly<Record<string, unknown>>, client: Client = admin) =>
  post(client, '/admin/people/export', { reason: 'letter of the person', ...body });
const contact = (id: string) => made(broker, 'contacts', id, { name: 'Nora Fields', email: 'nora@example.com', company: 'Fields' });
const nora = { collection: 'contacts', id: 'c-1' };

describe('everything about a person', () => {
  test('comes as one file, of a record and of an account, and is written down with who asked and why', async () => {
    expect(await broker.push('contacts', [insert(contact('c-1'))])).toEqual([]);
    const response = await fetch(`${server.url}/admin/people/export`, {
      method: 'POST',
      headers: admin.headers,
      body: JSON.stringify({ ...nora, reason: 'letter of Nora' }),
    });
    expect([response.status, response.headers.get('content-disposition'), response.headers.get('cache-control')]).toEqual([
      200,
      'attachment; filename="drover-person.json"',
      'no-store',
    ]);
    expect(await response.json()).toMatchObject({
      person: nora,
      record: [{ doc: { email: 'nora@example.com' } }],
      entries: [{ before: null }],
    });
    const own = await exported({ account: broker.login.user.id });
    expect(own.body).toMatchObject({ account: [{ name: 'Blair Broker' }], devices: [{ device: 'phone-of-blair' }] });
    const events = await server.db.rows({
      text: `select account_name as who, device, reason, details from security_events where kind = 'person_exported' order by seq`,
    });
    expect(events).toEqual([
      { who: 'Avery Admin', device: 'office', reason: 'letter of Nora', details: nora },
      { who: 'Avery Admin', device: 'office', reason: 'letter of the person', details: { account: broker.login.user.id } },
    ]);
  });

  test('is whole although it is longer than a page of the database', async () => {
    const many = Array.from({ length: 1_200 }, (_, n) => n);
    await server.db.rows({
      text: `insert into security_events (at, kind, account_id, account_name, device, address, details)
        select now(), 'signed_in', 'a-many', 'Many', 'd', '', '{}' from generate_series(1, 1200)`,
    });
    await server.db.rows({
      text: `insert into accounts (id, email, name, role, desk_id) values ('a-many', 'many@x.example', 'Many', 'broker', 'desk-main')`,
    });
    const { events } = (await exported({ account: 'a-many' })).body as { events: { seq: number }[] };
    expect(events).toHaveLength(many.length);
    expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });

  test('is refused without a reason, for nobody, to whom the role hides something, and to a key', async () => {
    const before = await entries(server, 'person_exported');
    const account = broker.login.user.id;
    expect(await exported({ account, reason: ' ' })).toMatchObject({ status: 422, body: { code: 'reason_missing', field: 'reason' } });
    expect(await exported({ account: 'nobody' })).toMatchObject({ status: 404, body: { code: 'unknown_account' } });
    expect(await exported({})).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await exported({ account, ...nora })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await exported({ collection: 'accounts', id: 'x' })).toMatchObject({ status: 404, body: { code: 'unknown_collection' } });
    expect(await exported({ account }, await signIn(server, 'broker', 'phone-of-blair'))).toMatchObject({
      status: 403,
      body: { code: 'not_permitted' },
    });
    const { body } = await post(admin, '/admin/keys', {
      account: admin.login.user.id,
      name: 'x',
      permissions: ['people:export', 'people:anonymize', '*:read', 'retention:update'],
      days: 1,
    });
    const key = { ...admin, headers: { ...admin.headers, authorization: `Bearer ${String(body['key'])}` } };
    for (const path of ['/admin/people/export', '/admin/people/forget', '/admin/purge/audit'])
      expect([path, await post(key, path, { ...(path.includes('purge') ? {} : nora), reason: 'x' })]).toMatchObject([
        path,
        { status: 403, body: { code: 'key_not_allowed' } },
      ]);
    await server.db.rows({ text: `update roles set grants = '[{"permission":"people:export","when":{"is":"all"}}]' where name = 'field'` });
    const field = await signIn(server, 'field', 'van');
    expect(await exported({ account }, field)).toMatchObject({ status: 403, body: { code: 'beyond_your_rights' } });
    expect(await entries(server, 'person_exported')).toEqual(before);
  });
});

describe('forgetting somebody', () => {
  const tried = (query: string) => admin.get(`/admin/people/forget?${query}`);

  test('is shown before it is done, is done once it is proved who asks, and the seal holds', async () => {
    await sealed();
    const preview = (await read<ForgottenAnswer>(admin, '/admin/people/forget?collection=contacts&id=c-1')).entries;
    expect(preview).toBe(1);
    clock += 11 * MINUTE;
    expect(await forget(nora)).toMatchObject({ status: 403, body: { code: 'proof_required', way: 'password' } });
    expect((await post(admin, '/auth/prove', { password: DEMO_PASSWORD })).status).toBe(200);
    expect(await forget(nora)).toEqual({ status: 200, body: { entries: preview, events: 0 } });
    expect(JSON.stringify(await admin.audit('contacts', 'c-1'))).not.toContain('Nora');
    expect((await entries(server, 'person_forgotten')).at(-1)).toEqual({
      who: 'Avery Admin',
      details: { ...nora, entries: preview, events: 0 },
    });
    expect((await verify()).findings).toEqual([]);
  });

  test('is refused for who can still sign in, oneself, whom a hold keeps, and without a reason', async () => {
    const account = broker.login.user.id;
    expect(await forget({ account: admin.login.user.id })).toMatchObject({ status: 409, body: { code: 'own_account' } });
    expect(await forget({ account })).toMatchObject({ status: 409, body: { code: 'account_not_disabled' } });
    expect((await tried(`account=${account}`)).status).toBe(409);
    expect(await forget({ account: 'nobody' })).toMatchObject({ status: 404, body: { code: 'unknown_account' } });
    expect(await forget({ ...nora, reason: '' })).toMatchObject({ status: 422, body: { code: 'reason_missing' } });
    expect(await forget({ collection: 'orders', id: 'o' })).toMatchObject({ status: 422, body: { code: 'tells_of_nobody' } });
    expect(await forget({ account }, await signIn(server, 'broker', 'phone-of-blair'))).toMatchObject({
      status: 403,
      body: { code: 'not_permitted' },
    });
    const { number } = (await post(admin, '/admin/holds', { ...nora, reason: 'Smith against us' })).body;
    expect((await post(admin, '/admin/users/disable', { account, disabled: true, reason: 'left' })).status).toBe(200);
    for (const person of [{ account }, nora])
      expect(await forget(person)).toMatchObject({ status: 409, body: { code: 'on_hold', holds: [number] } });
    expect((await post(admin, '/admin/holds/lift', { number, reason: 'settled' })).status).toBe(200);
    expect(await server.db.rows({ text: 'select name from accounts where id = $1', values: [account] })).toEqual([
      { name: 'Blair Broker' },
    ]);
  });

  test('of the same account at the same moment happens once, and again changes nothing', async () => {
    const account = broker.login.user.id;
    await sealed();
    const { entries: changes, events } = await read<ForgottenAnswer>(admin, `/admin/people/forget?account=${account}`);
    expect(changes).toBe(1);
    const answers = await Promise.all([forget({ account }), forget({ account })]);
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200]));
    const done = answers.filter(({ status }) => status === 200).map(({ body }) => body);
    // What is not first finds the entry of the other unsealed, or nothing left to take.
    for (const { status, body } of answers.filter((one) => one.status !== 200))
      expect([status, body['code']]).toEqual([409, 'not_sealed_yet']);
    expect(done).toContainEqual({ entries: changes, events });
    await sealed();
    expect((await verify()).findings).toEqual([]);
    const kept = await server.db.rows<{ text: string }>({
      text: `select json_agg(a)::text || json_agg(s)::text as text from audit a, security_events s`,
    });
    expect(kept[0]?.text).not.toContain('Blair');
    expect(await read<ForgottenAnswer>(admin, `/admin/people/forget?account=${account}`)).toMatchObject({ entries: 0 });
  });

  test('of an account waits for nobody who opens it at that moment: it is one or the other', async () => {
    const account = 'a-many';
    await post(admin, '/admin/users/disable', { account, disabled: true, reason: 'left' });
    await sealed();
    const [forgotten] = await Promise.all([
      forget({ account }),
      post(admin, '/admin/users/disable', { account, disabled: false, reason: 'came back' }),
    ]);
    const [{ name } = { name: '' }] = await server.db.rows<{ name: string }>({ text: `select name from accounts where id = 'a-many'` });
    expect([forgotten.status, name]).toEqual(forgotten.status === 200 ? [200, 'Former user'] : [409, 'Many']);
  });
});

describe('purging the audit', () => {
  const purge = (client: Client = admin) => post(client, '/admin/purge/audit', { reason: 'yearly' });
  const months = async (): Promise<AuditMonthsAnswer['months']> => (await read<AuditMonthsAnswer>(admin, '/admin/purge/audit')).months;
  const purgedEvents = () =>
    server.db.rows<{ log: string; reason: string; by: string; device: string }>({
      text: `select details->>'log' as log, reason, details#>>'{by,name}' as by, device from security_events where kind = 'purged' order by seq`,
    });

  test('takes nothing before its time, and asks for a reason and a proof', async () => {
    await closeMonths(server.db, 'old');
    expect(await months()).toEqual([]);
    expect(await purge()).toEqual({ status: 200, body: { gone: 0, held: 0, left: 0, busy: false } });
    expect(await post(admin, '/admin/purge/audit', { reason: '' })).toMatchObject({ status: 422, body: { code: 'reason_missing' } });
    clock += 11 * MINUTE;
    expect(await purge()).toMatchObject({ status: 403, body: { code: 'proof_required' } });
    const field = await signIn(server, 'accounting', 'desk');
    expect([(await field.get('/admin/purge/audit')).status, (await purge(field)).status]).toEqual([403, 403]);
  });

  test('says what is due and what holds keep, and waits for who reads the audit no longer than a moment', async () => {
    await admin.push('parties', [insert(made(admin, 'parties', 'p-new', { name: 'New', roles: ['supplier'] }))]);
    await sealed();
    clock += 8 * 366 * 24 * 60 * MINUTE;
    admin = await signIn(server, 'admin', 'office');
    expect(await months()).toMatchObject([
      { log: 'audit', holds: [] },
      { log: 'security_events', holds: [] },
    ]);
    await sealed();
    const { number } = (await post(admin, '/admin/holds', { ...nora, reason: 'Smith against us' })).body;
    expect((await months()).map(({ log, holds }) => [log, holds])).toEqual([
      ['audit', [number]],
      ['security_events', []],
    ]);
    await server.db.transaction(async (reader) => {
      await reader.rows({ text: 'select count(*) from security_events' });
      expect(await purge()).toEqual({ status: 200, body: { gone: 0, held: 1, left: 1, busy: true } });
    });
    expect(await purge()).toEqual({ status: 200, body: { gone: 1, held: 1, left: 0, busy: false } });
    expect((await post(admin, '/admin/holds/lift', { number, reason: 'settled' })).status).toBe(200);
  });

  test('by two at the same moment removes each month once, and says who and why', async () => {
    await closeMonths(server.db, 'older', 1);
    // What is sealed later than it was written is kept from then on.
    await sealed();
    clock += 8 * 366 * 24 * 60 * MINUTE;
    admin = await signIn(server, 'admin', 'office');
    await sealed();
    const due = await months();
    expect(due.map(({ log }) => log)).toEqual(expect.arrayContaining(['audit', 'security_events']));
    const answers = await Promise.all([purge(), purge()]);
    for (const { status, body } of answers) expect([status, body['busy'], body['held']]).toEqual([200, false, 0]);
    expect(answers.reduce((sum, { body }) => sum + Number(body['gone']), 0)).toBe(due.length);
    expect(await months()).toEqual([]);
    // The event of the first purge lay in a month that went with the second.
    expect(await purgedEvents()).toEqual(due.map(({ log }) => ({ log, reason: 'yearly', by: 'Avery Admin', device: 'office' })));
    await sealed();
    expect((await verify()).findings).toEqual([]);
  });
});
