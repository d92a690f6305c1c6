/** Somebody without an account, or with a stolen piece of somebody's session, tries to come in. */
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_PASSWORD } from '../../sync-server/db/demo-accounts.ts';
import { openLog } from '../../sync-server/log.ts';
import { startServer } from '../../sync-server/server.ts';
import { cloneDatabase, signIn } from '../sync-server/test-server.ts';
import { type Company, last, openCompany } from './company.ts';

let company: Company;
/** Moves only when told. */
let clock = new Date();
beforeAll(async () => {
  company = await openCompany({ now: () => clock });
});
afterAll(() => company.close());

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const me = (token: string) => company.ask('/me', { headers: { authorization: `Bearer ${token}` } });
const login = (email: string, password: string, headers: Record<string, string> = {}) =>
  company.ask('/auth/login', { method: 'POST', payload: { email, password }, headers });
const refresh = (refreshToken: string, device: string) =>
  company.ask('/auth/refresh', {
    method: 'POST',
    payload: { refreshToken, next: randomBytes(32).toString('base64url') },
    headers: { 'x-drover-device': device },
  });

describe('forged tokens', () => {
  test('unsigned, signed with another key, with the public key as a secret, or with changed claims', async () => {
    const real = company.broker.login.accessToken;
    const [head = '', body = '', signature = ''] = real.split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const raised = base64({ ...claims, sub: company.admin.login.user.id, role: 'admin' });
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const hs = (h: object, key: string | Buffer): string => {
      const text = `${base64(h)}.${raised}`;
      return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    };
    const grantKey = company.broker.login.grant.key;
    const forged = [
      `${base64({ alg: 'none' })}.${raised}.`,
      `${base64({ alg: 'None', kid: header.kid })}.${raised}.${signature}`,
      `${head}.${raised}.${signature}`,
      `${head}.${body}.${signature.slice(0, -2)}`,
      `${head}.${body}.`,
      hs({ alg: 'HS256', kid: header.kid }, ''),
      hs({ alg: 'HS256', kid: header.kid }, 'secret'),
      hs({ alg: 'HS256', kid: header.kid }, publicKey.export({ type: 'spki', format: 'pem' }).toString()),
      hs({ alg: 'HS256', kid: header.kid }, JSON.stringify(grantKey)),
      hs({ alg: 'HS256', kid: '../../../dev/null' }, ''),
      hs({ alg: 'HS256', kid: "x' or '1'='1" }, ''),
      hs({ alg: 'HS256', kid: header.kid, jku: 'https://evil.example/keys', x5u: 'https://evil.example' }, 'x'),
      await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: header.kid }).sign(privateKey),
      // The word for working offline is no key to the server.
      company.broker.login.grant.token,
    ];
    for (const token of forged) expect([token.slice(0, 60), (await me(token)).status]).toEqual([token.slice(0, 60), 401]);
    expect((await me(real)).status).toBe(200);
  });

  test('a token of another server, of a disabled account, of an ended session, after its time', async () => {
    const other = await startServer({ databaseUrl: await cloneDatabase(), port: 0, log: openLog('silent') });
    const stranger = await signIn(other, 'admin');
    await other.close();
    expect((await me(stranger.login.accessToken)).code).toBe('token_invalid');

    const gone = await signIn(company.server, 'field', 'gone');
    await company.ask('/auth/logout', { method: 'POST', payload: { refreshToken: gone.login.refreshToken } });
    expect((await me(gone.login.accessToken)).code).toBe('session_ended');
    expect((await refresh(gone.login.refreshToken, 'gone')).status).toBe(401);

    const late = await signIn(company.server, 'field', 'late');
    const before = clock;
    clock = new Date(clock.getTime() + 15 * 60_000 + 1000);
    expect((await me(late.login.accessToken)).code).toBe('token_invalid');
    clock = new Date(before.getTime() + 400 * 86_400_000);
    expect((await refresh(late.login.refreshToken, 'late')).status).toBe(401);
    clock = before;
  });

  test('a token is taken from its header and nowhere else', async () => {
    const { accessToken } = company.broker.login;
    for (const how of [
      { headers: { cookie: `token=${accessToken}; session=${accessToken}` } },
      { headers: { authorization: `Basic ${accessToken}` } },
      { headers: { authorization: accessToken } },
      { headers: { 'x-authorization': `Bearer ${accessToken}`, 'x-access-token': accessToken } },
      { headers: { authorization: `Bearer ${accessToken}, Bearer ${accessToken}` } },
    ])
      expect((await company.ask('/me', how)).status).toBe(401);
    for (const name of ['token', 'access_token', 'authorization', 'key'])
      expect((await company.ask(`/me?${name}=${accessToken}`)).status).toBe(401);
  });
});

describe('stolen refresh tokens', () => {
  test('a used one ends the session of thief and owner, and is audited', async () => {
    const victim = await signIn(company.server, 'broker', 'laptop');
    const since = await last(company);
    const first = await refresh(victim.login.refreshToken, 'laptop');
    expect(first.status).toBe(200);
    const next = (JSON.parse(first.body) as { refreshToken: string }).refreshToken;
    expect((await refresh(victim.login.refreshToken, 'laptop')).status).toBe(401);
    expect((await refresh(next, 'laptop')).status).toBe(401);
    expect((await me(victim.login.accessToken)).code).toBe('session_ended');
    expect((await company.events(since)).map(({ kind }) => kind)).toContain('refresh_reused');
  });

  test('an unused one on another device ends the session before it gives anything', async () => {
    const victim = await signIn(company.server, 'broker', 'desktop');
    const since = await last(company);
    expect((await refresh(victim.login.refreshToken, 'elsewhere')).code).toBe('refresh_invalid');
    expect((await refresh(victim.login.refreshToken, 'desktop')).status).toBe(401);
    expect(await company.events(since)).toMatchObject([{ kind: 'refresh_reused', details: { from: 'elsewhere' } }]);
  });

  test('a revoked device gets nothing more from any token of its, nor by its password', async () => {
    const lost = await signIn(company.server, 'accounting', 'lost');
    const kept = await signIn(company.server, 'accounting', 'kept');
    const revoked = await company.ask('/auth/devices/revoke', { method: 'POST', headers: kept.headers, payload: { device: 'lost' } });
    expect(revoked.status).toBe(200);
    for (const answer of [
      await me(lost.login.accessToken),
      await refresh(lost.login.refreshToken, 'lost'),
      await login('accounting@drover.example', DEMO_PASSWORD, { 'x-drover-device': 'lost' }),
    ])
      expect([answer.status, answer.code]).toEqual([401, 'device_revoked']);
  });
});

describe('guessing', () => {
  test('a password: after ten the account waits, in whatever spelling, from whatever device, and the block is audited', async () => {
    const since = await last(company);
    const codes: string[] = [];
    for (let i = 0; i < 14; i += 1) {
      const email = ['field@drover.example', 'FIELD@drover.example', ' field@drover.example '][i % 3] ?? '';
      codes.push((await login(email, `guess-${i}`, { 'x-drover-device': `fresh-${i}` })).code);
    }
    expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'wrong_credentials'));
    expect(codes.slice(10)).toEqual(['too_many_attempts', 'too_many_attempts', 'too_many_attempts', 'too_many_attempts']);
    // The right one does not open it either, from a device that nobody knows; the owner's own device does.
    expect((await login('field@drover.example', DEMO_PASSWORD, { 'x-drover-device': 'unknown' })).status).toBe(429);
    expect((await login('field@drover.example', DEMO_PASSWORD, { 'x-drover-device': 'field-device' })).status).toBe(200);
    const kinds = (await company.events(since)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'sign_in_failed')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'sign_in_blocked')).toHaveLength(1);
  });

  test('an address: unknown and known ones are answered alike, by every way that asks for one', async () => {
    const plain = ({ status, body }: { status: number; body: string }): unknown => [status, body.replaceAll(/urn:uuid:[0-9a-f-]+/g, '')];
    for (const [url, rest] of [
      ['/auth/login', { password: 'wrong-wrong-wrong' }],
      ['/auth/reset-request', {}],
    ] as const) {
      const of = (email: string) => company.ask(url, { method: 'POST', payload: { email, ...rest } });
      expect([url, plain(await of('broker@drover.example'))]).toEqual([url, plain(await of('nobody@nowhere.example'))]);
    }
  });

  test('tokens of links, tickets and keys: nothing that is guessed is anything', async () => {
    const guesses = [
      '',
      'x',
      '0',
      'null',
      'undefined',
      '*',
      '%',
      "' or 1=1 --",
      '../admin',
      'a'.repeat(43),
      randomBytes(32).toString('base64url'),
    ];
    for (const token of guesses) {
      for (const [url, payload] of [
        ['/auth/link', { token }],
        ['/auth/set-password', { token, password: 'correct horse battery staple' }],
        ['/auth/second', { ticket: token, code: '000000' }],
        ['/auth/refresh', { refreshToken: token }],
      ] as const)
        await company.refused(url, { method: 'POST', payload });
      for (const key of [`drk_${token}`, `drk_abcdefghjkmn_${token}`, `drk_abcdefghjkmn_${'a'.repeat(43)}`])
        expect((await company.ask('/me', { headers: { authorization: `Bearer ${key}` } })).status).toBe(401);
    }
  });
});
