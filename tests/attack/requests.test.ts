/** Requests that are built to break the server, or what stands behind it, rather than to ask it for something. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nouns } from '../../domain/registry.ts';
import { record } from '../sync-server/access/rights-kit.ts';
import { insert, openTestServer, until } from '../sync-server/test-server.ts';
import { type Company, id, openCompany } from './company.ts';

let company: Company;
const letters: string[] = [];
beforeAll(async () => {
  company = await openCompany({ publicUrl: 'https://desk.example.com' });
});
afterAll(() => company.close());

const version = nouns.find(({ entity }) => entity.collection === 'orders')?.entity.version ?? 0;
const PUSH = `/sync/orders/${version}/push`;
const push = (payload: string, headers: Record<string, string> = {}) =>
  company.ask(PUSH, { method: 'POST', payload, headers: { ...company.broker.headers, ...headers } });
const order = (more: Record<string, unknown>) =>
  record('orders', id(), { number: id().slice(0, 20), deskId: 'east', ownerId: company.broker.login.user.id, ...more });
const stays = async (): Promise<void> => {
  expect((await company.ask('/me/rights', { headers: company.broker.headers })).status).toBe(200);
  expect(Object.keys(Object.prototype)).toEqual([]);
};

/** Writes bytes to the server's socket and answers everything that comes back. */
const raw = (bytes: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(company.server.url);
    let said = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (data) => (said += data.toString('latin1')));
    socket.on('close', () => resolve(said));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(said) : reject(error)));
  });

describe('hosts and paths', () => {
  test('no answer and no link is made of what a request calls its host', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
      'x-original-url': '/admin/roles',
    };
    const invited = await company.ask('/auth/invitations', {
      method: 'POST',
      headers: { ...company.admin.headers, ...headers },
      payload: { email: 'new@drover.example', name: 'New', role: 'broker', deskId: 'desk-main' },
    });
    expect([invited.status, invited.body.includes('https://desk.example.com/')]).toEqual([200, true]);
    letters.push(invited.body);
    for (const url of ['/livez', '/auth/ways', '/me', '/nowhere']) letters.push((await company.ask(url, { headers })).body);
    expect(letters.join('')).not.toContain('evil.example');
  });

  test('a path that climbs, hides or doubles is nothing, or what it says', async () => {
    for (const path of [
      '/../package.json',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/....//....//etc/passwd',
      '/assets/..%5c..%5cpackage.json',
      '/%00',
      '//evil.example/%2e%2e',
      '/files/..%2f..%2fetc/passwd',
      `/files/%2e%2e/${'a'.repeat(64)}`,
      '/sync/..%2faccounts/0/pull',
      '/sync/orders%00/0/pull',
      '/sync/orders;drop/0/pull',
      '/SYNC/orders/0/pull',
      '/sync/orders/0/pull/',
      '/.git/config',
      '/.env',
    ]) {
      const answer = await company.ask(path, { headers: { ...company.broker.headers, accept: '*/*' } });
      expect([path, answer.status >= 400, answer.status < 500, answer.body.includes('root:')]).toEqual([path, true, true, false]);
    }
    const climbing = await raw('GET /../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(climbing).not.toContain('root:');
    expect(climbing).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test('other methods do nothing, and a method in a header is none', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH'] as const)
      expect((await company.ask('/admin/roles', { method, headers: company.admin.headers, payload: {} })).status).toBe(404);
    const overridden = await company.ask('/admin/roles', {
      headers: { ...company.broker.headers, 'x-http-method-override': 'POST', 'x-method-override': 'DELETE' },
    });
    expect(overridden.status).toBe(403);
    expect(await raw('TRACE / HTTP/1.1\r\nHost: x\r\nX-Secret: mirror\r\nConnection: close\r\n\r\n')).not.toContain('mirror');
    expect(await raw('CONNECT evil.example:80 HTTP/1.1\r\nHost: x\r\n\r\n')).not.toContain(' 200 ');
  });
});

describe('bombs of JSON', () => {
  test('prototypes: nothing is polluted, by no spelling, in no body', async () => {
    const bad = [
      '{"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"a":{"__proto__":{"polluted":1}}}',
      '{"__pro\\u0074o__":{"polluted":1}}',
    ];
    for (const body of bad) {
      for (const payload of [
        body,
        `[{"newDocumentState":${body}}]`,
        `[{"newDocumentState":{"id":"x","_deleted":false,"x":${body}},"assumedMasterState":${body}}]`,
      ]) {
        const answer = await push(payload);
        expect([payload, answer.status]).toEqual([payload, 400]);
      }
      await company.refused('/auth/login', { method: 'POST', payload: body });
      await company.refused('/admin/roles', { method: 'POST', payload: body, headers: company.admin.headers });
    }
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      // As the name of a collection, a series, a role, a record: a table without care would find something there.
      for (const url of [`/sync/${key}/0/pull`, `/audit?collection=${key}&id=x`, `/sync/digest?collections=${key}`])
        expect([url, (await company.ask(url, { headers: company.broker.headers })).status]).toEqual([url, 404]);
      const lease = await company.ask('/series/leases', {
        method: 'POST',
        headers: company.broker.headers,
        payload: { holding: [], wanted: [{ series: key, size: 1 }] },
      });
      expect([lease.status, lease.code]).toEqual([400, 'unknown_series']);
    }
    expect('polluted' in {}).toBe(false);
    await stays();
  });

  test('depth, width and length: each has an end', async () => {
    const deep = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`;
    const wide = `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join(',')}}`;
    const texts = Object.fromEntries(['number', 'notes', 'incoterm', 'reference'].map((key) => [key, 'x'.repeat(1_000_000)]));
    const tries: [string, string, number][] = [
      ['deep', `[{"newDocumentState":{"id":"d","_deleted":false,"notes":${deep(200_000)}}}]`, 400],
      ['deep objects', `[{"newDocumentState":{"id":"d","_deleted":false,"x":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}]`, 400],
      ['long number', `[{"newDocumentState":{"id":"d","_deleted":false,"total":${'9'.repeat(1_000_000)}}}]`, 200],
      ['many rows', `[${Array.from({ length: 5000 }, () => '{"newDocumentState":{"id":"d","_deleted":false}}').join(',')}]`, 413],
      ['endless', `["${'x'.repeat(17 * 1024 * 1024)}"]`, 413],
      ['wide', `[{"newDocumentState":${wide}}]`, 400],
      ['long texts', JSON.stringify([insert(order(texts))]), 200],
      ['not a list', '{"length":4000000000}', 400],
    ];
    for (const [what, payload, status] of tries) expect([what, (await push(payload)).status]).toEqual([what, status]);
    for (const url of ['/auth/login', '/auth/link', '/auth/second'])
      expect((await company.ask(url, { method: 'POST', payload: deep(10_000) })).status).toBe(400);
    const condition = `${'{"is":"not","of":'.repeat(5000)}{"is":"all"}${'}'.repeat(5000)}`;
    const role = `{"name":"deep","label":"Deep","revision":0,"grants":[{"permission":"orders:read","when":${condition}}]}`;
    expect((await company.ask('/admin/roles', { method: 'POST', headers: company.admin.headers, payload: role })).status).toBe(422);
    await stays();
  });

  test('a compressed body is not unpacked, whatever it would have become', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20), { level: 9 });
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      const answer = await company.server.fastify.inject({
        method: 'POST',
        url: PUSH,
        headers: { ...company.broker.headers, 'content-encoding': encoding },
        payload: bomb,
      });
      expect([encoding, answer.statusCode]).toEqual([encoding, 400]);
    }
  });
});

describe('headers and connections', () => {
  test('nothing that somebody typed becomes a header of its own', async () => {
    const nasty = 'x\r\nSet-Cookie: stolen=1\r\n\r\n<script>';
    const { admin } = company;
    const named = await company.ask('/auth/devices/rename', {
      method: 'POST',
      headers: admin.headers,
      payload: { device: 'admin-device', name: nasty },
    });
    const file = record('attachments', id(), {
      name: 'a"\r\nSet-Cookie: x=1.pdf',
      deskId: 'desk-main',
      ownerId: admin.login.user.id,
      sha256: 'b'.repeat(64),
      mime: 'application/pdf',
    });
    await admin.push('attachments', [insert(file)]);
    const answers = [
      named,
      await company.ask(`/files/${file.id}/${'b'.repeat(64)}`, { headers: admin.headers }),
      await company.ask(`/auth/oidc/start?return=${encodeURIComponent(nasty)}&challenge=x`),
      await company.ask('/livez', { headers: { origin: 'https://evil.example\r\nX: 1', 'x-request-id': nasty, 'x-drover-device': nasty } }),
    ];
    for (const { headers } of answers) {
      expect(headers['set-cookie']).toBeUndefined();
      expect(Object.values(headers).every((value) => !/[\r\n]/.test(String(value)))).toBe(true);
    }
  });

  test('two lengths, a length and chunks, a line folded or torn: the connection is refused, not read in two ways', async () => {
    const body = '{"refreshToken":"x"}';
    const smuggled = 'GET /admin/roles HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const bytes of [
      `POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nContent-Length: 0\r\n\r\n${body}`,
      `POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `POST /auth/refresh HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n${smuggled}`,
      `GET /livez HTTP/1.1\r\nHost: x\r\nX-A: b\r\n folded\r\nConnection: close\r\n\r\n`,
      `GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ${'b'.repeat(70_000)}\r\nConnection: close\r\n\r\n`,
    ]) {
      const said = await raw(bytes);
      expect([bytes.slice(0, 90), said.slice(0, 12)]).toEqual([bytes.slice(0, 90), expect.stringMatching(/^HTTP\/1\.1 4\d\d$/)]);
      expect(said).not.toContain('not_signed_in');
    }
  });

  test('who sends a request drop by drop loses the connection, and others are served meanwhile', async () => {
    // Of its own, because on a busy machine a second is short for others too.
    const server = await openTestServer({ requestMsMax: 1000 });
    const { hostname, port } = new URL(server.url);
    const closed: boolean[] = [];
    const slow = Array.from({ length: 40 }, (_, i) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          i % 2 === 0
            ? 'GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: '
            : 'POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
        ),
      );
      const drip = setInterval(() => socket.writable && socket.write('a'), 100);
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      socket.on('close', () => {
        clearInterval(drip);
        closed[i] = true;
      });
      return socket;
    });
    expect((await server.fastify.inject('/auth/ways')).statusCode).toBe(200);
    await until(() => slow.every((_, i) => closed[i] === true), 'every slow connection is closed');
    expect((await server.fastify.inject('/auth/ways')).statusCode).toBe(200);
    await server.close();
  });
});

describe('requests that the server makes itself', () => {
  test('no route takes an address to fetch: what looks like one is kept as a text, or refused', async () => {
    const inside = 'http://169.254.169.254/latest/meta-data/';
    for (const place of [inside, 'http://127.0.0.1:1/', 'file:///etc/passwd', 'https://evil.example', '//evil.example']) {
      const start = await company.ask(`/auth/oidc/start?challenge=${'a'.repeat(43)}&return=${encodeURIComponent(place)}`);
      // Without another system to sign in through there is no such route; with one, tests/sync-server/auth/oidc.test.ts asks the same.
      expect(start.status).toBe(404);
    }
    const of = order({ notes: inside });
    expect(await company.broker.push('orders', [insert(of)])).toEqual([]);
    expect((await company.broker.pullAll('orders')).find((one) => one.id === of.id)).toMatchObject({ notes: inside });
  });
});
