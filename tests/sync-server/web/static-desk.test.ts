import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { openTestServer } from '../test-server.ts';

let folder: string;
let server: Server;
let bare: Server;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'drover-desk-'));
  mkdirSync(path.join(folder, 'desk', 'assets'), { recursive: true });
  writeFileSync(path.join(folder, 'desk', 'index.html'), '<!doctype html><title>The desk</title>');
  writeFileSync(path.join(folder, 'desk', 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(path.join(folder, 'secret.txt'), 'not for the web');
  server = await openTestServer({ nouns: syntheticNouns, deskFolder: path.join(folder, 'desk') });
  bare = await openTestServer({ nouns: syntheticNouns, deskFolder: path.join(folder, 'nothing-built') });
});
afterAll(async () => {
  await server.close();
  await bare.close();
  rmSync(folder, { recursive: true, force: true });
});
const get = (address: string, accept = 'text/html', at: Server = server) => fetch(at.url + address, { headers: { accept } });

test.each(['/', '/suppliers', '/suppliers/0198-abc?tab=contacts', '/orders/new'])(
  '%s is the desk, asked for anew every time',
  async (address) => {
    const response = await get(address);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('The desk');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  },
);

test('files with a hashed name are kept for ever', async () => {
  const response = await get('/assets/app-1a2b.js', '*/*');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('javascript');
  expect(response.headers.get('cache-control')).toContain('immutable');
});

test.each([
  '/assets/gone-9f9f.js',
  '/sync/nothing',
  '/auth/nothing',
  '/audit/nothing',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/....//secret.txt',
])('%s is not found, and not the desk', async (address) => {
  const response = await get(address, address.includes('secret') || address.includes('assets') ? '*/*' : 'text/html');
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(await response.json()).toMatchObject({ code: expect.stringMatching(/^(not_found|bad_address|bad_request)$/) as unknown });
});

test('a desk that has not been built says so', async () => {
  const response = await get('/', 'text/html', bare);
  expect(await response.text()).toContain('npm run build');
  expect((await get('/livez', 'text/html', bare)).status).toBe(200);
});
