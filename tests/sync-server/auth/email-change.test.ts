import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UsersAnswer } from '../../../domain/protocol/admin.ts';
import type { SecurityAnswer } from '../../../domain/protocol/protocol.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { DEMO_PASSWORD } from '../../../sync-server/db/demo-accounts.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Answered, entries, post, read } from '../admin/admin-kit.ts';
import { postTo } from '../answered.ts';
import { type Delivered, type PostBox, linkIn, openPostBox } from '../post-box.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, cloneDatabase, openTestServer, signIn, until } from '../test-server.ts';

const MINUTE = 60_000;
const FROM = 'Drover <drover@example.com>';
let clock = new Date('2026-11-20T12:00:00.000Z').getTime();
let databaseUrl: string;
let box: PostBox;
let server: Server;
let bare: Server;
let admin: Client;
let broker: Client;
beforeAll(async () => {
  box = await openPostBox();
  databaseUrl = await cloneDatabase();
  const shared = { databaseUrl, nouns: syntheticNouns, now: () => new Date(clock) };
  server = await openTestServer({ ...shared, publicUrl: 'https://desk.example.com', mail: { smtpUrl: box.url, from: FROM } });
  bare = await openTestServer(shared);
});
afterAll(async () => {
  await server.close();
  await bare.close();
  await box.close();
});
beforeEach(async () => {
  box.letters.length = 0;
  // Past every brake, and past the ten minutes for which a sign-in is proof.
  clock += 60 * MINUTE;
  [admin, broker] = [await signIn(server, 'admin', 'office'), await signIn(server, 'broker', 'phone')];
});

/** `says`: tells it from those of other requests, which may still be under way. */
const letterTo = async (email: string, about: string, says = ''): Promise<Delivered> => {
  const found = (): Delivered | undefined =>
    box.letters.find(({ to, headers, text }) => to.includes(email) && headers.includes(about) && text.includes(says));
  await until(() => found() !== undefined, `a letter to ${email}: ${about}`);
  return found() as Delivered;
};
const tokenIn = (letter: Delivered): string => linkIn(letter).split('#')[1] ?? '';
const CONFIRM = 'Subject: Confirm the e-mail address';
const ASKED = 'Subject: A new e-mail address';
const follow = (deed: 'confirm' | 'stop', token: string): Promise<Answered> => postTo(server, `/auth/email/${deed}`, { token });
const login = async (email: string): Promise<number> => (await postTo(server, '/auth/login', { email, password: DEMO_PASSWORD })).status;
const security = (client: Client): Promise<SecurityAnswer> => read(client, '/auth/security');
const kinds = async (): Promise<string[]> =>
  (await server.db.rows<{ kind: string }>({ text: `select kind from security_events where kind like 'email%' order by seq` })).map(
    ({ kind }) => kind,
  );

describe('the owner', () => {
  test('asks for another address; it counts once it is confirmed there, and sessions stay', async () => {
    expect(await post(broker, '/auth/email', { email: ' Bo@New.example' })).toMatchObject({ status: 400 });
    expect(await post(broker, '/auth/email', { email: 'Bo@New.example' })).toEqual({ status: 200, body: { done: true } });
    const [letter, notice] = [await letterTo('Bo@new.example', CONFIRM), await letterTo('broker@drover.example', ASKED, 'Bo@New.example')];
    expect(notice.text).toContain('Somebody, probably you, asked to change the e-mail address of your Drover account to Bo@New.example');
    expect(linkIn(letter)).toMatch(/^https:\/\/desk\.example\.com\/email-address#[\w-]{43}$/);
    // Until then the old one counts, and the window says what is awaited.
    expect([await login('bo@new.example'), await login('broker@drover.example')]).toEqual([401, 200]);
    expect(await security(broker)).toMatchObject({ email: 'broker@drover.example', newEmail: 'Bo@New.example' });
    const reset = await post(admin, '/auth/reset-links', { account: broker.login.user.id });
    expect(await postTo(server, '/auth/link', { token: tokenIn(letter) })).toEqual({
      status: 200,
      body: { purpose: 'email_change', email: 'Bo@New.example', name: 'Blair Broker' },
    });
    // Each link does its own deed only, and works once.
    expect((await follow('stop', tokenIn(letter))).status).toBe(410);
    expect((await follow('confirm', tokenIn(notice))).status).toBe(410);
    const answers = await Promise.all(Array.from({ length: 4 }, () => follow('confirm', tokenIn(letter))));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410, 410, 410]);
    expect([await login('BO@new.example'), await login('broker@drover.example')]).toEqual([200, 401]);
    expect((await broker.get('/me')).status).toBe(200);
    expect(await security(broker)).toMatchObject({ email: 'Bo@New.example', newEmail: null });
    // What was handed out under the old address counts no more.
    expect((await postTo(server, '/auth/link', { token: String(reset.body['link']).split('#')[1] })).status).toBe(410);
    expect((await follow('stop', tokenIn(notice))).status).toBe(410);
    expect((await letterTo('broker@drover.example', 'Subject: The e-mail address')).text).toContain('was changed to Bo@New.example');
    expect((await entries(server, 'email_changed')).at(-1)).toMatchObject({
      who: 'Blair Broker',
      details: { email: 'Bo@New.example', formerEmail: 'broker@drover.example' },
    });
    // Back again, for the tests after this one.
    await post(broker, '/auth/email', { email: 'broker@drover.example' });
    expect((await follow('confirm', tokenIn(await letterTo('broker@drover.example', CONFIRM)))).status).toBe(200);
  });

  test('shows first that it is them, and a key or nobody does not do it', async () => {
    clock += 11 * MINUTE;
    expect(await post(broker, '/auth/email', { email: 'bo@new.example' })).toMatchObject({
      status: 403,
      body: { code: 'proof_required', way: 'password' },
    });
    expect((await post(broker, '/auth/prove', { password: DEMO_PASSWORD })).status).toBe(200);
    expect((await post(broker, '/auth/email', { email: 'bo@new.example' })).status).toBe(200);
    expect((await postTo(server, '/auth/email', { email: 'bo@new.example' })).status).toBe(401);
    await letterTo('bo@new.example', CONFIRM);
  });

  test('stops it: by the letter at the old address, in the window, by asking for another one, by a new password, or by waiting a day', async () => {
    const ask = async (email: string): Promise<string> => {
      clock += 60 * MINUTE;
      box.letters.length = 0;
      broker = await signIn(server, 'broker', 'phone');
      expect((await post(broker, '/auth/email', { email })).status).toBe(200);
      return tokenIn(await letterTo(email, CONFIRM));
    };
    const expectDead = async (token: string): Promise<void> =>
      expect(await follow('confirm', token)).toMatchObject({ status: 410, body: { code: 'dead_link', field: 'token' } });
    const first = await ask('one@new.example');
    const stop = tokenIn(await letterTo('broker@drover.example', ASKED, 'one@new.example'));
    expect((await follow('stop', stop)).status).toBe(200);
    expect((await follow('stop', stop)).status).toBe(410);
    await expectDead(first);
    expect((await kinds()).slice(-2)).toEqual(['email_change_requested', 'email_change_stopped']);
    const second = await ask('two@new.example');
    expect((await post(broker, '/auth/email/drop', {})).status).toBe(200);
    await expectDead(second);
    const third = await ask('three@new.example');
    const fourth = await ask('four@new.example');
    await expectDead(third);
    expect((await post(broker, '/auth/password', { current: DEMO_PASSWORD, next: 'seven stout steers' })).status).toBe(200);
    await expectDead(fourth);
    await server.db.rows({
      text: `update accounts set password_hash = (select password_hash from accounts where email = 'field@drover.example') where email = 'broker@drover.example'`,
    });
    const fifth = await ask('five@new.example');
    clock += 24 * 60 * MINUTE;
    await expectDead(fifth);
  });

  test('learns nothing of whether the address has an account; who has it is told', async () => {
    const free = await post(broker, '/auth/email', { email: 'nobody@new.example' });
    const taken = await post(broker, '/auth/email', { email: 'Field@Drover.example' });
    expect(taken).toEqual(free);
    expect(await security(broker)).toMatchObject({ newEmail: 'Field@Drover.example' });
    const told = await letterTo('Field@drover.example', 'Subject: Your e-mail address was given for another Drover account');
    expect(told.text).not.toMatch(/http|Blair|broker/);
    await letterTo('broker@drover.example', ASKED, 'Field@Drover.example');
    // Also where somebody else has taken it meanwhile.
    await post(broker, '/auth/email', { email: 'meanwhile@new.example' });
    const letter = await letterTo('meanwhile@new.example', CONFIRM);
    await post(admin, '/auth/invitations', { email: 'Meanwhile@new.example', name: 'Una Other', role: 'broker', deskId: 'desk-main' });
    expect(await follow('confirm', tokenIn(letter))).toMatchObject({ status: 410, body: { code: 'dead_link' } });
    expect(await login('broker@drover.example')).toBe(200);
  });

  test('sends no more than three letters to an address in a quarter of an hour, and asks five times', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await post(broker, '/auth/email', { email: 'often@new.example' })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    clock += 60 * MINUTE;
    broker = await signIn(server, 'broker', 'phone');
    for (let i = 0; i < 5; i += 1) expect((await post(broker, '/auth/email', { email: `often-${i}@new.example` })).status).toBe(200);
    expect(await post(broker, '/auth/email', { email: 'often-5@new.example' })).toMatchObject({
      status: 429,
      body: { code: 'too_many_attempts' },
    });
  });

  test('is refused the present address, and sent to an administrator where there are no letters', async () => {
    expect(await post(broker, '/auth/email', { email: 'BROKER@drover.example' })).toMatchObject({
      status: 422,
      body: { code: 'same_address', field: 'email' },
    });
    expect(await post({ ...broker, url: bare.url }, '/auth/email', { email: 'bo@new.example' })).toMatchObject({
      status: 409,
      body: { code: 'no_mail' },
    });
  });
});

describe('an administrator', () => {
  const change = (body: Record<string, unknown>, at: Client = admin): Promise<Answered> => post(at, '/admin/users/email', body);

  test('asks for somebody, with a reason; the same letters go out, and both say who asked', async () => {
    const account = broker.login.user.id;
    expect(await change({ account, email: 'kim@new.example', reason: '' })).toMatchObject({
      status: 422,
      body: { code: 'reason_missing' },
    });
    expect(await change({ account, email: 'kim@new.example', reason: 'left her provider' })).toEqual({ status: 200, body: {} });
    const letter = await letterTo('kim@new.example', CONFIRM);
    expect((await letterTo('broker@drover.example', ASKED, 'kim@new.example')).text).toContain('Avery Admin asked to change');
    expect((await read<UsersAnswer>(admin, `/admin/users?account=${account}`)).users[0]).toMatchObject({ newEmail: 'kim@new.example' });
    const [entry] = await server.db.rows({
      text: `select reason, details->'by'->>'name' as by from security_events where kind = 'email_change_requested' order by seq desc limit 1`,
    });
    expect(entry).toEqual({ reason: 'left her provider', by: 'Avery Admin' });
    expect((await follow('stop', tokenIn(await letterTo('broker@drover.example', ASKED, 'kim@new.example')))).status).toBe(200);
    expect((await follow('confirm', tokenIn(letter))).status).toBe(410);
  });

  test('does it neither to themselves, nor to whoever has not come, nor without the right to a new password', async () => {
    const ask = { email: 'x@new.example', reason: 'asked' };
    expect(await change({ account: admin.login.user.id, ...ask })).toMatchObject({ status: 409, body: { code: 'own_account' } });
    expect(await change({ account: 'nobody', ...ask })).toMatchObject({ status: 404, body: { code: 'unknown_account' } });
    const invited = await post(admin, '/auth/invitations', {
      email: 'late@new.example',
      name: 'Lee Late',
      role: 'broker',
      deskId: 'desk-main',
    });
    expect(await change({ account: invited.body['id'], ...ask })).toMatchObject({ status: 409, body: { code: 'not_come_yet' } });
    expect(await change({ account: admin.login.user.id, ...ask }, broker)).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
  });

  test('hands the link on where there are no letters, over the API and on the command line', async () => {
    const account = broker.login.user.id;
    const { body } = await change({ account, email: 'by-hand@new.example', reason: 'no mail yet' }, { ...admin, url: bare.url });
    expect(body['link']).toMatch(/^\/email-address#[\w-]{43}$/);
    expect((await follow('confirm', String(body['link']).split('#')[1] ?? '')).status).toBe(200);
    expect(await login('by-hand@new.example')).toBe(200);
    const said: string[] = [];
    const drover = (args: readonly string[], environment: Record<string, string> = {}): Promise<number> =>
      runDrover(args, {
        environment: { DATABASE_URL: databaseUrl, ...environment },
        out: (text) => said.push(text),
        err: (text) => said.push(text),
      });
    const back = ['user', 'email', 'by-hand@new.example', 'broker@drover.example', '--reason', 'put back'];
    const mail = { DROVER_PUBLIC_URL: 'https://desk.example.com', DROVER_SMTP_URL: box.url, DROVER_MAIL_FROM: FROM };
    expect([await drover(back, mail), said.at(-1)]).toEqual([
      0,
      'Letters were sent to broker@drover.example, to be confirmed within 24 hours, and to by-hand@new.example.',
    ]);
    expect((await letterTo('by-hand@new.example', ASKED)).text).toContain('Whoever runs the server asked to change');
    await letterTo('broker@drover.example', CONFIRM);
    expect(await drover(back)).toBe(0);
    const token = /#([\w-]{43})/.exec(said.join('\n'))?.[1] ?? '';
    expect((await follow('confirm', token)).status).toBe(200);
    expect([await drover(back), said.at(-1)]).toEqual([2, expect.stringContaining('There is no account of by-hand@new.example')]);
    const same = ['user', 'email', 'broker@drover.example', 'Broker@drover.example', '--reason', 'x'];
    expect([await drover(same), said.at(-1)]).toEqual([2, 'Broker@drover.example is the address of this account already.']);
  });
});
