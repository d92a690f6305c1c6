import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../../sync-server/server.ts';
import { type Lie, SoftAuthenticator } from '../soft-authenticator.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { cloneDatabase, openTestServer, signIn } from '../test-server.ts';
import { type Answered, postTo } from '../answered.ts';

const PUBLIC_URL = 'https://desk.example.com';
let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let server: Server;
let bare: Server;
beforeAll(async () => {
  const shared = { databaseUrl: await cloneDatabase(), nouns: syntheticNouns, now: () => new Date(clock) };
  server = await openTestServer({ ...shared, publicUrl: PUBLIC_URL });
  bare = await openTestServer(shared);
});
afterAll(async () => {
  await server.close();
  await bare.close();
});

const post = (path: string, body: unknown, headers?: Record<string, string>, at: Server = server): Promise<Answered> =>
  postTo(at, path, body, headers);
const challengeIn = ({ body }: Answered): { challenge: string } => ({ challenge: String(body['challenge']) });

async function register(who: string, lie: Lie = {}): Promise<{ key: SoftAuthenticator; answer: Answered }> {
  const client = await signIn(server, who);
  const key = new SoftAuthenticator(PUBLIC_URL);
  const options = challengeIn(await post('/auth/passkeys/begin', {}, client.headers));
  return { key, answer: await post('/auth/passkeys/finish', { response: key.register(options, lie), name: 'Laptop' }, client.headers) };
}
async function enter(key: SoftAuthenticator, lie: Lie = {}): Promise<Answered> {
  const options = challengeIn(await post('/auth/passkey/begin', {}));
  return post('/auth/passkey/finish', { response: key.answer(options, lie) });
}

describe('a passkey', () => {
  test('signs its owner in, without a name or a password, and is listed', async () => {
    const { key, answer } = await register('broker');
    expect(answer).toEqual({ status: 200, body: { done: true } });
    const { status, body } = await enter(key);
    expect(status).toBe(200);
    expect(body['user']).toMatchObject({ email: 'broker@drover.example' });
    const security = await fetch(`${server.url}/auth/security`, { headers: { authorization: `Bearer ${String(body['accessToken'])}` } });
    expect(await security.json()).toMatchObject({ passkeys: [{ name: 'Laptop', usedAt: expect.stringContaining('2026') as unknown }] });
    expect((await enter(key)).status).toBe(200);
  });

  test.each<[string, Lie]>([
    ['from another page', { origin: 'https://desk.example.com.evil.example' }],
    ['for another name', { rpId: 'evil.example' }],
    ['whose person was not asked', { verified: false }],
    ['to a question that nobody asked', { challenge: Buffer.from('nobody asked').toString('base64url') }],
    ['of a key that was copied, and counts lower', { counter: 1 }],
  ])('an answer %s is refused', async (_what, lie) => {
    const { key } = await register('field');
    expect((await enter(key)).status).toBe(200);
    expect(await enter(key, lie)).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    expect((await enter(key)).status).toBe(200);
  });

  test.each<[string, Lie]>([
    ['from another page', { origin: 'https://evil.example' }],
    ['whose person was not asked', { verified: false }],
    ['to a question that nobody asked', { challenge: Buffer.from('nobody asked').toString('base64url') }],
  ])('a new one %s is not taken', async (_what, lie) => {
    expect((await register('field', lie)).answer).toMatchObject({ status: 422, body: { code: 'passkey_refused' } });
  });

  test('an answer is taken once, and in time', async () => {
    const { key } = await register('accounting');
    const options = challengeIn(await post('/auth/passkey/begin', {}));
    const response = key.answer(options);
    expect((await post('/auth/passkey/finish', { response })).status).toBe(200);
    expect((await post('/auth/passkey/finish', { response })).status).toBe(401);
    const late = challengeIn(await post('/auth/passkey/begin', {}));
    clock += 5 * 60_000 + 1;
    expect((await post('/auth/passkey/finish', { response: key.answer(late) })).status).toBe(401);
  });

  test("a question for one account's new passkey is not another's", async () => {
    const [one, two] = [await signIn(server, 'broker'), await signIn(server, 'field')];
    const options = challengeIn(await post('/auth/passkeys/begin', {}, one.headers));
    const response = new SoftAuthenticator(PUBLIC_URL).register(options);
    expect((await post('/auth/passkeys/finish', { response, name: 'X' }, two.headers)).status).toBe(422);
  });

  test('opens nothing when it was removed, or its account was disabled; only its owner removes it', async () => {
    const { key } = await register('admin');
    const owner = await signIn(server, 'admin');
    const stranger = await signIn(server, 'broker');
    const security = (await (await owner.get('/auth/security')).json()) as { passkeys: { id: string }[] };
    const id = security.passkeys[0]?.id;
    expect((await post('/auth/passkeys/remove', { id }, stranger.headers)).status).toBe(404);
    await server.db.rows({ text: `update accounts set disabled_at = now() where email = 'admin@drover.example'` });
    expect((await enter(key)).status).toBe(401);
    await server.db.rows({ text: 'update accounts set disabled_at = null' });
    expect((await enter(key)).status).toBe(200);
    const anew = await signIn(server, 'admin');
    expect((await post('/auth/passkeys/remove', { id }, anew.headers)).status).toBe(200);
    expect((await enter(key)).status).toBe(401);
  });

  test('nonsense is refused, not a failure', async () => {
    for (const response of [
      { id: 'x' },
      { id: 'x', response: {} },
      { id: 'x', rawId: 'x', type: 'public-key', response: { clientDataJSON: 'e30' } },
    ]) {
      expect((await post('/auth/passkey/finish', { response })).status).toBe(401);
      const client = await signIn(server, 'broker');
      expect((await post('/auth/passkeys/finish', { response, name: 'X' }, client.headers)).status).toBe(422);
    }
  });

  test('there are none where the server does not know its own name', async () => {
    expect(await (await fetch(`${bare.url}/auth/ways`)).json()).toMatchObject({ passkeys: false });
    expect((await post('/auth/passkey/begin', {}, {}, bare)).status).toBe(404);
  });
});
