/** Every route says who may call it, and what it says holds: walked over the whole table of a real server. */
import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guardRoutes } from '../../../sync-server/access/route-guard.ts';
import type { Server } from '../../../sync-server/server.ts';
import { adminPermissions, isAdminPermission } from '../../../domain/access/permissions.ts';
import { type Client, openTestServer, signIn } from '../test-server.ts';
import { plainRoles } from './rights-kit.ts';

let server: Server;
const clients: Record<string, Client> = {};
beforeAll(async () => {
  server = await openTestServer({ publicUrl: 'https://desk.example.com' });
  await plainRoles(server);
  for (const who of ['admin', 'broker', 'field', 'accounting']) clients[who] = await signIn(server, who);
});
afterAll(() => server.close());

/** Who may call each address. A new route is added here by hand, after a thought. */
const expected: Record<string, string> = {
  'POST /auth/login': 'public',
  'POST /auth/refresh': 'public',
  'POST /auth/logout': 'public',
  'POST /auth/wiped': 'public',
  'GET /auth/ways': 'public',
  'POST /auth/reset-request': 'public',
  'POST /auth/link': 'public',
  'POST /auth/set-password': 'public',
  // With a link of a letter, and nothing else.
  'POST /auth/email/confirm': 'public',
  'POST /auth/email/stop': 'public',
  'POST /auth/second': 'public',
  // With the ticket that a password gave, and nothing else.
  'POST /auth/second/begin': 'public',
  'POST /auth/second/set-up': 'public',
  'POST /auth/second/enter': 'public',
  'POST /auth/second/passkey/begin': 'public',
  'POST /auth/second/passkey/finish': 'public',
  'POST /auth/passkey/begin': 'public',
  'POST /auth/passkey/finish': 'public',
  'GET /livez': 'public',
  'GET /readyz': 'public',
};

test('every route of the server is declared, and those that anybody may call are these', () => {
  const open = server.routes.filter(({ access, url }) => access === 'public' && url !== '*' && url !== '/*');
  const named = open.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`);
  expect(named.sort()).toEqual(Object.keys(expected).sort());
  for (const { access } of server.routes)
    if (!['public', 'signed_in', 'records'].includes(access)) expect(Object.keys(adminPermissions)).toContain(access);
  // What Fastify itself knows: nothing came in beside the table.
  const lines = server.fastify.printRoutes({ commonPrefix: false }).match(/\((?:[A-Z, ]+)\)/g) ?? [];
  expect(lines.flatMap((line) => line.slice(1, -1).split(', '))).toHaveLength(server.routes.length);
});

const filled = (url: string): string =>
  url.replace(':collection', 'orders').replace(':version', '0').replace(':record', 'r').replace(':sha256', 'a'.repeat(64));
const call = async (method: string, url: string, headers: Record<string, string>): Promise<{ status: number; code: unknown }> => {
  const abort = new AbortController();
  const response = await fetch(server.url + filled(url), {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    signal: abort.signal,
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: '{}' }),
  });
  const isStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
  const text = isStream ? '' : await response.text();
  if (isStream) abort.abort();
  return { status: response.status, code: text.startsWith('{') ? (JSON.parse(text) as { code?: unknown }).code : undefined };
};

test('whoever is not signed in reaches what is public, and is sent away everywhere else', async () => {
  for (const { method, url, access } of server.routes) {
    if (url === '*' || url === '/*') continue;
    const { status } = await call(method, url, {});
    if (access !== 'public') expect([method, url, status]).toEqual([method, url, 401]);
    expect(status).toBeLessThan(500);
  }
});

test('what needs a permission is refused to a role without it before the body is looked at, and open to one with it', async () => {
  const guarded = server.routes.filter(({ access }) => isAdminPermission(access));
  expect(guarded.length).toBeGreaterThan(4);
  for (const { method, url } of guarded) {
    for (const who of ['broker', 'field', 'accounting'])
      expect([method, url, who, await call(method, url, clients[who]?.headers ?? {})]).toEqual([
        method,
        url,
        who,
        { status: 403, code: method === 'HEAD' ? undefined : 'not_permitted' },
      ]);
    const { status, code } = await call(method, url, clients['admin']?.headers ?? {});
    expect([method, url, status === 403 || status >= 500, code === 'not_permitted']).toEqual([method, url, false, false]);
  }
});

test('a route that does not say it stops the start', () => {
  const app = fastify();
  guardRoutes(app).enforce({
    authenticate: () => Promise.reject(new Error('nobody asks')),
    authorize: {
      may: () => Promise.resolve(false),
      require: () => Promise.resolve(),
      requireOwn: () => Promise.resolve(),
      requireOver: () => Promise.resolve(),
    },
  });
  expect(() => app.get('/forgotten', () => 'here')).toThrow(/GET \/forgotten does not say who may call it/);
  expect(() => app.get('/said', { config: { access: 'public' } }, () => 'here')).not.toThrow();
});
