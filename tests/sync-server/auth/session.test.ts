import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DevicesAnswer, ErrorAnswer, LoginAnswer } from '../../../domain/protocol/protocol.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, cloneDatabase, openStream, openTestServer, signIn, until } from '../test-server.ts';
import { type Answered, postTo } from '../answered.ts';

let server: Server;
let other: Server;
beforeAll(async () => {
  const databaseUrl = await cloneDatabase();
  server = await openTestServer({ databaseUrl, nouns: syntheticNouns });
  other = await startServer({ databaseUrl, port: 0, nouns: syntheticNouns, log: openLog('silent') });
});
afterAll(async () => {
  await server.close();
  await other.close();
});

const post = (path: string, body: unknown, headers?: Record<string, string>, at: Server = server): Promise<Answered> =>
  postTo(at, path, body, headers);
const refresh = (refreshToken: string, next?: string, at?: Server) =>
  post('/auth/refresh', { refreshToken, ...(next === undefined ? {} : { next }) }, {}, at);
const ownToken = (): string => randomBytes(32).toString('base64url');
const tokenOf = ({ body }: Answered): string => String(body['refreshToken']);
async function me(client: Pick<Client, 'headers'>, at: Server = server): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(`${at.url}/me`, { headers: client.headers });
  return { status: response.status, code: ((await response.json()) as Partial<ErrorAnswer>).code };
}
const events = async (kind: string): Promise<{ details: Record<string, unknown>; name: string; device: string }[]> =>
  server.db.rows({
    text: 'select details, account_name as name, device from security_events where kind = $1 order by seq',
    values: [kind],
  });
const devicesOf = async (client: Client, account = ''): Promise<DevicesAnswer['devices']> =>
  ((await (await client.get(`/auth/devices${account === '' ? '' : `?account=${account}`}`)).json()) as DevicesAnswer).devices;

describe('refresh tokens', () => {
  test('the client chooses the next one, and the same exchange may be asked for again until that one is used', async () => {
    const { login } = await signIn(server);
    const next = ownToken();
    expect(tokenOf(await refresh(login.refreshToken, next))).toBe(next);
    const again = await refresh(login.refreshToken, next, other);
    expect([again.status, tokenOf(again)]).toEqual([200, next]);
    expect((await refresh(next, ownToken())).status).toBe(200);
  });

  test('many at once with the same next, as by windows that share a store, are one exchange', async () => {
    const { login } = await signIn(server);
    const next = ownToken();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => refresh(login.refreshToken, next, i % 2 === 0 ? server : other)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await refresh(next, ownToken())).status).toBe(200);
  });

  test('a used token with another next is a stolen one: the session ends for both, at once and in every process', async () => {
    const client = await signIn(server, 'broker', 'stolen-from');
    const next = ownToken();
    await refresh(client.login.refreshToken, next);
    expect((await me(client)).status).toBe(200);
    expect((await refresh(client.login.refreshToken, ownToken())).status).toBe(401);
    expect(await me(client)).toEqual({ status: 401, code: 'session_ended' });
    await until(async () => (await me(client, other)).status === 401, 'the other process knows it');
    expect((await refresh(next, ownToken())).status).toBe(401);
    expect((await events('refresh_reused')).at(-1)).toMatchObject({ name: 'Blair Broker', device: 'stolen-from' });
  });

  test('so is one that comes from another device than the one that signed in', async () => {
    const client = await signIn(server, 'broker', 'copied-from');
    const copied = await post(
      '/auth/refresh',
      { refreshToken: client.login.refreshToken, next: ownToken() },
      { 'x-drover-device': 'thief' },
    );
    expect(copied).toMatchObject({ status: 401, body: { code: 'refresh_invalid' } });
    expect(await me(client)).toEqual({ status: 401, code: 'session_ended' });
    expect((await events('refresh_reused')).at(-1)).toMatchObject({ device: 'copied-from', details: { from: 'thief' } });
    // The device itself renews, and a client that names none is taken at its token's word.
    const kept = await signIn(server, 'broker', 'kept-by');
    const own = await post('/auth/refresh', { refreshToken: kept.login.refreshToken }, { 'x-drover-device': 'kept-by' });
    expect([own.status, (await refresh(tokenOf(own))).status]).toEqual([200, 200]);
  });

  test('so is one that comes back after its successor was used, even with the same next', async () => {
    const { login } = await signIn(server);
    const [one, two] = [ownToken(), ownToken()];
    await refresh(login.refreshToken, one);
    await refresh(one, two);
    expect((await refresh(login.refreshToken, one)).status).toBe(401);
    expect((await refresh(two, ownToken())).status).toBe(401);
  });

  test('one chosen by the server works once, and one that is taken already ends the session that asks for it', async () => {
    const first = await signIn(server);
    const [next] = [tokenOf(await refresh(first.login.refreshToken))];
    expect((await refresh(first.login.refreshToken)).status).toBe(401);
    expect((await refresh(next)).status).toBe(401);
    const victim = await signIn(server);
    const second = await signIn(server);
    expect((await refresh(second.login.refreshToken, victim.login.refreshToken)).status).toBe(401);
    expect((await refresh(victim.login.refreshToken, ownToken())).status).toBe(200);
  });

  test('of a form that is not 256 bits is malformed', async () => {
    const { login } = await signIn(server);
    for (const next of ['short', `${'a'.repeat(42)}=`, 'a'.repeat(44)]) expect((await refresh(login.refreshToken, next)).status).toBe(400);
    expect((await refresh(login.refreshToken, ownToken())).status).toBe(200);
  });

  test('signing out ends the session, whoever asks with whatever learns nothing', async () => {
    const client = await signIn(server, 'field', 'left');
    expect(await post('/auth/logout', { refreshToken: 'nothing' })).toEqual({ status: 200, body: { done: true } });
    expect(await post('/auth/logout', { refreshToken: client.login.refreshToken })).toEqual({ status: 200, body: { done: true } });
    expect((await me(client)).status).toBe(401);
    expect((await refresh(client.login.refreshToken, ownToken())).status).toBe(401);
    expect(await events('signed_out')).toMatchObject([{ name: 'Frankie Field', device: 'left' }]);
  });
});

describe('devices', () => {
  test('are listed with their names, and renamed by their owner', async () => {
    await post(
      '/auth/login',
      { email: 'accounting@drover.example', password: 'drover-demo-2026', deviceName: 'Chrome on\u202e Linux\n' },
      { 'x-drover-device': 'old' },
    );
    const client = await signIn(server, 'accounting', 'new');
    const before = await devicesOf(client);
    expect(before.map(({ device, name, sessions, current }) => ({ device, name, sessions, current }))).toEqual([
      { device: 'new', name: 'Unnamed device', sessions: 1, current: true },
      { device: 'old', name: 'Chrome on Linux', sessions: 1, current: false },
    ]);
    expect((await post('/auth/devices/rename', { device: 'old', name: 'Office PC' }, client.headers)).status).toBe(200);
    expect((await devicesOf(client))[1]?.name).toBe('Office PC');
    expect(await post('/auth/devices/rename', { device: 'nowhere', name: 'X' }, client.headers)).toMatchObject({
      status: 404,
      body: { code: 'unknown_device' },
    });
  });

  test('the device of a session is the one that signed in, whatever a request says', async () => {
    const client = await signIn(server, 'broker', 'honest');
    const answer = await fetch(`${server.url}/auth/devices`, { headers: { ...client.headers, 'x-drover-device': 'another' } });
    const { devices } = (await answer.json()) as DevicesAnswer;
    expect(devices.find(({ current }) => current)?.device).toBe('honest');
  });

  test('a revoked one is told to remove everything: by its token, its renewal and its next sign-in', async () => {
    const lost = await signIn(server, 'field', 'lost-laptop');
    const client = await signIn(server, 'field', 'kept-laptop');
    const stream = await openStream(lost, '/sync/stream?collections=ranches');
    const elsewhere = await openStream({ ...lost, url: other.url }, '/sync/stream?collections=ranches');
    expect((await post('/auth/devices/revoke', { device: 'lost-laptop' }, client.headers)).status).toBe(200);
    expect(await me(lost)).toEqual({ status: 401, code: 'device_revoked' });
    await Promise.all([stream.ended, elsewhere.ended]);
    expect(await me(lost, other)).toEqual({ status: 401, code: 'device_revoked' });
    expect(await refresh(lost.login.refreshToken, ownToken())).toMatchObject({
      status: 401,
      body: { code: 'device_revoked', device: 'lost-laptop' },
    });
    const anew = await post(
      '/auth/login',
      { email: 'field@drover.example', password: 'drover-demo-2026' },
      { 'x-drover-device': 'lost-laptop' },
    );
    expect(anew).toMatchObject({ status: 401, body: { code: 'device_revoked', device: 'lost-laptop' } });
    expect((await me(client)).status).toBe(200);
    expect((await post('/auth/devices/revoke', { device: 'lost-laptop' }, client.headers)).status).toBe(404);
    expect((await events('device_revoked')).at(-1)).toMatchObject({
      name: 'Frankie Field',
      device: 'kept-laptop',
      details: { device: 'lost-laptop', by: { name: 'Frankie Field' } },
    });
  });

  test('and its word that it has done so is taken from itself only', async () => {
    const lost = await signIn(server, 'admin', 'wiped');
    const client = await signIn(server, 'admin', 'desk');
    const row = async () => (await devicesOf(client)).find(({ device }) => device === 'wiped');
    await post('/auth/wiped', { refreshToken: lost.login.refreshToken });
    expect(await row()).toMatchObject({ wipedAt: null, revokedAt: null });
    await post('/auth/devices/revoke', { device: 'wiped' }, client.headers);
    await post('/auth/wiped', { refreshToken: client.login.refreshToken });
    expect((await row())?.wipedAt).toBeNull();
    await post('/auth/wiped', { refreshToken: lost.login.refreshToken });
    expect((await row())?.wipedAt).not.toBeNull();
    expect(await events('device_wiped')).toHaveLength(1);
  });

  test("are an administrator's to see and revoke, and nobody else's", async () => {
    const field = await signIn(server, 'field', 'of-field');
    const broker = await signIn(server, 'broker', 'of-broker');
    const admin = await signIn(server, 'admin', 'of-admin');
    const account = field.login.user.id;
    expect((await broker.get(`/auth/devices?account=${account}`)).status).toBe(403);
    expect((await post('/auth/devices/revoke', { device: 'of-field', account }, broker.headers)).status).toBe(403);
    expect((await post('/auth/devices/revoke', { device: 'of-field' }, broker.headers)).status).toBe(404);
    expect((await me(field)).status).toBe(200);
    expect((await devicesOf(admin, account)).map(({ device }) => device)).toContain('of-field');
    expect((await post('/auth/devices/revoke', { device: 'of-field', account }, admin.headers)).status).toBe(200);
    expect(await me(field)).toEqual({ status: 401, code: 'device_revoked' });
  });
});

describe('changing the password', () => {
  const OLD = 'drover-demo-2026';
  const NEW = 'seven stout steers';
  const login = async (password: string): Promise<number> =>
    (await post('/auth/login', { email: 'accounting@drover.example', password }, { 'x-drover-device': 'p' })).status;

  test('asks for the current one, judges the new one, and ends every other session', async () => {
    const client = await signIn(server, 'accounting', 'p');
    const elsewhere = await signIn(server, 'accounting', 'q');
    const change = (current: string, next: string) => post('/auth/password', { current, next }, client.headers);
    expect(await change('wrong', NEW)).toMatchObject({ status: 403, body: { code: 'wrong_password', field: 'current' } });
    expect(await change(OLD, 'too short')).toMatchObject({ status: 422, body: { code: 'password_too_short', field: 'next' } });
    expect(await change(OLD, 'qwertyuiop123')).toMatchObject({ status: 422, body: { code: 'password_common', field: 'next' } });
    expect((await me(elsewhere)).status).toBe(200);
    expect((await change(OLD, NEW)).status).toBe(200);
    expect((await me(client)).status).toBe(200);
    expect(await me(elsewhere)).toEqual({ status: 401, code: 'session_ended' });
    expect([await login(OLD), await login(NEW)]).toEqual([401, 200]);
  });

  test('is braked like signing in', async () => {
    const client = await signIn(server, 'field', 'left-open');
    const answers: number[] = [];
    for (let i = 0; i < 11; i += 1)
      answers.push((await post('/auth/password', { current: `guess ${i}`, next: NEW }, client.headers)).status);
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 403), 429]);
  });
});

test('security events cannot be changed or removed', async () => {
  await signIn(server);
  for (const text of [`update security_events set kind = 'x'`, 'delete from security_events', 'truncate security_events'])
    await expect(server.db.rows({ text })).rejects.toThrow('append-only');
});

test('a disabled account is out at once, with its streams', async () => {
  const client = await signIn(server, 'broker', 'of-the-dismissed');
  const stream = await openStream(client, '/sync/stream?collections=ranches');
  await server.db.rows({ text: `update accounts set disabled_at = now() where email = 'broker@drover.example'` });
  await stream.ended;
  expect(await me(client)).toEqual({ status: 401, code: 'session_ended' });
  await server.db.rows({ text: 'update accounts set disabled_at = null' });
  const { login } = await signIn(server, 'broker', 'of-the-dismissed');
  expect((login satisfies LoginAnswer).user.name).toBe('Blair Broker');
});
