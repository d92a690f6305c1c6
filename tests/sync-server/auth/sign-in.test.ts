import { createHook } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorAnswer, LoginAnswer } from '../../../domain/protocol/protocol.ts';
import { hashPassword, passwordMatches } from '../../../sync-server/auth/password.ts';
import { createDemoAccounts, demoAccountId, demoUsers } from '../../../sync-server/db/demo-accounts.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { cloneDatabase, openTestServer, signIn } from '../test-server.ts';

let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let url: string;
let server: Server;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url, nouns: syntheticNouns, now: () => new Date(clock) });
});
afterAll(() => server.close());

async function post<Answer = ErrorAnswer>(
  path: string,
  body: unknown,
  at: Server = server,
): Promise<{ status: number; body: Answer; headers: Headers }> {
  const response = await fetch(at.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer, headers: response.headers };
}
const refresh = (refreshToken: string) => post<LoginAnswer>('/auth/refresh', { refreshToken });
const me = (token: string) => fetch(`${server.url}/me`, { headers: { authorization: `Bearer ${token}` } });

describe('signing in', () => {
  test('answers tokens and the user, whatever the case of the address', async () => {
    const { status, body } = await post<LoginAnswer>('/auth/login', { email: ' Broker@Drover.example', password: 'drover-demo-2026' });
    expect(status).toBe(200);
    expect(body.user).toEqual({
      id: demoAccountId('broker@drover.example'),
      email: 'broker@drover.example',
      name: 'Blair Broker',
      role: 'broker',
      deskId: 'desk-main',
    });
    expect(await (await me(body.accessToken)).json()).toEqual(body.user);
  });

  test('a wrong password and an unknown address get the same answer', async () => {
    const wrong = await post('/auth/login', { email: 'field@drover.example', password: 'wrong' });
    const unknown = await post('/auth/login', { email: 'nobody@drover.example', password: 'wrong' });
    // Each request has an id of its own.
    const same = { instance: '' };
    expect([wrong.status, { ...wrong.body, ...same }]).toEqual([unknown.status, { ...unknown.body, ...same }]);
    expect(wrong.status).toBe(401);
    expect(wrong.body.code).toBe('wrong_credentials');
  });

  test('a body that is no sign-in is malformed', async () => {
    expect((await post('/auth/login', { email: 'broker@drover.example' })).body).toMatchObject({
      code: 'invalid_request',
      field: 'password',
    });
    expect((await post('/auth/login', { email: 'a@b.c', password: 'x'.repeat(513) })).status).toBe(400);
  });

  test('ten failures brake the address for a while, others can go on, and time heals it', async () => {
    for (let i = 0; i < 10; i += 1)
      expect((await post('/auth/login', { email: 'accounting@drover.example', password: 'guess' })).status).toBe(401);
    const braked = await post('/auth/login', { email: 'accounting@drover.example', password: 'drover-demo-2026' });
    expect(braked.status).toBe(429);
    expect(braked.body.code).toBe('too_many_attempts');
    expect(Number(braked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post('/auth/login', { email: 'admin@drover.example', password: 'drover-demo-2026' })).status).toBe(200);
    clock += 16 * 60_000;
    expect((await post('/auth/login', { email: 'accounting@drover.example', password: 'drover-demo-2026' })).status).toBe(200);
  });

  test('guesses from elsewhere do not lock a device out that has signed in before', async () => {
    const { login } = await signIn(server, 'broker', 'own-laptop');
    for (let i = 0; i < 11; i += 1) await post('/auth/login', { email: 'broker@drover.example', password: 'guess' });
    expect((await post('/auth/login', { email: 'broker@drover.example', password: 'drover-demo-2026' })).status).toBe(429);
    expect((await signIn(server, 'broker', 'own-laptop')).login.user).toEqual(login.user);
    clock += 16 * 60_000;
  });

  test('an unknown address is blocked like a known one, and costs the same work', async () => {
    const work = async (email: string): Promise<number> => {
      let derived = 0;
      const hook = createHook({ init: (_id, type) => void (derived += /argon2/i.test(type) ? 1 : 0) }).enable();
      const { status } = await post('/auth/login', { email, password: 'guess' });
      hook.disable();
      expect(status).toBe(401);
      return derived;
    };
    expect(await work('admin@drover.example')).toBe(1);
    // The first unknown address makes the hash that all of them are compared with.
    await work('nobody-0@drover.example');
    expect(await work('nobody-1@drover.example')).toBe(1);
    const answers = async (email: string): Promise<number[]> => {
      const statuses: number[] = [];
      for (let i = 0; i < 12; i += 1) statuses.push((await post('/auth/login', { email, password: 'guess' })).status);
      return statuses;
    };
    expect(await answers('nobody@drover.example')).toEqual(await answers('field@drover.example'));
    clock += 16 * 60_000;
  });

  test('a hash of an older cost is made anew at the next sign-in', async () => {
    const older = await hashPassword('drover-demo-2026', { memory: 8192, passes: 1, parallelism: 1 });
    await server.db.rows({ text: `update accounts set password_hash = $1 where email = 'field@drover.example'`, values: [older] });
    await signIn(server, 'field');
    const [row] = await server.db.rows<{ hash: string }>({
      text: `select password_hash as hash from accounts where email = 'field@drover.example'`,
    });
    expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await signIn(server, 'field');
  });

  test('a disabled account cannot sign in or refresh', async () => {
    const { login } = await signIn(server, 'field');
    await server.db.rows({ text: `update accounts set disabled_at = now() where email = 'field@drover.example'` });
    expect((await post('/auth/login', { email: 'field@drover.example', password: 'drover-demo-2026' })).status).toBe(401);
    expect((await refresh(login.refreshToken)).status).toBe(401);
    await server.db.rows({ text: 'update accounts set disabled_at = null' });
  });
});

describe('renewing', () => {
  test('each refresh gives new tokens; access ends after 15 minutes', async () => {
    const { login } = await signIn(server);
    clock += 14 * 60_000;
    expect((await me(login.accessToken)).status).toBe(200);
    clock += 2 * 60_000;
    const expired = await me(login.accessToken);
    expect(expired.status).toBe(401);
    expect(((await expired.json()) as ErrorAnswer).code).toBe('token_invalid');
    const renewed = await refresh(login.refreshToken);
    expect(renewed.status).toBe(200);
    expect(renewed.body.refreshToken).not.toBe(login.refreshToken);
    expect((await me(renewed.body.accessToken)).status).toBe(200);
  });

  test('an unknown or expired token is refused', async () => {
    expect((await refresh('no-such-token')).status).toBe(401);
    const { login } = await signIn(server);
    clock += 31 * 86_400_000;
    expect((await refresh(login.refreshToken)).status).toBe(401);
  });

  test('no token and no password stands in the database as it is', async () => {
    const { login } = await signIn(server);
    const rows = await server.db.rows({
      text: 'select row_to_json(t)::text as text from refresh_tokens t union all select row_to_json(e)::text from security_events e union all select row_to_json(a)::text from accounts a',
    });
    const all = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(4);
    expect(all).not.toContain(login.refreshToken);
    expect(all).not.toContain('drover-demo-2026');
    expect(all).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });
});

describe('demo accounts', () => {
  test('have ids that are the same everywhere', () => {
    expect(demoUsers.map((user) => user.id)).toEqual([...new Set(demoUsers.map((user) => user.id))]);
    expect(demoAccountId('admin@drover.example')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('are neither made nor let in where NODE_ENV is production', async () => {
    await expect(createDemoAccounts(server.db, hashPassword, 'production')).rejects.toThrow('refused when NODE_ENV is "production"');
    const production = await startServer({
      databaseUrl: url,
      port: 0,
      nouns: syntheticNouns,
      log: openLog('silent'),
      nodeEnv: 'production',
    });
    expect((await post('/auth/login', { email: 'admin@drover.example', password: 'drover-demo-2026' }, production)).status).toBe(401);
    await production.close();
  });

  test('tokens of one server process are good on another', async () => {
    const other = await startServer({
      databaseUrl: url,
      port: 0,
      nouns: syntheticNouns,
      log: openLog('silent'),
      now: () => new Date(clock),
    });
    const { login } = await signIn(server);
    expect((await fetch(`${other.url}/me`, { headers: { authorization: `Bearer ${login.accessToken}` } })).status).toBe(200);
    await other.close();
  });
});

test('a password hash says how it was made, differs each time, and fits only its password', async () => {
  const [one, two] = [await hashPassword('p\u00e4ss'), await hashPassword('p\u00e4ss')];
  expect(one).not.toBe(two);
  expect(await passwordMatches('pa\u0308ss', one)).toBe(true);
  expect(await passwordMatches('pass', one)).toBe(false);
});
