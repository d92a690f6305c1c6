import { generate } from 'otplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FactorDutiesAnswer } from '../../../domain/protocol/admin.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { DEMO_PASSWORD } from '../../../sync-server/db/demo-accounts.ts';
import type { Server } from '../../../sync-server/server.ts';
import { entries, post as postAs, read } from '../admin/admin-kit.ts';
import { type Answered, postTo } from '../answered.ts';
import { type PostBox, openPostBox } from '../post-box.ts';
import { SoftAuthenticator } from '../soft-authenticator.ts';
import { type Client, cloneDatabase, openTestServer, signIn, until } from '../test-server.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let databaseUrl: string;
let box: PostBox;
let server: Server;
let admin: Client;
beforeAll(async () => {
  box = await openPostBox();
  databaseUrl = await cloneDatabase();
  const mail = { smtpUrl: box.url, from: 'Drover <drover@example.com>' };
  server = await openTestServer({ databaseUrl, now: () => new Date(clock), publicUrl: 'https://desk.example', mail });
  admin = await signIn(server, 'admin', 'office');
});
afterAll(async () => {
  await server.close();
  await box.close();
});

const post = (path: string, body: unknown, device = 'phone'): Promise<Answered> =>
  postTo(server, path, body, { 'x-drover-device': device });
const login = (device?: string): Promise<Answered> =>
  post('/auth/login', { email: 'broker@drover.example', password: DEMO_PASSWORD }, device);
let secret = '';
const codeFor = (of: string): Promise<string> => generate({ secret: of, epoch: Math.floor(clock / 1000) });
const require_ = (from: string | null, client: Client = admin): Promise<Answered> =>
  postAs(client, '/admin/second-factor', { role: 'broker', from, reason: 'the insurer asks' });
const duty = async () => (await read<FactorDutiesAnswer>(admin, '/admin/second-factor')).duties.find(({ role }) => role === 'broker');
const account = async (): Promise<string> =>
  (await server.db.rows<{ id: string }>({ text: `select id from accounts where email = 'broker@drover.example'` }))[0]?.id ?? '';
async function drover(...args: string[]): Promise<readonly [number, string]> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const environment = { DATABASE_URL: databaseUrl, DROVER_SMTP_URL: box.url, DROVER_MAIL_FROM: 'Drover <drover@example.com>' };
  const code = await runDrover(['second-factor', ...args], { environment, out: say, err: say });
  return [code, said.join('\n')];
}

describe('a passkey as the second factor that is a duty', () => {
  const PAGE = 'https://desk.example';
  const fieldLogin = (device?: string): Promise<Answered> =>
    post('/auth/login', { email: 'field@drover.example', password: DEMO_PASSWORD }, device);
  const optionsOf = async (ticket: unknown, device?: string): Promise<Answered> => post('/auth/second/passkey/begin', { ticket }, device);
  const challengeIn = ({ body }: Answered): { challenge: string } => ({ challenge: String(body['challenge']) });

  test('is made with the ticket of the password, from its device and page, and opens the session', async () => {
    const open = await signIn(server, 'field', 'tablet');
    await postAs(admin, '/admin/second-factor', { role: 'field', from: '2026-11-01', reason: 'the insurer asks' });
    // A day that has come counts at once, also for who is signed in.
    expect((await open.get('/me')).status).toBe(401);
    expect((await entries(server, 'second_factor_duty')).at(-1)).toMatchObject({ details: { role: 'field', ended: 1 } });
    expect((await admin.get('/me')).status).toBe(200);
    const { ticket } = (await fieldLogin()).body;
    expect(await optionsOf(ticket, 'another')).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    const key = new SoftAuthenticator(PAGE);
    const finish = (response: unknown, device?: string): Promise<Answered> =>
      post('/auth/second/passkey/finish', { ticket, response, deviceName: 'Phone of Frankie' }, device);
    const forged = key.register(challengeIn(await optionsOf(ticket)), { origin: 'https://evil.example' });
    expect(await finish(forged)).toMatchObject({ status: 422, body: { code: 'passkey_refused', field: 'response' } });
    const response = key.register(challengeIn(await optionsOf(ticket)));
    expect((await finish(response, 'another')).status).toBe(401);
    const entered = await finish(response);
    expect(entered).toMatchObject({ status: 200, body: { user: { role: 'field' } } });
    await postAs(admin, '/admin/second-factor', { role: 'field', from: '2026-11-02', reason: 'once more' });
    expect((await entries(server, 'second_factor_duty')).at(-1)).toMatchObject({ details: { ended: 0 } });
    expect((await post('/auth/refresh', { refreshToken: entered.body['refreshToken'] })).status).toBe(200);
    expect((await entries(server, 'passkey_added')).at(-1)).toMatchObject({ details: { name: 'Phone of Frankie' } });
    expect((await entries(server, 'signed_in')).at(-1)).toMatchObject({ details: { method: 'password and passkey' } });
    expect((await optionsOf(ticket)).status).toBe(401);
  });

  test('is what the account signs in with from then on: its password sets up no other factor, with an old ticket neither', async () => {
    const refused = await fieldLogin();
    expect(refused).toMatchObject({ status: 401, body: { code: 'second_factor_due' } });
    expect(refused.body['ticket']).toBeUndefined();
    await postAs(admin, '/admin/second-factor', { role: 'accounting', from: '2026-11-01', reason: 'the insurer asks' });
    const asked = { email: 'accounting@drover.example', password: DEMO_PASSWORD };
    const [{ body: mine }, { body: thiefs }] = [await post('/auth/login', asked), await post('/auth/login', asked, 'thief')];
    const response = new SoftAuthenticator(PAGE).register(challengeIn(await optionsOf(mine['ticket'])));
    expect((await post('/auth/second/passkey/finish', { ticket: mine['ticket'], response })).status).toBe(200);
    expect((await post('/auth/second/begin', { ticket: thiefs['ticket'] }, 'thief')).status).toBe(401);
    expect((await optionsOf(thiefs['ticket'], 'thief')).status).toBe(401);
  });
});

describe('a second factor as a duty', () => {
  test('counts from its day on, is set with a reason by whoever may, and tells how many lack one', async () => {
    expect(await duty()).toMatchObject({ from: null, without: 1 });
    expect(await require_('2026-11-22')).toMatchObject({ status: 200 });
    expect(await duty()).toMatchObject({ from: '2026-11-22' });
    expect((await entries(server, 'second_factor_duty')).at(-1)?.details).toMatchObject({
      role: 'broker',
      before: null,
      after: '2026-11-22',
      reason: 'the insurer asks',
    });
    expect((await login()).status).toBe(200);
    expect(await require_('2026-02-30')).toMatchObject({ status: 422, body: { field: 'from' } });
    const broker = await signIn(server, 'broker', 'pc');
    expect((await require_(null, broker)).status).toBe(403);
    expect((await broker.get('/admin/second-factor')).status).toBe(403);
  });

  test('ends sessions without one at their renewal, and opens none: the ticket sets one up, and nothing else', async () => {
    const before = await login();
    clock += 2 * DAY;
    admin = await signIn(server, 'admin', 'office');
    const renewed = await post('/auth/refresh', { refreshToken: before.body['refreshToken'] });
    expect(renewed).toMatchObject({ status: 401, body: { code: 'refresh_invalid' } });
    const first = await login();
    expect(first).toMatchObject({ status: 401, body: { code: 'second_factor_due' } });
    const { ticket } = first.body;
    expect(await post('/auth/second', { ticket, code: '123456' })).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    expect((await post('/auth/second/enter', { ticket })).status).toBe(401);
    expect((await post('/auth/second/begin', { ticket }, 'another')).status).toBe(401);
    const begun = await post('/auth/second/begin', { ticket });
    expect(await post('/auth/second/set-up', { ticket, code: '000000' })).toMatchObject({ status: 422, body: { code: 'wrong_code' } });
    secret = String(begun.body['secret']);
    const done = await post('/auth/second/set-up', { ticket, code: await codeFor(secret) });
    expect(done.body['codes']).toHaveLength(10);
    expect((await post('/auth/second/set-up', { ticket, code: await codeFor(secret) })).status).toBe(401);
    const entered = await post('/auth/second/enter', { ticket: done.body['ticket'], deviceName: 'Phone' });
    expect(entered).toMatchObject({ status: 200, body: { user: { role: 'broker' } } });
    expect((await post('/auth/second/enter', { ticket: done.body['ticket'] })).status).toBe(401);
    expect((await post('/auth/refresh', { refreshToken: entered.body['refreshToken'] })).status).toBe(200);
    expect(await duty()).toMatchObject({ without: 0 });
    expect((await login()).body['code']).toBe('second_factor');
  });

  test('is not laid down by its person', async () => {
    clock += MINUTE;
    const { body } = await login();
    const { body: entered } = await post('/auth/second', { ticket: body['ticket'], code: await codeFor(secret) });
    const headers = { authorization: `Bearer ${String(entered['accessToken'])}`, 'x-drover-device': 'phone' };
    expect(await postTo(server, '/auth/totp/remove', {}, headers)).toMatchObject({ status: 409, body: { code: 'second_factor_due' } });
    expect(await duty()).toMatchObject({ without: 0 });
  });

  test('a lost one is removed by somebody who may, with a reason; every session ends, its person is told, and the duty leads to a new one', async () => {
    const id = await account();
    const remove = (reason: string, client: Client = admin): Promise<Answered> =>
      postAs(client, '/admin/users/remove-factor', { account: id, reason });
    expect(await remove('')).toMatchObject({ status: 422, body: { code: 'reason_missing', field: 'reason' } });
    expect(await postAs(admin, '/admin/users/remove-factor', { account: admin.login.user.id, reason: 'x' })).toMatchObject({ status: 409 });
    expect(await remove('phone lost, known by voice')).toMatchObject({ status: 200, body: { user: { secondFactor: false, devices: 0 } } });
    expect((await entries(server, 'second_factor_removed')).at(-1)).toMatchObject({
      who: 'Blair Broker',
      details: { reason: 'phone lost, known by voice' },
    });
    const told = (): PostBox['letters'][number] | undefined => box.letters.find(({ text }) => text.includes('Avery Admin has removed'));
    await until(() => told() !== undefined, 'the letter');
    expect(told()).toMatchObject({ to: ['broker@drover.example'] });
    expect(await remove('again')).toMatchObject({ status: 404 });
    expect((await login()).body['code']).toBe('second_factor_due');
  });

  test('is on the command line too', async () => {
    expect((await drover('list'))[1]).toContain('broker\t2026-11-22\t1 accounts\t1 without');
    expect(await drover('release', 'broker')).toEqual([0, '']);
    expect((await login()).status).toBe(200);
    expect(await drover('require', 'broker', '2026-11-20', '--reason', 'x')).toEqual([0, '']);
    expect((await login()).body['code']).toBe('second_factor_due');
    expect((await drover('require', 'nobody', '2026-11-20'))[0]).toBe(2);
    expect((await drover('require', 'broker', 'soon'))[1]).toBe('Give a day such as 2026-12-01.');
    expect((await drover('remove', 'broker@drover.example', '--reason', 'x'))[1]).toContain('has no second factor');
  });

  test('a lost one that the command line removes is told by the same letter', async () => {
    const { ticket } = (await login()).body;
    const begun = await post('/auth/second/begin', { ticket });
    const code = await codeFor(String(begun.body['secret']));
    expect((await post('/auth/second/set-up', { ticket, code })).status).toBe(200);
    await until(() => box.letters.at(-1)?.text.includes('An authenticator app was added') === true, 'the letter about the new one');
    box.letters.length = 0;
    expect(await drover('remove', 'broker@drover.example', '--reason', 'phone lost')).toEqual([0, '']);
    // Sent by the time that the command ends.
    expect(box.letters.map(({ to }) => to)).toEqual([['broker@drover.example']]);
    expect(box.letters[0]?.text).toContain('Whoever runs the server has removed the authenticator app');
  });
});
