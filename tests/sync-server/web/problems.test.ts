/** Every answer that is no success is a problem of RFC 9457 with a code of the closed list, and every route declares what it takes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEM_TYPE, problemCodes } from '../../../domain/protocol/problem-codes.ts';
import { BODY_BYTES_MAX, type ErrorAnswer } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, openTestServer, signIn, until } from '../test-server.ts';

let server: Server;
let admin: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns, publicUrl: 'https://desk.example.com' });
  admin = await signIn(server, 'admin');
});
afterAll(() => server.close());
const own = () => server.routes.filter(({ url }) => url !== '*' && url !== '/*');

const filled = (url: string): string =>
  url.replace(':collection', 'ranches').replace(':version', '0').replace(':sha256', 'a'.repeat(64)).replaceAll(/:\w+/g, 'x');
interface Said {
  readonly status: number;
  readonly type: string;
  readonly answer: ErrorAnswer;
  readonly cache: unknown;
}
async function ask(method: string, url: string, payload?: string, headers: Record<string, string> = admin.headers): Promise<Said> {
  const answer = await server.fastify.inject({ method: method as 'GET', url, headers, ...(payload === undefined ? {} : { payload }) });
  return {
    status: answer.statusCode,
    type: String(answer.headers['content-type']),
    answer: (answer.body === '' ? {} : JSON.parse(answer.body)) as ErrorAnswer,
    cache: answer.headers['cache-control'],
  };
}
const isProblem = ({ status, type, answer, cache }: Said): boolean =>
  type.startsWith(PROBLEM_TYPE) &&
  answer.type === `urn:drover:problem:${answer.code}` &&
  answer.status === status &&
  (problemCodes as readonly string[]).includes(answer.code) &&
  /^urn:uuid:[0-9a-f-]{36}$/.test(answer.instance) &&
  answer.title.length > 3 &&
  answer.detail.length > 10 &&
  cache === 'no-store';

test('the list of codes is one of programs: no code twice, in order, in one style', () => {
  expect([...new Set(problemCodes)].toSorted()).toEqual([...problemCodes]);
  for (const code of problemCodes) expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
});

describe('every route', () => {
  test('declares its parameters, its query and its body, and takes nothing beside them', async () => {
    expect(own().length).toBeGreaterThan(30);
    for (const { method, url, access } of own()) {
      if (method === 'HEAD') continue;
      const name = `${method} ${url}`;
      const headers = access === 'public' ? { 'content-type': 'application/json' } : admin.headers;
      const parameter = await ask(method, `${filled(url)}?surprise=1`, method === 'GET' ? undefined : '{}', headers);
      // The callback of the other system is the one address whose query is not ours to close.
      expect([name, parameter.status < 500, parameter.status === 200]).toEqual([name, true, false]);
      expect([name, isProblem(parameter)]).toEqual([name, true]);
      if (!['GET', 'HEAD'].includes(method)) {
        const member = await ask(method, filled(url), '{"surprise":1}', headers);
        expect([name, member.status >= 400 && member.status < 500, isProblem(member)]).toEqual([name, true, true]);
      }
    }
  });

  test('refuses a parameter that comes twice, which some layers read first and others last', async () => {
    for (const url of [
      '/sync/stream?collections=ranches&collections=animals',
      '/sync/digest?collections=ranches&collections=animals',
      '/sync/ranches/0/pull?lwt=1&lwt=2',
      '/audit?collection=ranches&id=1&id=2',
      '/auth/devices?account=a&account=b',
    ]) {
      const said = await ask('GET', url);
      expect([url, said.status, said.answer.code]).toEqual([url, 400, 'invalid_request']);
    }
  });

  test('has a limit of its own on what it reads: little from strangers, most for a push', async () => {
    const login = await ask('POST', '/auth/login', JSON.stringify({ email: 'a@b.c', password: 'x'.repeat(70_000) }), {
      'content-type': 'application/json',
    });
    expect([login.status, login.answer.code, login.answer.detail]).toEqual([
      413,
      'body_too_large',
      'The request is larger than 64 KB. Send it in smaller parts.',
    ]);
    const role = await ask('POST', '/admin/roles', `"${'x'.repeat(1024 * 1024)}"`);
    expect([role.status, role.answer.code]).toEqual([413, 'body_too_large']);
    const push = await ask('POST', '/sync/ranches/0/push', `["${'x'.repeat(2 * 1024 * 1024)}"]`);
    expect([push.status, push.answer.code]).toEqual([400, 'invalid_request']);
    expect(BODY_BYTES_MAX).toBe(16 * 1024 * 1024);
  });
});

test('a part of the request that does not belong there is named', async () => {
  const body = await ask('POST', '/auth/login', JSON.stringify({ email: 'a@b.c', password: 'x', role: 'admin' }));
  expect(body.answer).toMatchObject({
    code: 'invalid_request',
    field: 'role',
    detail: 'The request holds "role", which does not belong there.',
  });
  expect(await ask('GET', '/me?as=admin')).toMatchObject({ status: 400, answer: { field: 'as' } });
});

test('readiness says when it is not, and health tells nothing of the insides', async () => {
  for (const [url, keys] of [
    ['/livez', ['status']],
    ['/readyz', ['database', 'lagging', 'listening', 'position', 'status']],
  ] as const) {
    // A server that has just begun is not ready before it listens to the database.
    await until(async () => (await ask('GET', url, undefined, {})).status === 200, `${url} answers`);
    const { status, answer } = await ask('GET', url, undefined, {});
    expect([url, status, Object.keys(answer).toSorted()]).toEqual([url, 200, keys]);
  }
});

test('what the API answers is kept by nobody on the way', async () => {
  for (const url of ['/me', '/me/rights', '/auth/security', '/auth/devices', '/admin/permissions', '/sync/ranches/0/pull', '/livez']) {
    const answer = await server.fastify.inject({ method: 'GET', url, headers: admin.headers });
    expect([url, answer.statusCode, answer.headers['cache-control']]).toEqual([url, 200, 'no-store']);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'SAMEORIGIN',
    });
    expect(answer.headers['permissions-policy']).toContain('camera=()');
    expect(answer.headers['x-powered-by']).toBeUndefined();
  }
});

test('every script that the desk loads must come from the server: nothing inline, nothing evaluated', async () => {
  const policy = String((await server.fastify.inject('/livez')).headers['content-security-policy']);
  const directives = new Map(policy.split(';').map((part) => [part.split(' ')[0] ?? '', part.split(' ').slice(1).join(' ')]));
  expect(directives.get('script-src')).toBe("'self'");
  expect([directives.get('default-src'), directives.get('base-uri'), directives.get('form-action')]).toEqual([
    "'none'",
    "'none'",
    "'none'",
  ]);
  expect(policy).not.toContain('unsafe-eval');
});
