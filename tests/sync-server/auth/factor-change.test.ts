import { generate } from 'otplib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DEMO_PASSWORD } from '../../../sync-server/db/demo-accounts.ts';
import type { Server } from '../../../sync-server/server.ts';
import { entries, post, read } from '../admin/admin-kit.ts';
import { type PostBox, openPostBox } from '../post-box.ts';
import { SoftAuthenticator } from '../soft-authenticator.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, openTestServer, signIn, until } from '../test-server.ts';

const PUBLIC_URL = 'https://desk.example.com';
let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let box: PostBox;
let server: Server;
let here: Client;
let elsewhere: Client;
beforeAll(async () => {
  box = await openPostBox();
  const mail = { smtpUrl: box.url, from: 'Drover <drover@example.com>' };
  server = await openTestServer({ nouns: syntheticNouns, now: () => new Date(clock), publicUrl: PUBLIC_URL, mail });
});
afterAll(async () => {
  await server.close();
  await box.close();
});
beforeEach(() => {
  box.letters.length = 0;
  clock += 60_000;
});

const bothSignIn = async (who: string): Promise<void> => {
  elsewhere = await signIn(server, who, 'elsewhere');
  here = await signIn(server, who, 'here');
};
/** The other session is out, this one stays, the entry says so, and its owner has a letter that says `what`. */
async function expectTold(kind: string, what: string): Promise<void> {
  expect(await (await elsewhere.get('/me')).json()).toMatchObject({ code: 'session_ended' });
  expect((await here.get('/me')).status).toBe(200);
  expect((await entries(server, kind)).at(-1)).toMatchObject({ who: here.login.user.name, details: { ended: 1 } });
  await until(() => box.letters.length === 1, 'the letter');
  const [letter] = box.letters;
  expect(letter?.to).toEqual([here.login.user.email]);
  expect(letter?.text).toContain(what);
  expect(letter?.text).toContain('on 20 November 2026');
  expect(letter?.text).toContain('If it was not you, tell your administrator at once');
  expect(letter?.text).not.toMatch(/http|[\w-]{20}/);
}

test('whoever adds an authenticator app, makes new codes for it or removes it ends the other sessions and gets a letter', async () => {
  await bothSignIn('broker');
  const { body } = await post(here, '/auth/totp/begin', {});
  const secret = String(body['secret']);
  expect((await post(here, '/auth/totp/confirm', { code: '000000' })).status).toBe(422);
  expect((await elsewhere.get('/me')).status).toBe(200);
  const code = (): Promise<string> => generate({ secret, epoch: Math.floor(clock / 1000) });
  expect((await post(here, '/auth/totp/confirm', { code: await code() })).status).toBe(200);
  await expectTold('totp_enabled', 'An authenticator app was added');

  const again = async (): Promise<Client> => {
    box.letters.length = 0;
    clock += 60_000;
    const asked = { email: 'broker@drover.example', password: DEMO_PASSWORD };
    const there = { url: server.url, headers: { 'content-type': 'application/json', 'x-drover-device': 'elsewhere' } };
    const { body: first } = await post(there, '/auth/login', asked);
    const { body: second } = await post(there, '/auth/second', { ticket: first['ticket'], code: await code() });
    const headers = { ...there.headers, authorization: `Bearer ${String(second['accessToken'])}` };
    return { ...here, headers, get: (path) => fetch(server.url + path, { headers }) };
  };
  elsewhere = await again();
  expect((await post(here, '/auth/totp/codes', {})).status).toBe(200);
  await expectTold('recovery_codes_renewed', 'New recovery codes were made');
  elsewhere = await again();
  expect((await post(here, '/auth/totp/remove', {})).status).toBe(200);
  await expectTold('totp_disabled', 'The authenticator app was removed');
});

test('so does a passkey that is added or removed; one that was refused, or is somebody else’s, ends nothing', async () => {
  await bothSignIn('accounting');
  const key = new SoftAuthenticator(PUBLIC_URL);
  const add = async (client: Client): Promise<number> => {
    const { body } = await post(client, '/auth/passkeys/begin', {});
    const response = key.register({ challenge: String(body['challenge']) });
    return (await post(client, '/auth/passkeys/finish', { response, name: 'Laptop' })).status;
  };
  expect(await add(here)).toBe(200);
  await expectTold('passkey_added', 'A passkey was added');
  box.letters.length = 0;
  elsewhere = await signIn(server, 'accounting', 'elsewhere');
  // The same credential once more: an answer that no honest browser gives.
  expect(await add(here)).toBe(422);
  const { passkeys } = await read<{ passkeys: readonly { id: string }[] }>(here, '/auth/security');
  expect(passkeys).toHaveLength(1);
  const id = passkeys[0]?.id;
  expect((await post(await signIn(server, 'broker'), '/auth/passkeys/remove', { id })).status).toBe(404);
  expect((await elsewhere.get('/me')).status).toBe(200);
  expect((await post(here, '/auth/passkeys/remove', { id })).status).toBe(200);
  await expectTold('passkey_removed', 'A passkey was removed');
});

test('a password that its owner changes is told by a letter too', async () => {
  await bothSignIn('field');
  expect((await post(here, '/auth/password', { current: 'not this one', next: 'seven stout steers' })).status).toBe(403);
  expect((await post(here, '/auth/password', { current: DEMO_PASSWORD, next: 'seven stout steers' })).status).toBe(200);
  await expectTold('password_changed', 'The password of your Drover account was changed');
});
