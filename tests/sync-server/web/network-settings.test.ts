import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Server, settingsFrom } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { openTestServer } from '../test-server.ts';

const base = { DATABASE_URL: 'postgres://x', LOG_LEVEL: 'silent' };

test('only addresses and networks are proxies, and never everybody', () => {
  const proxies = (text: string) => settingsFrom({ ...base, DROVER_TRUSTED_PROXIES: text }).trustedProxies;
  expect(proxies('')).toEqual([]);
  expect(proxies(' 10.0.0.4, 10.1.0.0/16,fd00::/8, loopback ')).toEqual(['10.0.0.4', '10.1.0.0/16', 'fd00::/8', 'loopback']);
  for (const wrong of ['*', 'true', '0.0.0.0/0', '::/0', 'proxy.example', '10.0.0.4/33', '10.0.0.0/8/8', '10.0.0'])
    expect(() => proxies(wrong)).toThrow(`not "${wrong}"`);
});

test('other origins are named exactly', () => {
  const origins = (text: string) => settingsFrom({ ...base, DROVER_ORIGINS: text }).origins;
  expect(origins('https://tools.example.com,http://127.0.0.1:5173')).toEqual(['https://tools.example.com', 'http://127.0.0.1:5173']);
  for (const wrong of [
    '*',
    'null',
    'https://*.example.com',
    'https://tools.example.com/',
    'tools.example.com',
    'https://TOOLS.example.com',
    'javascript:alert(1)',
  ])
    expect(() => origins(wrong)).toThrow(`not "${wrong}"`);
});

let server: Server;
let proxied: Server;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns, origins: ['https://tools.example.com'] });
  proxied = await openTestServer({ nouns: syntheticNouns, trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
});
afterAll(async () => {
  await server.close();
  await proxied.close();
});

test('the address of a request is the last one that no trusted proxy has', async () => {
  const addressAt = async (at: Server, forwarded: string): Promise<string | undefined> => {
    await at.fastify.inject({
      method: 'POST',
      url: '/auth/login',
      headers: { 'x-forwarded-for': forwarded },
      payload: { email: 'nobody@drover.example', password: 'wrong' },
    });
    const [row] = await at.db.rows<{ address: string }>({
      text: `select address from security_events where kind = 'sign_in_failed'`,
    });
    return row?.address;
  };
  expect(await addressAt(server, '203.0.113.9')).toBe('127.0.0.1');
  // What the client wrote itself stands before what the proxies added.
  expect(await addressAt(proxied, '198.51.100.1, 203.0.113.9, 10.0.0.7')).toBe('203.0.113.9');
});

test('a preflight names the origins that were told, exactly, and no other', async () => {
  const allowed = async (origin: string): Promise<unknown> => {
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };
    const answer = await server.fastify.inject({ method: 'OPTIONS', url: '/sync/ranches/0/push', headers });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    return answer.headers['access-control-allow-origin'];
  };
  for (const origin of ['app://drover', 'https://tools.example.com']) expect(await allowed(origin)).toBe(origin);
  for (const origin of [
    'https://tools.example.com.evil.example',
    'http://tools.example.com',
    'https://TOOLS.example.com',
    'null',
    'app://drover.evil',
    'file://',
  ])
    expect(await allowed(origin)).toBeUndefined();
});
