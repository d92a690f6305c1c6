/** The session against a server that loses answers: which tokens are sent, kept and forgotten. */
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Session, openSession, webSecretStore } from '../../../renderer/sync/session.ts';
import { TOKEN_SECRET } from '../../../renderer/sync/token-pair.ts';
import { freshDesk } from '../data/desk-kit.ts';

interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
}
type Answer = { readonly status: number; readonly body: unknown } | 'cut off';

const user = { id: 'u', email: 'b@drover.example', name: 'B', role: 'broker', deskId: 'd' };
const granted = (refreshToken: string, accessToken = 'access'): Answer => ({ status: 200, body: { accessToken, refreshToken, user } });

let server: Server;
let asked: Asked[];
let answer: (asked: Asked) => Answer;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  asked = [];
  server = createServer((request: IncomingMessage, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const one = { path: request.url ?? '', body: text === '' ? {} : (JSON.parse(text) as Record<string, string>) };
      asked.push(one);
      const said = answer(one);
      if (said === 'cut off') response.destroy();
      else response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify(said.body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await new Promise((done) => server.close(done));
});

async function device(): Promise<{ open: () => Promise<Session>; deviceId: string; kept: () => Promise<string | undefined> }> {
  const desk = await freshDesk();
  ends.push(() => desk.close());
  const secrets = webSecretStore(desk.local);
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    deviceId: desk.deviceId,
    kept: () => secrets.get(TOKEN_SECRET),
    open: async () => {
      const session = await openSession({ baseUrl, local: desk.local, secrets, deviceId: desk.deviceId, deviceName: 'Test on Node' });
      ends.push(() => Promise.resolve(session.close()));
      return session;
    },
  };
}
const refreshes = (): Asked[] => asked.filter(({ path }) => path === '/auth/refresh');

describe('the refresh token', () => {
  it('is exchanged for one that was kept before it is sent, and again for the same one when the answer was lost', async () => {
    const { open, kept } = await device();
    answer = () => granted('first');
    const session = await open();
    expect(await session.signIn(user.email, 'right')).toMatchObject({ ok: true });
    expect(asked[0]?.body['deviceName']).toBe('Test on Node');
    const pair = (await kept())?.split(' ') ?? [];
    expect(pair).toEqual(['first', expect.stringMatching(/^[\w-]{43}$/)]);
    let lost = 2;
    answer = ({ path, body }) => {
      if (path !== '/auth/refresh') return { status: 200, body: {} };
      lost -= 1;
      return lost >= 0 ? 'cut off' : granted(body['next'] ?? '', 'second');
    };
    // A window that was opened anew has no access token and renews first.
    session.close();
    const anew = await open();
    for (let i = 0; i < 2; i += 1) await expect(anew.authorizedFetch('/me')).rejects.toMatchObject({ code: 'unreachable' });
    anew.close();
    await (await open()).authorizedFetch('/me');
    expect(refreshes().map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => ({ refreshToken: pair[0], next: pair[1] })));
    const after = (await kept())?.split(' ') ?? [];
    expect(after[0]).toBe(pair[1]);
    expect(after[1]).not.toBe(pair[1]);
  });

  it('is forgotten at sign-out, of which the server is told', async () => {
    const { open, kept } = await device();
    answer = () => granted('first');
    const session = await open();
    await session.signIn(user.email, 'right');
    await session.signOut();
    expect(await kept()).toBeUndefined();
    while (asked.length < 2) await new Promise((done) => setTimeout(done, 5));
    expect(asked[1]).toEqual({ path: '/auth/logout', body: { refreshToken: 'first' } });
    expect(session.state.get().phase).toBe('signed_out');
  });
});

describe('a revoked device', () => {
  const revoked = (device: string): Answer => ({ status: 401, body: { code: 'device_revoked', detail: '', device } });

  it('learns it from the renewal, and keeps the token to say when it is done', async () => {
    const { open, deviceId } = await device();
    answer = () => granted('first');
    const session = await open();
    await session.signIn(user.email, 'right');
    answer = () => revoked(deviceId);
    await expect(session.authorizedFetch('/me')).rejects.toMatchObject({ code: 'signed_out' });
    expect(session.state.get()).toEqual({ phase: 'revoked', user });
    expect(session.revokedToken()).toBe('first');
  });

  it('learns it from a new sign-in', async () => {
    const { open, deviceId } = await device();
    answer = () => revoked(deviceId);
    const session = await open();
    expect(await session.signIn(user.email, 'right')).toMatchObject({ ok: false });
    expect(session.state.get().phase).toBe('revoked');
  });

  it('is not this one when the answer names another', async () => {
    const { open } = await device();
    answer = () => granted('first');
    const session = await open();
    await session.signIn(user.email, 'right');
    answer = () => revoked('another');
    await expect(session.authorizedFetch('/me')).rejects.toMatchObject({ code: 'signed_out' });
    expect(session.state.get().phase).toBe('expired');
  });
});

describe('signing out', () => {
  it('stays so, whatever was asking for a new token at that moment', async () => {
    const { open, kept } = await device();
    answer = () => granted('first');
    const session = await open();
    await session.signIn(user.email, 'right');
    // The access token is over; what runs in the background wants another one while the user leaves.
    let out: Promise<void> | undefined;
    answer = ({ path }) => {
      if (path === '/auth/refresh') out ??= session.signOut();
      return path === '/auth/refresh' ? granted('second') : { status: 401, body: {} };
    };
    await expect(session.authorizedFetch('/me')).rejects.toMatchObject({ code: 'signed_out' });
    await out;
    expect(session.state.get()).toMatchObject({ phase: 'signed_out', user: undefined });
    expect(await kept()).toBeUndefined();
    expect((await open()).state.get().phase).toBe('signed_out');
  });

  it('is not undone by what finds no token any more', async () => {
    const { open } = await device();
    answer = () => granted('first');
    const session = await open();
    await session.signIn(user.email, 'right');
    answer = () => ({ status: 401, body: {} });
    const asking = Array.from({ length: 5 }, () => session.authorizedFetch('/me').catch((error: unknown) => error));
    await session.signOut();
    await Promise.all(asking);
    expect(session.state.get()).toMatchObject({ phase: 'signed_out', user: undefined });
    expect((await open()).state.get().phase).toBe('signed_out');
  });
});
