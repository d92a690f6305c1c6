import { generate } from 'otplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppOptions } from '../../../sync-server/app.ts';
import { SealBroken, openSeal } from '../../../sync-server/auth/seal.ts';
import { DEMO_PASSWORD } from '../../../sync-server/db/demo-accounts.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, cloneDatabase, openTestServer, signIn } from '../test-server.ts';
import { type Answered, postTo } from '../answered.ts';

const MINUTE = 60_000;
const SECRET = 'a secret of more than thirty-two characters';
let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let databaseUrl: string;
let server: Server;
beforeAll(async () => {
  databaseUrl = await cloneDatabase();
  server = await openTestServer({ databaseUrl, nouns: syntheticNouns, now: () => new Date(clock), secret: SECRET });
});
afterAll(() => server.close());

const post = (path: string, body: unknown, headers?: Record<string, string>, at: Server = server): Promise<Answered> =>
  postTo(at, path, body, headers);
const codeAt = (secret: string, at = clock): Promise<string> => generate({ secret, epoch: Math.floor(at / 1000) });
const login = (who: string, device = 'phone'): Promise<Answered> =>
  post('/auth/login', { email: `${who}@drover.example`, password: DEMO_PASSWORD }, { 'x-drover-device': device });
const second = (ticket: unknown, code: string, device = 'phone'): Promise<Answered> =>
  post('/auth/second', { ticket, code }, { 'x-drover-device': device });

/** Sets up an authenticator app for the demo user; answers its secret and the recovery codes. */
async function enrol(who: string, at: Server = server): Promise<{ client: Client; secret: string; codes: string[] }> {
  const client = await signIn(at, who, 'phone');
  const { body } = await post('/auth/totp/begin', {}, client.headers, at);
  const secret = String(body['secret']);
  const confirmed = await post('/auth/totp/confirm', { code: await codeAt(secret) }, client.headers, at);
  expect(confirmed.status).toBe(200);
  clock += MINUTE;
  return { client, secret, codes: confirmed.body['codes'] as string[] };
}

/** A server of its own by the clock of the test, until the work is done. */
async function onServer<Answer>(options: Partial<AppOptions>, work: (at: Server) => Promise<Answer>): Promise<Answer> {
  const own = await openTestServer({ nouns: syntheticNouns, now: () => new Date(clock), ...options });
  try {
    return await work(own);
  } finally {
    await own.close();
  }
}

describe('an authenticator app', () => {
  let secret: string;
  let codes: string[];
  let client: Client;

  test('counts only when a code has confirmed it', async () => {
    client = await signIn(server, 'broker', 'phone');
    const { body } = await post('/auth/totp/begin', {}, client.headers);
    expect(body['uri']).toContain('otpauth://totp/Drover:broker%40drover.example?secret=');
    expect((await login('broker')).status).toBe(200);
    expect(await post('/auth/totp/confirm', { code: '000000' }, client.headers)).toMatchObject({
      status: 422,
      body: { code: 'wrong_code' },
    });
    expect((await login('broker')).status).toBe(200);
    ({ client, secret, codes } = await enrol('broker'));
    expect(new Set(codes).size).toBe(10);
    expect(codes.every((code) => /^[2-9a-hj-km-np-z]{4}(-[2-9a-hj-km-np-z]{4}){5}$/.test(code))).toBe(true);
    expect((await post('/auth/totp/begin', {}, client.headers)).body['code']).toBe('totp_in_use');
  });

  test('is asked for at sign-in, and a code opens the session once', async () => {
    const first = await login('broker');
    expect(first).toMatchObject({ status: 401, body: { code: 'second_factor' } });
    expect(first.body['accessToken']).toBeUndefined();
    const code = await codeAt(secret);
    expect((await second(first.body['ticket'], code)).status).toBe(200);
    expect((await second(first.body['ticket'], await codeAt(secret, clock + 30_000))).body['code']).toBe('wrong_credentials');
    const again = await login('broker');
    expect(await second(again.body['ticket'], code)).toMatchObject({ status: 401, body: { code: 'wrong_code' } });
    clock += MINUTE;
  });

  test('takes the code before and after the present one, and none older than one that was taken', async () => {
    const ticketOf = async () => (await login('broker')).body['ticket'];
    expect((await second(await ticketOf(), await codeAt(secret, clock + 30_000))).status).toBe(200);
    expect((await second(await ticketOf(), await codeAt(secret, clock))).body['code']).toBe('wrong_code');
    clock += 3 * MINUTE;
    expect((await second(await ticketOf(), await codeAt(secret, clock - 30_000))).status).toBe(200);
    expect((await second(await ticketOf(), await codeAt(secret, clock - 90_000))).body['code']).toBe('wrong_code');
    clock += 3 * MINUTE;
  });

  test('one code in many hands at once opens one session', async () => {
    const tickets = await Promise.all(Array.from({ length: 4 }, async () => (await login('broker')).body['ticket']));
    const code = await codeAt(secret);
    const answers = await Promise.all(tickets.map((ticket) => second(ticket, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    clock += 20 * MINUTE;
  });

  test('the ticket is for its device and its five minutes', async () => {
    const { body } = await login('broker', 'phone');
    expect((await second(body['ticket'], await codeAt(secret), 'another')).body['code']).toBe('wrong_credentials');
    clock += 5 * MINUTE + 1;
    expect((await second(body['ticket'], await codeAt(secret))).body['code']).toBe('wrong_credentials');
  });

  test('guessing its codes is braked, whatever tickets and devices it is tried with', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const { body } = await login('broker', `d${i}`);
      statuses.push((await second(body['ticket'], String(100_000 + i), `d${i}`)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    clock += 16 * MINUTE;
    const { body } = await login('broker');
    expect((await second(body['ticket'], await codeAt(secret))).status).toBe(200);
    clock += MINUTE;
  });

  test('a recovery code works once, however it is typed, and its use is on record', async () => {
    const [one = '', two = ''] = codes;
    const ticket = async () => (await login('broker')).body['ticket'];
    expect((await second(await ticket(), one.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
    expect((await second(await ticket(), one)).body['code']).toBe('wrong_code');
    expect((await second(await ticket(), two)).status).toBe(200);
    const events = await server.db.rows({ text: `select details from security_events where kind = 'recovery_code_used' order by seq` });
    expect(events).toEqual([{ details: { left: 9 } }, { details: { left: 8 } }]);
  });

  test('neither its secret nor a recovery code stands in the database', async () => {
    const rows = await server.db.rows({
      text: 'select row_to_json(t)::text as text from totp_secrets t union all select row_to_json(r)::text from recovery_codes r union all select row_to_json(o)::text from one_time_tokens o',
    });
    const all = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(10);
    expect(all).not.toContain(secret);
    for (const code of codes) expect(all).not.toContain(code);
  });

  test('is of no use to a server with another DROVER_SECRET, which says so in its log and not to the client', async () => {
    const other = await startServer({
      databaseUrl,
      port: 0,
      nouns: syntheticNouns,
      log: openLog('silent'),
      now: () => new Date(clock),
      secret: `another ${SECRET}`,
    });
    const ask = (path: string, body: unknown) => post(path, body, { 'x-drover-device': 'phone' }, other);
    const { body } = await ask('/auth/login', { email: 'broker@drover.example', password: DEMO_PASSWORD });
    expect((await ask('/auth/second', { ticket: body['ticket'], code: await codeAt(secret) })).body['code']).toBe('internal_error');
    await other.close();
  });
});

describe('what is dangerous', () => {
  const dangerous = ['/auth/totp/begin', '/auth/totp/codes', '/auth/totp/remove'];

  test('needs a proof that is not older than ten minutes: the password', async () => {
    const client = await signIn(server, 'accounting');
    clock += 11 * MINUTE;
    for (const path of dangerous)
      expect(await post(path, {}, client.headers)).toMatchObject({ status: 403, body: { code: 'proof_required', way: 'password' } });
    expect(await post('/auth/prove', { password: 'guess' }, client.headers)).toMatchObject({
      status: 403,
      body: { code: 'wrong_password' },
    });
    expect((await post('/auth/totp/begin', {}, client.headers)).status).toBe(403);
    expect((await post('/auth/prove', { password: DEMO_PASSWORD }, client.headers)).status).toBe(200);
    expect((await post('/auth/totp/begin', {}, client.headers)).status).toBe(200);
  });

  test('or a code, for whoever has a second factor; the password is not enough then', async () => {
    const { client, secret } = await enrol('field');
    clock += 11 * MINUTE;
    expect((await post('/auth/totp/remove', {}, client.headers)).body['way']).toBe('code');
    expect((await post('/auth/prove', { password: DEMO_PASSWORD }, client.headers)).status).toBe(403);
    expect((await post('/auth/totp/remove', {}, client.headers)).status).toBe(403);
    expect((await post('/auth/prove', { code: await codeAt(secret) }, client.headers)).status).toBe(200);
    expect((await post('/auth/totp/remove', {}, client.headers)).status).toBe(200);
    expect((await login('field')).status).toBe(200);
  });

  test('a proof counts for its session only', async () => {
    const [one, two] = [await signIn(server, 'admin', 'one'), await signIn(server, 'admin', 'two')];
    clock += 11 * MINUTE;
    await post('/auth/prove', { password: DEMO_PASSWORD }, one.headers);
    expect((await post('/auth/totp/begin', {}, two.headers)).status).toBe(403);
  });
});

test('goes on counting when the secret that seals it is exchanged, and says how many do not', async () => {
  const url = await cloneDatabase();
  const { client, secret } = await onServer({ databaseUrl: url }, (at) => enrol('broker', at));
  const sealedNow = async (at: Server): Promise<unknown> => at.db.rows({ text: 'select sealed from totp_secrets' });
  const signsIn = async (at: Server): Promise<number> => {
    clock += MINUTE;
    const { body } = await post(
      '/auth/login',
      { email: client.login.user.email, password: DEMO_PASSWORD },
      { 'x-drover-device': 'phone' },
      at,
    );
    return (await post('/auth/second', { ticket: body['ticket'], code: await codeAt(secret) }, { 'x-drover-device': 'phone' }, at)).status;
  };
  // From the key of the database to a secret, and from that one to another; then it is sealed with the last one alone.
  for (const secrets of [{ secret: SECRET }, { secret: `new ${SECRET}`, secretBefore: SECRET }, { secret: `new ${SECRET}` }])
    expect(await onServer({ databaseUrl: url, ...secrets }, signsIn)).toBe(200);
  const lines: string[] = [];
  const log = openLog('warn', { write: (line: string) => void lines.push(line) });
  const kept = await onServer({ databaseUrl: url, secret: `${SECRET} that nobody had`, log }, sealedNow);
  expect(lines.join('')).toContain('"lost":1');
  expect(await onServer({ databaseUrl: url, secret: `new ${SECRET}` }, sealedNow)).toEqual(kept);
});

test('a seal opens for its owner and its key, unchanged, and for nothing else', () => {
  const seal = openSeal(SECRET);
  const closed = seal.close('JBSWY3DPEHPK3PXP', 'owner');
  expect(seal.open(closed, 'owner')).toBe('JBSWY3DPEHPK3PXP');
  expect(seal.close('JBSWY3DPEHPK3PXP', 'owner')).not.toBe(closed);
  expect(() => seal.open(closed, 'another')).toThrow(SealBroken);
  expect(() => openSeal('another secret').open(closed, 'owner')).toThrow(SealBroken);
  const bytes = Buffer.from(closed, 'base64url');
  for (let i = 0; i < bytes.length; i += 1) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(() => seal.open(changed.toString('base64url'), 'owner')).toThrow(SealBroken);
  }
});
