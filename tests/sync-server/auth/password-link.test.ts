import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Server } from '../../../sync-server/server.ts';
import { type PostBox, linkIn, openPostBox } from '../post-box.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, cloneDatabase, openTestServer, signIn, until } from '../test-server.ts';

const PUBLIC_URL = 'https://desk.example.com';
let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let box: PostBox;
let databaseUrl: string;
let server: Server;
let bare: Server;
let admin: Client;
beforeAll(async () => {
  box = await openPostBox();
  databaseUrl = await cloneDatabase();
  const shared = { databaseUrl, nouns: syntheticNouns, now: () => new Date(clock) };
  server = await openTestServer({ ...shared, publicUrl: PUBLIC_URL, mail: { smtpUrl: box.url, from: 'Drover <drover@example.com>' } });
  bare = await openTestServer(shared);
  admin = await signIn(server, 'admin');
});
afterAll(async () => {
  await server.close();
  await bare.close();
  await box.close();
});
beforeEach(() => {
  box.letters.length = 0;
  box.refuse(false);
});

async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  at: Server = server,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(at.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const person = (email: string) => ({ email, name: 'Nora Newcomer', role: 'broker', deskId: 'desk-main' });
const inviting = (email: string, at?: Server) => post('/auth/invitations', person(email), admin.headers, at);
const tokenOf = (link: unknown): string => String(link).split('#')[1] ?? '';
const choose = (token: string, password: string) => post('/auth/set-password', { token, password });
const login = async (email: string, password: string): Promise<number> => (await post('/auth/login', { email, password })).status;
const GOOD = 'seven stout steers';

describe('an invitation', () => {
  test('comes by mail, tells its owner what it is for, and its link makes the password, once', async () => {
    expect(await inviting('Nora@Drover.example')).toEqual({ status: 200, body: { id: expect.stringMatching(/^[\w-]{36}$/) as unknown } });
    const [letter] = box.letters;
    expect(letter?.to).toEqual(['Nora@drover.example']);
    expect(letter?.headers).toContain('Subject: Your Drover account');
    expect(letter?.text).toContain('Avery Admin');
    const link = letter ? linkIn(letter) : '';
    expect(link).toMatch(/^https:\/\/desk\.example\.com\/set-password#[\w-]{43}$/);
    const token = tokenOf(link);
    expect(await post('/auth/link', { token })).toEqual({
      status: 200,
      body: { purpose: 'invitation', email: 'Nora@Drover.example', name: 'Nora Newcomer' },
    });
    expect(await login('nora@drover.example', GOOD)).toBe(401);
    expect(await choose(token, 'nora newcomer')).toMatchObject({ status: 422, body: { code: 'password_own_words', field: 'password' } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => choose(token, GOOD)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410, 410, 410, 410]);
    expect(await login('nora@drover.example', GOOD)).toBe(200);
    expect((await post('/auth/link', { token })).body['code']).toBe('dead_link');
    const rows = await server.db.rows({ text: 'select * from one_time_tokens' });
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test('ends after seven days, and when another one is sent', async () => {
    await inviting('late@drover.example');
    await inviting('late@drover.example');
    const [first, second] = box.letters.map((letter) => tokenOf(linkIn(letter)));
    expect((await post('/auth/link', { token: first })).status).toBe(410);
    expect((await post('/auth/link', { token: second })).status).toBe(200);
    clock += 7 * 86_400_000 + 1;
    expect((await choose(second ?? '', GOOD)).status).toBe(410);
    admin = await signIn(server, 'admin');
  });

  test('is refused for an address that has an account, for a role that does not exist, and to whoever is no administrator', async () => {
    expect(await inviting('broker@drover.example')).toMatchObject({ status: 409, body: { code: 'account_exists' } });
    expect(await post('/auth/invitations', { ...person('x@drover.example'), role: 'emperor' }, admin.headers)).toMatchObject({
      status: 422,
      body: { code: 'unknown_role' },
    });
    const broker = await signIn(server, 'broker');
    expect((await post('/auth/invitations', { ...person('x@drover.example'), role: 'admin' }, broker.headers)).status).toBe(403);
    expect((await post('/auth/invitations', person('x@drover.example'))).status).toBe(401);
    for (const email of ['no address', 'a@b\r\nBcc: c@d.e', 'a@b,c@d.e', '<a@b>'])
      expect((await post('/auth/invitations', person(email), admin.headers)).status).toBe(400);
    expect(box.letters).toEqual([]);
  });

  test('is handed to the inviter where no letter can be sent', async () => {
    expect((await inviting('by-hand@drover.example', bare)).body['link']).toMatch(/^\/set-password#[\w-]{43}$/);
    box.refuse(true);
    const { status, body } = await inviting('undelivered@drover.example');
    expect(status).toBe(200);
    expect((await choose(tokenOf(body['link']), GOOD)).status).toBe(200);
  });

  test('names nobody but whom it was made for, whatever a name is made of', async () => {
    await post('/auth/invitations', { ...person('odd@drover.example'), name: 'Eve\r\nBcc: all@drover.example\u202e' }, admin.headers);
    expect(box.letters[0]?.to).toEqual(['odd@drover.example']);
    expect(box.letters[0]?.text).toContain('EveBcc: all@drover.example,');
  });
});

describe('a forgotten password', () => {
  const request = (email: string, at?: Server, headers?: Record<string, string>) => post('/auth/reset-request', { email }, headers, at);
  const arrived = (count: number) => until(() => box.letters.length >= count, `${count} letters`);

  test('is answered alike for every address, and only the known one gets a letter', async () => {
    const known = await request('field@drover.example');
    const unknown = await request('nobody@drover.example');
    expect(unknown).toEqual(known);
    expect(known).toEqual({ status: 200, body: { done: true } });
    await arrived(1);
    await request('accounting@drover.example');
    await arrived(2);
    expect(box.letters.map(({ to }) => to)).toEqual([['field@drover.example'], ['accounting@drover.example']]);
  });

  test('is looked up, and its letter sent, by a server that closes before it has', async () => {
    clock += 3_600_000;
    const mail = { smtpUrl: box.url, from: 'Drover <drover@example.com>' };
    const own = await openTestServer({ databaseUrl, nouns: syntheticNouns, now: () => new Date(clock), publicUrl: PUBLIC_URL, mail });
    expect((await request('field@drover.example', own)).status).toBe(200);
    await own.close();
    expect(box.letters.map(({ to }) => to)).toEqual([['field@drover.example']]);
  });

  test('makes a new one, ends every session, and says so by mail', async () => {
    clock += 3_600_000;
    const client = await signIn(server, 'field');
    await request('field@drover.example');
    await arrived(1);
    const token = box.letters[0] ? tokenOf(linkIn(box.letters[0])) : '';
    expect((await choose(token, GOOD)).status).toBe(200);
    expect((await client.get('/me')).status).toBe(401);
    expect(await login('field@drover.example', GOOD)).toBe(200);
    expect((await choose(token, 'another fine password')).status).toBe(410);
    await arrived(2);
    expect(box.letters[1]?.headers).toContain('Subject: The password of your Drover account was changed');
    expect(box.letters[1]?.text).not.toContain('http');
  });

  test('ends after half an hour', async () => {
    clock += 3_600_000;
    await request('broker@drover.example');
    await arrived(1);
    clock += 30 * 60_000 + 1;
    expect((await choose(box.letters[0] ? tokenOf(linkIn(box.letters[0])) : '', GOOD)).status).toBe(410);
  });

  test('sends three letters to an address in a quarter of an hour and no more', async () => {
    clock += 3_600_000;
    for (let i = 0; i < 8; i += 1) expect((await request('broker@drover.example')).status).toBe(200);
    await request('accounting@drover.example');
    await arrived(4);
    const counted = async (): Promise<boolean> =>
      (await server.db.rows({ text: `select from brakes where key like 'mail:%' and blocks > 0` })).length > 0;
    await until(counted, 'the fourth was counted');
    expect(box.letters.filter(({ to }) => to[0] === 'broker@drover.example')).toHaveLength(3);
  });

  test('leads to where the server was told, whatever the request calls its host', async () => {
    clock += 3_600_000;
    const { hostname, port } = new URL(server.url);
    const body = JSON.stringify({ email: 'broker@drover.example' });
    await new Promise<void>((resolve, reject) => {
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        origin: 'https://evil.example',
        'content-type': 'application/json',
        'content-length': body.length,
      };
      rawRequest({ hostname, port, path: '/auth/reset-request', method: 'POST', headers }, (response) =>
        response.resume().on('end', resolve),
      )
        .on('error', reject)
        .end(body);
    });
    await arrived(1);
    expect(box.letters[0] ? linkIn(box.letters[0]) : '').toMatch(/^https:\/\/desk\.example\.com\//);
    expect(JSON.stringify(box.letters)).not.toContain('evil');
  });

  test('is a link from an administrator where there are no letters', async () => {
    const [field, admin] = [await signIn(server, 'broker'), await signIn(server, 'admin')];
    const account = field.login.user.id;
    expect((await post('/auth/reset-links', { account }, field.headers)).status).toBe(403);
    expect((await post('/auth/reset-links', { account: 'nobody' }, admin.headers)).status).toBe(404);
    const { body } = await post('/auth/reset-links', { account }, admin.headers);
    expect((await choose(tokenOf(body['link']), GOOD)).status).toBe(200);
    expect(await login('broker@drover.example', GOOD)).toBe(200);
  });

  test('is offered only where letters are sent', async () => {
    const ways = async (at: Server): Promise<unknown> => (await fetch(`${at.url}/auth/ways`)).json();
    expect([await ways(server), await ways(bare)]).toMatchObject([{ reset: true }, { reset: false }]);
  });
});
