import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoginAnswer } from '../../../domain/protocol/protocol.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type PostBox, linkIn, openPostBox } from '../post-box.ts';
import { cloneDatabase, openTestServer, signIn, until } from '../test-server.ts';

let url: string;
let server: Server;
let box: PostBox;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url });
  box = await openPostBox();
});
afterAll(async () => {
  await server.close();
  await box.close();
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
async function drover(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runDrover(args, {
    environment: { DATABASE_URL: url, ...environment },
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
const ok = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await drover(args);
  expect([code, err]).toEqual([0, '']);
  return out;
};
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const login = async (email: string, password: string): Promise<number> => (await post('/auth/login', { email, password })).status;
const kinds = async (): Promise<string[]> =>
  (
    await server.db.rows<{ kind: string }>({
      text: `select kind from security_events where device = 'cli' or details->'by'->>'id' = 'cli' order by seq`,
    })
  ).map(({ kind }) => kind);
const tokenIn = (out: string): string => /#([\w-]{43})/.exec(out)?.[1] ?? '';
const PASSWORD = 'seven stout steers';
const newcomer = ['--name', 'Ada Owner', '--role', 'admin', '--desk', 'desk-main', '--desk', 'west'];

describe('drover user', () => {
  test('invite makes the first administrator: a link, a password of the own choice, no default one', async () => {
    const out = await ok('user', 'invite', 'ada@company.example', ...newcomer);
    expect(out).toContain('/set-password#');
    expect(await ok('user', 'list')).toContain('ada@company.example\tAda Owner\tadmin\tdesk-main west\tinvited');
    expect(await login('ada@company.example', PASSWORD)).toBe(401);
    expect((await post('/auth/set-password', { token: tokenIn(out), password: PASSWORD })).status).toBe(200);
    expect(await login('ada@company.example', PASSWORD)).toBe(200);
    expect(await ok('user', 'list')).toContain('ada@company.example\tAda Owner\tadmin\tdesk-main west\n');
    expect(await drover(['user', 'invite', 'ada@company.example', ...newcomer])).toMatchObject({
      code: 2,
      err: expect.stringContaining('drover user reset ada@company.example') as string,
    });
    expect(await kinds()).toContain('invited');
  });

  test('invite sends a letter where the environment says how', async () => {
    const { code, out } = await drover(['user', 'invite', 'bo@company.example', ...newcomer], {
      DROVER_PUBLIC_URL: 'https://desk.example.com',
      DROVER_SMTP_URL: box.url,
      DROVER_MAIL_FROM: 'Drover <drover@example.com>',
    });
    expect([code, out]).toEqual([0, 'A letter was sent to bo@company.example.']);
    const letter = box.letters.at(-1);
    expect(letter ? linkIn(letter) : '').toMatch(/^https:\/\/desk\.example\.com\/set-password#/);
    await ok('user', 'withdraw', 'bo@company.example');
    expect(await ok('user', 'list')).not.toContain('bo@company.example');
    expect((await post('/auth/link', { token: tokenIn(letter ? linkIn(letter) : '') })).status).toBe(410);
    expect((await drover(['user', 'withdraw', 'ada@company.example'])).err).toContain('has come already');
  });

  test('disable closes an account at once, and enable opens it', async () => {
    const client = await signIn(server, 'field', 'field-1');
    expect(await ok('user', 'disable', 'field@drover.example', '--reason', 'left')).toContain('disabled');
    await until(async () => (await client.get('/me')).status === 401, 'the running server knows it');
    expect(await login('field@drover.example', 'drover-demo-2026')).toBe(401);
    await ok('user', 'enable', 'field@drover.example');
    expect(await login('field@drover.example', 'drover-demo-2026')).toBe(200);
    const rows = await server.db.rows({ text: `select details->>'reason' as why from security_events where kind = 'account_disabled'` });
    expect(rows).toEqual([{ why: 'left' }]);
  });

  test('somebody who may administer is always left', async () => {
    await ok('user', 'set', 'admin@drover.example', '--role', 'broker');
    for (const args of [
      ['set', 'ada@company.example', '--role', 'broker'],
      ['disable', 'ada@company.example'],
    ])
      expect(await drover(['user', ...args])).toMatchObject({
        code: 2,
        err: expect.stringContaining('Nobody who may administer') as string,
      });
    expect(await ok('user', 'list')).toContain('ada@company.example\tAda Owner\tadmin');
    await ok('user', 'set', 'admin@drover.example', '--role', 'admin');
  });

  test('reset prints a link for a new password', async () => {
    const out = await ok('user', 'reset', 'ada@company.example');
    expect((await post('/auth/set-password', { token: tokenIn(out), password: 'eight brown heifers' })).status).toBe(200);
    expect(await login('ada@company.example', PASSWORD)).toBe(401);
    expect(await login('ada@company.example', 'eight brown heifers')).toBe(200);
  });

  test('a database that no server has prepared is told apart', async () => {
    const empty = await cloneDatabase('template0');
    expect(await drover(['user', 'list'], { DATABASE_URL: empty })).toMatchObject({
      code: 2,
      err: expect.stringContaining('Start the sync server on it once') as string,
    });
  });
});

describe('drover session and device', () => {
  test('list who is signed in, and end one session or all of an account', async () => {
    const [one, two] = [await signIn(server, 'broker', 'one'), await signIn(server, 'broker', 'two')];
    const lines = (await ok('session', 'list', 'broker@drover.example')).split('\n');
    expect(lines).toHaveLength(2);
    const id = lines.find((line) => line.includes('(one)'))?.split('\t')[0] ?? '';
    await ok('session', 'revoke', id);
    await until(async () => (await one.get('/me')).status === 401, 'the first session has ended');
    expect((await two.get('/me')).status).toBe(200);
    expect((await drover(['session', 'revoke', id])).code).toBe(2);
    expect((await drover(['session', 'revoke'])).err).toContain('--user');
    await ok('session', 'revoke', '--user', 'broker@drover.example');
    await until(async () => (await two.get('/me')).status === 401, 'the second session has ended');
    expect(await ok('session', 'list', 'broker@drover.example')).toBe('');
    expect(await kinds()).toEqual(expect.arrayContaining(['session_ended', 'signed_out_everywhere']));
  });

  test('a revoked device is told to remove everything', async () => {
    const client = await signIn(server, 'accounting', 'lost');
    expect(await ok('device', 'list', 'accounting@drover.example')).toContain('lost\tUnnamed device');
    await ok('device', 'revoke', 'accounting@drover.example', 'lost');
    await until(async () => (await client.get('/me')).status === 401, 'the session has ended');
    expect(await (await client.get('/me')).json()).toMatchObject({ code: 'device_revoked', device: 'lost' });
    expect(await ok('device', 'list', 'accounting@drover.example')).toContain('revoked');
    expect((await drover(['device', 'revoke', 'accounting@drover.example', 'lost'])).code).toBe(2);
  });
});

describe('drover key', () => {
  test('create prints a key once, list tells of it, revoke ends it', async () => {
    const key = await ok('key', 'create', 'broker@drover.example', '--name', 'Price list', '--may', 'parties:read', '--days', '10');
    expect(key).toMatch(/^drk_[a-z0-9]{12}_[\w-]{43}$/);
    const me = (): Promise<Response> => fetch(`${server.url}/me`, { headers: { authorization: `Bearer ${key}` } });
    expect((await (await me()).json()) as LoginAnswer['user']).toMatchObject({ email: 'broker@drover.example' });
    const line = await ok('key', 'list');
    const [id = '', email, name, permissions] = line.split('\t');
    expect([email, name, permissions]).toEqual(['broker@drover.example', 'Price list', 'parties:read']);
    expect(key).toContain(id);
    expect(line).not.toContain(key.slice(20));
    await ok('key', 'revoke', id);
    expect((await me()).status).toBe(401);
    expect(await ok('key', 'list', 'broker@drover.example')).toContain('\trevoked\t');
  });

  test.each([
    [['create', 'broker@drover.example', '--name', 'x', '--may', 'users:delete'], /itself may not do "users:delete"/],
    [['create', 'broker@drover.example', '--name', 'x', '--may', 'parties:read', '--days', '900'], /from 1 to 366/],
    [['revoke', 'nothing'], /There is no key nothing/],
  ])('%j is refused with a way out', async (args, words) => {
    const { code, err } = await drover(['key', ...args]);
    expect(code).toBe(2);
    expect(err).toMatch(words);
  });
});
