import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorAnswer } from '../../domain/protocol/protocol.ts';
import { openLog } from '../../sync-server/log.ts';
import { type Server, settingsFrom, startServer } from '../../sync-server/server.ts';
import { syntheticNouns } from './synthetic-nouns.ts';
import { type Client, cloneDatabase, document, insert, openTestServer, signIn } from './test-server.ts';

const lines: string[] = [];
let server: Server;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns, log: openLog('debug', { write: (line) => void lines.push(line) }) });
  broker = await signIn(server);
});
afterAll(() => server.close());

const PUSH = '/sync/ranches/0/push';
interface Ask {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}
async function ask(
  path: string,
  { headers = {}, ...init }: Ask = {},
): Promise<{ status: number; answer: ErrorAnswer; response: Response }> {
  const response = await fetch(server.url + path, { ...init, headers: { ...broker.headers, ...headers } });
  return { status: response.status, answer: (await response.json()) as ErrorAnswer, response };
}
const post = (body: string, headers?: Record<string, string>) => ask(PUSH, { method: 'POST', body, ...(headers ? { headers } : {}) });

describe('bad input is answered with the right status, a code and a sentence', () => {
  const rows = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, (_, i) => insert(document(`x-${i}`, { name: 'X' }))));
  const nested = (depth: number): string =>
    `[{"newDocumentState":{"id":"deep","_deleted":false,"name":${'['.repeat(depth)}${']'.repeat(depth)}}}]`;
  const login = (email: string) => ask('/auth/login', { method: 'POST', body: JSON.stringify({ email, password: 'x' }) });
  test.each<[string, () => ReturnType<typeof ask>, number, string]>([
    ['malformed JSON', () => post('[{"newDocumentState":'), 400, 'malformed_json'],
    ['an empty body', () => post(''), 400, 'malformed_json'],
    ['a body that is no list', () => post('{}'), 400, 'invalid_request'],
    ['a row without a document', () => post('[{}]'), 400, 'invalid_request'],
    ['a document without an id', () => post('[{"newDocumentState":{"_deleted":false}}]'), 400, 'invalid_request'],
    ['a number for an id', () => post('[{"newDocumentState":{"id":7,"_deleted":false}}]'), 400, 'invalid_request'],
    ['an id that is too long', () => post(`[{"newDocumentState":{"id":"${'x'.repeat(37)}","_deleted":false}}]`), 400, 'invalid_request'],
    [
      'a body that pollutes prototypes',
      () => post('[{"newDocumentState":{"id":"p","_deleted":false,"__proto__":{"a":1}}}]'),
      400,
      'malformed_json',
    ],
    ['more than 500 rows', () => post(rows(501)), 413, 'too_many_rows'],
    ['a body over 16 MB', () => post(`["${'x'.repeat(16 * 1024 * 1024)}"]`), 413, 'body_too_large'],
    ['a sign-in with a text that Postgres cannot hold', () => login('a\u0000b@drover.example'), 400, 'unstorable_text'],
    ['the history of such an id', () => ask('/audit?collection=ranches&id=%00'), 400, 'unstorable_text'],
    ['a document like a bottomless pit', () => post(nested(100_000)), 400, 'nested_too_deeply'],
    ['a document nested deeper than any entity', () => post(nested(30)), 400, 'nested_too_deeply'],
    ['an address that is no text', () => ask('/sync/%ff/0/pull'), 400, 'bad_address'],
    ['plain text', () => post('[]', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type'],
    ['another content type', () => post('a,b', { 'content-type': 'text/csv' }), 415, 'unsupported_media_type'],
    ['an unknown collection', () => ask('/sync/llamas/0/pull'), 404, 'unknown_collection'],
    ['an unknown collection in a push', () => ask('/sync/llamas/0/push', { method: 'POST', body: '[]' }), 404, 'unknown_collection'],
    ['an unknown collection in the stream', () => ask('/sync/stream?collections=ranches,llamas'), 404, 'unknown_collection'],
    ['a stream of nothing', () => ask('/sync/stream'), 400, 'bad_query'],
    ['a table that is no collection', () => ask('/sync/accounts/0/pull'), 404, 'unknown_collection'],
    ['a version that is no number', () => ask('/sync/ranches/new/pull'), 400, 'bad_version'],
    ['a newer version', () => ask('/sync/ranches/1/pull'), 426, 'server_outdated'],
    ['a newer version in a push', () => ask('/sync/ranches/1/push', { method: 'POST', body: '[]' }), 426, 'server_outdated'],
    ['a newer version of a stream', () => ask('/sync/ranches/1/pullStream'), 426, 'server_outdated'],
    ['a position that is no number', () => ask('/sync/ranches/0/pull?lwt=yesterday'), 400, 'bad_query'],
    ['a limit of nothing', () => ask('/sync/ranches/0/pull?limit=0'), 400, 'bad_query'],
    ['an audit of an unknown collection', () => ask('/audit?collection=llamas&id=1'), 404, 'unknown_collection'],
    ['an audit of no record', () => ask('/audit?collection=ranches'), 400, 'bad_query'],
    ['an address that does not exist', () => ask('/sync/ranches'), 404, 'not_found'],
  ])('%s', async (_title, send, status, code) => {
    const { status: got, answer } = await send();
    expect({ status: got, code: answer.code }).toEqual({ status, code });
    expect(answer.detail.length).toBeGreaterThan(10);
    expect(answer.detail).not.toMatch(/undefined|\bat \/|select |node_modules/);
  });

  test('each leaves a line in the log: its code, under the id that the answer gives the asker', async () => {
    const odd: readonly (readonly [string, Promise<{ readonly answer: ErrorAnswer }>])[] = [
      ['malformed_json', post('[{"newDocumentState":')],
      ['invalid_request', post('{}')],
      ['bad_query', ask('/sync/ranches/0/pull?limit=0')],
      ['unknown_collection', ask('/audit?collection=llamas&id=1')],
    ];
    for (const [code, asked] of odd) {
      const { instance } = (await asked).answer;
      const line = lines.find((one) => one.includes('request refused') && one.includes(instance.replace('urn:uuid:', '')));
      expect(JSON.parse(line ?? '{}')).toMatchObject({ code });
    }
  });

  test('nothing of a refused request was written', async () => {
    expect(await broker.pullAll('ranches')).toEqual([]);
  });
});

describe('who may ask', () => {
  test.each([
    '/sync/ranches/0/pull',
    '/sync/stream?collections=ranches',
    '/sync/ranches/0/pullStream',
    '/audit?collection=ranches&id=1',
    '/me',
  ])('%s needs a valid token, in the header and nowhere else', async (path) => {
    for (const headers of [
      {},
      { authorization: 'Bearer nonsense' },
      { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` },
      { authorization: `${broker.headers['authorization']}x` },
    ]) {
      const response = await fetch(server.url + path, { headers });
      expect(response.status).toBe(401);
      expect(((await response.json()) as ErrorAnswer).code).toMatch(/^(not_signed_in|token_invalid)$/);
    }
    const token = String(broker.headers['authorization']).slice(7);
    expect((await fetch(`${server.url}${path}${path.includes('?') ? '&' : '?'}token=${token}&access_token=${token}`)).status).toBe(401);
  });

  test('a push without a token is refused before its body is read', async () => {
    const { hostname, port } = new URL(server.url);
    const status = await new Promise<number>((resolve, reject) => {
      const request = rawRequest(
        { hostname, port, path: PUSH, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': '1000000' } },
        (response) => {
          resolve(response.statusCode ?? 0);
          request.destroy();
        },
      );
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(status).toBe(401);
  });

  test('only the desktop window may ask from another origin', async () => {
    const allowed = async (origin: string) =>
      (await fetch(`${server.url}/livez`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed('app://drover')).toBe('app://drover');
    expect(await allowed('https://evil.example')).toBeNull();
    const abort = new AbortController();
    const stream = await fetch(`${server.url}/sync/stream?collections=ranches`, {
      headers: { ...broker.headers, origin: 'app://drover' },
      signal: abort.signal,
    });
    expect(stream.headers.get('access-control-allow-origin')).toBe('app://drover');
    abort.abort();
  });
});

describe('what is answered and logged', () => {
  test('pages carry documents, tombstones and a checkpoint; an empty page echoes the one that was sent', async () => {
    const [a, b] = [document('p-1', { name: 'A' }), document('p-2', { name: 'B' })];
    await broker.push('ranches', [insert(a), insert(b)]);
    await broker.push('ranches', [{ newDocumentState: { ...a, w: 'w-del', _deleted: true }, assumedMasterState: a }]);
    const first = await broker.pull('ranches', 0, 1);
    expect(first.documents.map((doc) => doc.id)).toEqual(['p-2']);
    const second = await broker.pull('ranches', first.checkpoint.lwt, 1);
    expect(second.documents).toMatchObject([{ id: 'p-1', name: 'A', _deleted: true }]);
    const empty = await ask(`/sync/ranches/0/pull?lwt=${second.checkpoint.lwt}&id=${second.checkpoint.id}&limit=1`);
    expect(empty.answer).toEqual({ documents: [], checkpoint: second.checkpoint });
    expect(second.checkpoint.id).toMatch(/^[0-9a-f]{32}\.all$/);
  });

  test('a position of another history starts from the beginning', async () => {
    const response = await broker.get('/sync/ranches/0/pull?lwt=99999&id=another-history&limit=10');
    expect(((await response.json()) as { documents: unknown[] }).documents).toHaveLength(2);
  });

  test('health: live and ready', async () => {
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ready', database: true, listening: true, lagging: false });
  });

  test('every answer forbids to be framed and to run foreign scripts', async () => {
    const policy = (await fetch(`${server.url}/livez`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-eval');
  });

  test('no password, no token and no document text reaches the log', async () => {
    await fetch(`${server.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'broker@drover.example', password: 'hunter2-secret' }),
    });
    await fetch(`${server.url}/auth/login?password=hunter2-secret`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"password":"hunter2-secret"',
    });
    await broker.push('ranches', [insert(document('log-1', { name: 'Forbidden', brand: 'trade-secret' }))]);
    server.fastify.log.info(
      { headers: { authorization: 'Bearer abc' }, body: { password: 'hunter2-secret', refreshToken: 'hunter2-secret' } },
      'somebody logs too much',
    );
    const all = lines.join('');
    expect(lines.length).toBeGreaterThan(20);
    for (const secret of [
      'hunter2-secret',
      'drover-demo-2026',
      'trade-secret',
      broker.login.accessToken,
      broker.login.refreshToken,
      'Bearer ',
    ])
      expect(all).not.toContain(secret);
  });
});

describe('the process', () => {
  test('a taken port is told in a sentence with the way out', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startServer({ databaseUrl: await cloneDatabase(), port, nouns: syntheticNouns, log: openLog('silent') })).rejects.toThrow(
      `Port ${port} is taken, perhaps by a Drover that is already running. Stop that one, or set PORT to another number.`,
    );
  });

  test('settings come from the environment and wrong ones are told', () => {
    expect(settingsFrom({ DATABASE_URL: 'postgres://x', PORT: '8801', LOG_LEVEL: 'silent' })).toMatchObject({
      port: 8801,
      host: '127.0.0.1',
      databaseUrl: 'postgres://x',
    });
    expect(() => settingsFrom({})).toThrow('DATABASE_URL is not set');
    for (const url of ['notaurl', 'mysql://user:hunter2@host/db']) {
      expect(() => settingsFrom({ DATABASE_URL: url })).toThrow('DATABASE_URL must look like postgres://user@host:5432/database.');
    }
    expect(settingsFrom({ DATABASE_URL: 'postgresql:///drover?host=/run/postgresql' }).port).toBe(8790);
    expect(() => settingsFrom({ DATABASE_URL: 'postgres://x', PORT: 'http' })).toThrow('PORT must be a number');
  });
});
