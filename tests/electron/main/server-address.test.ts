import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../electron/main/content-security.ts';
import { DEFAULT_SERVER, openServerAddress, parseServerUrl } from '../../../electron/main/server-address.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-address-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const file = (name: string): string => join(folder, name);

describe('the address of the sync server', () => {
  test.each([
    ['https://sync.example.com', 'https://sync.example.com'],
    [' https://sync.example.com/ ', 'https://sync.example.com'],
    ['https://sync.example.com:8443', 'https://sync.example.com:8443'],
    ['http://127.0.0.1:8790', 'http://127.0.0.1:8790'],
    ['http://localhost:8790/', 'http://localhost:8790'],
    ['http://[::1]:8790', 'http://[::1]:8790'],
  ])('%s is taken as %s', (text, url) => expect(parseServerUrl(text)).toEqual({ ok: true, url }));

  test.each([
    ['', 'is not an address'],
    ['sync.example.com', 'is not an address'],
    ['http://sync.example.com', 'Only https://'],
    ['http://192.168.1.10:8790', 'Only https://'],
    ['http://127.0.0.1.example.com', 'Only https://'],
    ['ftp://sync.example.com', 'starts with https://'],
    ['javascript:alert(1)', 'starts with https://'],
    ['https://broker:secret@sync.example.com', 'Leave user name and password out'],
    ['https://sync.example.com/desk', 'Only the server'],
    ['https://sync.example.com/?a=1', 'Only the server'],
  ])('%s is refused: %s', (text, why) => expect(parseServerUrl(text)).toMatchObject({ ok: false, message: expect.stringContaining(why) }));

  test('nothing that is accepted can add a word or a directive to the policy', () => {
    for (const text of ["https://a.example; script-src 'unsafe-eval'", 'https://a.example *', 'https://a.example,https://b.example']) {
      const parsed = parseServerUrl(text);
      const policy = contentSecurityPolicy(parsed.ok ? parsed.url : '');
      expect(policy).not.toContain('unsafe-eval');
      expect(policy.match(/connect-src ([^;]*)/u)?.[1]?.split(' ').length).toBeLessThanOrEqual(2);
    }
  });

  test('is kept on this machine and read again at the next start', async () => {
    const address = await openServerAddress(file('kept.json'), undefined);
    expect(address.current()).toBe(DEFAULT_SERVER);
    expect(await address.change('https://sync.example.com/')).toEqual({ ok: true });
    expect(address.current()).toBe('https://sync.example.com');
    expect((await openServerAddress(file('kept.json'), undefined)).current()).toBe('https://sync.example.com');
  });

  test('a refused address changes nothing', async () => {
    const address = await openServerAddress(file('none.json'), undefined);
    expect(await address.change('http://sync.example.com')).toMatchObject({ ok: false, code: 'address' });
    expect(address.current()).toBe(DEFAULT_SERVER);
    await expect(readFile(file('none.json'))).rejects.toThrow('ENOENT');
  });

  test('other settings in the file survive a change', async () => {
    await writeFile(file('more.json'), JSON.stringify({ theme: 'dark' }));
    await (await openServerAddress(file('more.json'), undefined)).change('https://sync.example.com');
    expect(JSON.parse(await readFile(file('more.json'), 'utf8'))).toEqual({ theme: 'dark', serverUrl: 'https://sync.example.com' });
  });

  test.each(['{"serverUrl": "http://evil.example"}', '{"serverUrl": 7}', '[]', '{ torn'])(
    'a settings file with %s falls back to the default',
    async (text) => {
      await writeFile(file('odd.json'), text);
      expect((await openServerAddress(file('odd.json'), undefined)).current()).toBe(DEFAULT_SERVER);
    },
  );

  test('DROVER_SERVER wins, cannot be changed from the window, and a wrong one says so', async () => {
    const address = await openServerAddress(file('kept.json'), 'http://127.0.0.1:9000');
    expect(address.current()).toBe('http://127.0.0.1:9000');
    expect(await address.change('https://other.example')).toMatchObject({ ok: false, code: 'fixed' });
    await expect(openServerAddress(file('kept.json'), 'sync')).rejects.toThrow('DROVER_SERVER: "sync" is not an address');
  });
});
