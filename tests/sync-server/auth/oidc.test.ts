import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { oidcSettingsFrom } from '../../../sync-server/auth/oidc.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type IdentityProvider, openIdentityProvider } from '../identity-provider.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { cloneDatabase, openTestServer } from '../test-server.ts';

const PUBLIC_URL = 'https://desk.example.com';
const CALLBACK = `${PUBLIC_URL}/auth/oidc/callback`;
const DAY_MS = 86_400_000;
let clock = Date.now();
let provider: IdentityProvider;
let server: Server;
/** Asks the provider for two factors, and believes nothing less. */
let strict: Server;
beforeAll(async () => {
  provider = await openIdentityProvider(CALLBACK);
  const { issuer, clientId, clientSecret } = provider;
  const shared = { databaseUrl: await cloneDatabase(), nouns: syntheticNouns, now: () => new Date(clock), publicUrl: PUBLIC_URL };
  const oidc = { issuer, clientId, clientSecret, name: 'Example Co' };
  server = await openTestServer({ ...shared, oidc });
  strict = await openTestServer({ ...shared, oidc: { ...oidc, acr: ['mfa', 'phr'] } });
});
afterAll(async () => {
  await server.close();
  await strict.close();
  await provider.close();
});
beforeEach(() => {
  provider.person = { sub: 'blair', email: 'broker@drover.example', verified: true };
});

interface Flow {
  readonly secret: string;
  readonly challenge: string;
}
function newFlow(): Flow {
  const secret = randomBytes(32).toString('base64url');
  return { secret, challenge: createHash('sha256').update(secret).digest('base64url') };
}
/** Follows redirects as a browser does, with cookies, up to the first address that is not the provider's. */
async function browse(address: string): Promise<URL> {
  const jar = new Map<string, string>();
  for (let url = address, steps = 0; steps < 20; steps += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    const next = new URL(location, url);
    if (next.origin !== new URL(provider.issuer).origin) return next;
    url = next.href;
  }
  throw new Error('the redirects never end');
}
const start = (challenge: string, place = '', at = server): Promise<Response> =>
  fetch(`${at.url}/auth/oidc/start?${new URLSearchParams({ challenge, ...(place === '' ? {} : { return: place }) }).toString()}`, {
    redirect: 'manual',
  });
/** From the start page to where the provider sends the browser: our callback, whose public name leads to this server. */
async function throughProvider(flow: Flow, place = '', at = server): Promise<URL> {
  const started = await start(flow.challenge, place, at);
  expect(started.status).toBe(302);
  const callback = await browse(started.headers.get('location') ?? '');
  expect(callback.href.startsWith(`${CALLBACK}?`)).toBe(true);
  return callback;
}
async function call(callback: URL, at = server): Promise<URL> {
  const response = await fetch(at.url + callback.pathname + callback.search, { redirect: 'manual' });
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '');
}
const answerIn = (url: URL): URLSearchParams => new URLSearchParams(url.hash.slice(1));
async function finish(ticket: string, secret: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.url}/auth/oidc/finish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket, secret }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
async function signIn(): Promise<{ status: number; body: Record<string, unknown> }> {
  const flow = newFlow();
  const back = await call(await throughProvider(flow));
  return finish(answerIn(back).get('ticket') ?? '', flow.secret);
}

describe('signing in through another system', () => {
  test('opens a session for whoever was invited, matched by a verified address, afterwards by the subject', async () => {
    const first = await signIn();
    expect(first.status).toBe(200);
    expect(first.body['user']).toMatchObject({ email: 'broker@drover.example', name: 'Blair Broker' });
    provider.person = { sub: 'blair', email: 'married@elsewhere.example', verified: false };
    expect((await signIn()).body['user']).toMatchObject({ email: 'broker@drover.example' });
    const events = await server.db.rows({ text: `select account_name from security_events where kind = 'identity_linked'` });
    expect(events).toEqual([{ account_name: 'Blair Broker' }]);
  });

  test('is as strong as the company asks for, by the word of the provider, whatever it was asked', async () => {
    const asked = new URL((await start(newFlow().challenge, '', strict)).headers.get('location') ?? '');
    expect(asked.searchParams.get('acr_values')).toBe('mfa phr');
    const answered = async (acr?: string) => {
      provider.person = { sub: 'kim', email: 'field@drover.example', verified: true, ...(acr === undefined ? {} : { acr }) };
      return answerIn(await call(await throughProvider(newFlow(), '', strict), strict));
    };
    expect([(await answered('pwd')).get('problem'), (await answered()).get('problem')]).toEqual(['too_weak_there', 'too_weak_there']);
    const [linked] = await server.db.rows({ text: `select count(*)::int as links from external_identities where subject = 'kim'` });
    expect(linked).toEqual({ links: 0 });
    expect((await answered('mfa')).get('ticket')).not.toBeNull();
    const failed = await server.db.rows<{ details: unknown }>({
      text: `select details from security_events where kind = 'sign_in_failed'`,
    });
    expect(failed.filter(({ details }) => JSON.stringify(details).includes('too_weak_there'))).toHaveLength(2);
  });

  test.each([
    ['was not invited', { sub: 'stranger', email: 'stranger@drover.example', verified: true }],
    ['has an address that nobody verified', { sub: 'mallory', email: 'admin@drover.example', verified: false }],
    ['is somebody else there with the address of a linked account', { sub: 'blair-2', email: 'broker@drover.example', verified: true }],
  ])('keeps out whoever %s', async (_who, person) => {
    provider.person = person;
    const back = await call(await throughProvider(newFlow()));
    expect(back.origin + back.pathname).toBe(`${PUBLIC_URL}/signed-in`);
    expect(answerIn(back).get('problem')).toBe('not_invited');
    expect(answerIn(back).get('ticket')).toBeNull();
  });

  test('keeps out a disabled account, also one that is linked', async () => {
    await signIn();
    await server.db.rows({ text: `update accounts set disabled_at = now() where email = 'broker@drover.example'` });
    expect(answerIn(await call(await throughProvider(newFlow()))).get('problem')).toBe('not_invited');
    await server.db.rows({ text: 'update accounts set disabled_at = null' });
  });

  test('says so when the person went back', async () => {
    provider.person = undefined;
    expect(answerIn(await call(await throughProvider(newFlow()))).get('problem')).toBe('refused_there');
  });

  test('a ticket opens one session, for the window that began, within two minutes', async () => {
    const flow = newFlow();
    const ticket = answerIn(await call(await throughProvider(flow))).get('ticket') ?? '';
    expect((await finish(ticket, newFlow().secret)).status).toBe(401);
    // The wrong secret used it up.
    expect((await finish(ticket, flow.secret)).status).toBe(401);
    const late = newFlow();
    const second = answerIn(await call(await throughProvider(late))).get('ticket') ?? '';
    clock += 2 * 60_000 + 1;
    expect((await finish(second, late.secret)).status).toBe(401);
    clock -= 2 * 60_000 + 1;
  });

  test('an answer of the provider is taken once, and only for a flow that was begun', async () => {
    const callback = await throughProvider(newFlow());
    expect(answerIn(await call(callback)).get('ticket')).not.toBeNull();
    expect(answerIn(await call(callback)).get('problem')).toBe('flow_ended');
    const forged = new URL(callback);
    forged.searchParams.set('state', randomBytes(32).toString('base64url'));
    expect(answerIn(await call(forged)).get('problem')).toBe('flow_ended');
  });

  test("a code of another flow is refused: it was given for the other one's PKCE", async () => {
    const [mine, theirs] = [await throughProvider(newFlow()), await throughProvider(newFlow())];
    const mixed = new URL(mine);
    mixed.searchParams.set('code', theirs.searchParams.get('code') ?? '');
    expect(answerIn(await call(mixed)).get('problem')).toBe('refused_there');
  });

  test('comes back to a listener on the loopback address, in the query', async () => {
    const flow = newFlow();
    const back = await call(await throughProvider(flow, 'http://127.0.0.1:43210/signed-in'));
    expect(back.origin + back.pathname).toBe('http://127.0.0.1:43210/signed-in');
    expect((await finish(back.searchParams.get('ticket') ?? '', flow.secret)).status).toBe(200);
  });

  test.each([
    'https://evil.example/signed-in',
    'http://127.0.0.1:43210@evil.example/signed-in',
    'http://127.0.0.1.evil.example:80/signed-in',
    'http://localhost:43210/signed-in',
    'http://127.0.0.1:43210/elsewhere',
    'http://127.0.0.1:99999/signed-in',
    'http://127.0.0.1:43210/signed-in?next=https://evil.example',
    '//evil.example/signed-in',
    'javascript:alert(1)',
  ])('never sends anybody to %s', async (place) => {
    const response = await start(newFlow().challenge, place);
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  test('sends its own address to the provider, whatever the request calls its host', async () => {
    const { challenge } = newFlow();
    const response = await fetch(`${server.url}/auth/oidc/start?challenge=${challenge}`, {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    });
    const sent = new URL(response.headers.get('location') ?? '');
    expect(sent.searchParams.get('redirect_uri')).toBe(CALLBACK);
    expect(sent.searchParams.get('code_challenge_method')).toBe('S256');
    expect(sent.searchParams.get('nonce')).not.toBeNull();
  });

  test('is asked for again when the days of a session are over, however often it was renewed', async () => {
    const { body } = await signIn();
    const begun = clock;
    const renew = async (refreshToken: unknown) => {
      const response = await fetch(`${server.url}/auth/refresh`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    let { refreshToken } = body;
    for (const day of [20, 40, 60, 80, 89.9]) {
      clock = begun + day * DAY_MS;
      const renewed = await renew(refreshToken);
      expect([day, renewed.status]).toEqual([day, 200]);
      ({ refreshToken } = renewed.body);
    }
    clock = begun + 90 * DAY_MS;
    expect((await renew(refreshToken)).status).toBe(401);
    expect((await signIn()).status).toBe(200);
    clock = begun;
  });

  test('is offered by its name', async () => {
    expect(await (await fetch(`${server.url}/auth/ways`)).json()).toMatchObject({ oidc: 'Example Co' });
  });
});

test.each([
  [{ DROVER_OIDC_ISSUER: 'https://id.example.com' }, 'belong together'],
  [{ DROVER_OIDC_ISSUER: 'http://id.example.com', DROVER_OIDC_CLIENT_ID: 'a', DROVER_OIDC_CLIENT_SECRET: 'b' }, 'https://'],
  [{ DROVER_OIDC_ISSUER: 'id', DROVER_OIDC_CLIENT_ID: 'a', DROVER_OIDC_CLIENT_SECRET: 'hunter2' }, 'https://'],
])('the settings %j are refused in words', (environment, words) => {
  expect(() => oidcSettingsFrom(environment)).toThrow(words);
  expect(() => oidcSettingsFrom(environment)).not.toThrow('hunter2');
});
