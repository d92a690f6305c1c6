import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerAppRequest, resolveTarget } from '../../../electron/main/app-protocol.ts';
import { isExternalLink, isOwnPage } from '../../../electron/main/own-page.ts';

let folder = '';
let root = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-protocol-'));
  root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Drover</title>');
  await writeFile(join(root, 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'secret.txt'), 'not for the window');
  await mkdir(join(root, 'odd.d'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const get = (url: string, method = 'GET'): Promise<Response> =>
  answerAppRequest({ root, serverUrl: () => 'https://sync.example.com' }, { method, url });

describe('app://drover', () => {
  test.each(['app://drover/', 'app://drover', 'app://drover/purchase-orders/0198', 'app://drover/plants?q=86K#top'])(
    'answers the start page for %s',
    async (url) => {
      const answer = await get(url);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('<title>Drover</title>');
    },
  );

  test('answers built files with their media type and lets them be cached', async () => {
    const answer = await get('app://drover/assets/main-1a2b.js');
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(await answer.text()).toBe('export {};');
  });

  test('HEAD has no body', async () => {
    const answer = await get('app://drover/', 'HEAD');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  test.each([
    ['app://drover/assets/gone.js', 404],
    ['app://drover/odd.d', 404],
    ['app://elsewhere/', 404],
    ['https://drover/', 404],
    ['app://user@drover/', 404],
    ['not an address', 404],
    ['app://drover/%2e%2e%2fsecret.txt', 400],
    ['app://drover/assets/..%2f..%2fsecret.txt', 400],
    ['app://drover/%5c..%5c..%5csecret.txt', 400],
    ['app://drover/C:%5csecret.txt', 400],
    ['app://drover/index.html%00.png', 400],
    ['app://drover/%E0%A4%A', 400],
  ])('refuses %s with %i', async (url, status) => {
    const answer = await get(url);
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain('not for the window');
  });

  test('refuses every method but GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) expect((await get('app://drover/', method)).status).toBe(405);
  });

  test('never leaves its folder, whatever the path', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2E.',
      '%2f',
      '%5c',
      '/',
      '\\',
      'assets',
      'secret.txt',
      '%00',
      '%252e',
      'c:',
      'x.js',
      '//',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const target = resolveTarget('/opt/drover/renderer', `app://drover/${parts.join('')}`);
        return 'refused' in target || target.file.startsWith('/opt/drover/renderer/');
      }),
    );
  });

  test('every answer, refusals too, carries the policy: own scripts only, no eval, the sync server and nothing else', async () => {
    for (const url of ['app://drover/', 'app://drover/gone.js', 'app://drover/%2e%2e%2fx.js']) {
      const headers = (await get(url)).headers;
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("connect-src 'self' https://sync.example.com;");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe-eval');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
  });
});

describe('addresses', () => {
  test.each([
    ['app://drover/', true],
    ['app://drover/a/b?c', true],
    ['app://drover:80/', false],
    ['app://drover.example.com/', false],
    ['https://drover/', false],
    ['file:///index.html', false],
    ['javascript:alert(1)', false],
    ['', false],
  ])('own page: %s is %s', (url, own) => expect(isOwnPage(url)).toBe(own));

  test.each([
    ['https://www.fsis.usda.gov/', true],
    ['mailto:desk@example.com', true],
    ['tel:+1-555-0100', true],
    ['http://example.com/', false],
    ['https://user:secret@example.com/', false],
    ['file:///etc/passwd', false],
    ['smb://host/share', false],
    ['ms-msdt:/id', false],
    ['javascript:alert(1)', false],
    ['app://drover/', false],
  ])('handed to the operating system: %s is %s', (url, external) => expect(isExternalLink(url)).toBe(external));

  test('an absurdly long link goes nowhere', () => expect(isExternalLink(`https://example.com/${'x'.repeat(3000)}`)).toBe(false));
});
