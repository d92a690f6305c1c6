import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SealPort, openSecretStore } from '../../../electron/main/secret-store.ts';

let folder = '';
let file = '';
let round = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-secrets-'));
});
beforeEach(() => {
  round += 1;
  file = join(folder, `secrets-${round}.json`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Stands for the operating system's keychain: seals with a key byte, and can lose it or ask for a new seal. */
function keychain(more: { key?: number; available?: boolean; backend?: string; old?: boolean } = {}): SealPort {
  const { key = 90, available = true, backend = 'gnome_libsecret', old = false } = more;
  const turn = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ key));
  return {
    isAsyncEncryptionAvailable: () => Promise.resolve(available),
    encryptStringAsync: (text) => Promise.resolve(turn(Buffer.from(`sealed:${text}`))),
    decryptStringAsync: (bytes) => {
      const text = turn(bytes).toString();
      if (!text.startsWith('sealed:')) return Promise.reject(new Error('Error while decrypting the ciphertext'));
      return Promise.resolve({ result: text.slice('sealed:'.length), shouldReEncrypt: old });
    },
    getSelectedStorageBackend: () => backend,
  };
}

describe('secrets on this machine', () => {
  test('come back after a restart, and the file holds nothing readable', async () => {
    const store = openSecretStore(file, keychain(), 'linux');
    expect(await store.get('session')).toBeNull();
    expect(await store.set('session', 'refresh-token-1')).toEqual({ ok: true });
    expect(await readFile(file, 'utf8')).not.toContain('refresh-token-1');
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await openSecretStore(file, keychain(), 'linux').get('session')).toBe('refresh-token-1');
  });

  test('can be replaced and removed', async () => {
    const store = openSecretStore(file, keychain(), 'darwin');
    await store.set('session', 'one');
    await store.set('session', 'two');
    expect(await store.get('session')).toBe('two');
    await store.remove('session');
    await store.remove('session');
    expect(await store.get('session')).toBeNull();
  });

  test('written at the same moment do not lose each other', async () => {
    const store = openSecretStore(file, keychain(), 'win32');
    const names = Array.from({ length: 12 }, (_, i) => `name-${i}`);
    await Promise.all(names.map((name) => store.set(name, `value of ${name}`)));
    expect(await Promise.all(names.map((name) => store.get(name)))).toEqual(names.map((name) => `value of ${name}`));
  });

  test('are refused, not stored in the clear, where Linux has no keychain', async () => {
    const store = openSecretStore(file, keychain({ backend: 'basic_text' }), 'linux');
    expect(await store.set('session', 'refresh-token-1')).toMatchObject({ ok: false, code: 'no_keychain' });
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('are refused while the operating system offers no encryption', async () => {
    const store = openSecretStore(file, keychain({ available: false }), 'win32');
    expect(await store.set('session', 'x')).toMatchObject({ ok: false, code: 'no_keychain' });
    expect(await store.get('session')).toBeNull();
  });

  test('of another machine or a lost key are as good as none', async () => {
    await openSecretStore(file, keychain({ key: 90 }), 'linux').set('session', 'x');
    const elsewhere = openSecretStore(file, keychain({ key: 17 }), 'linux');
    expect(await elsewhere.get('session')).toBeNull();
    expect(await elsewhere.set('session', 'y')).toEqual({ ok: true });
    expect(await elsewhere.get('session')).toBe('y');
  });

  test('are sealed again when the operating system changed its key', async () => {
    await openSecretStore(file, keychain(), 'linux').set('session', 'x');
    const before = await stat(file);
    expect(await openSecretStore(file, keychain({ old: true }), 'linux').get('session')).toBe('x');
    expect((await stat(file)).ino).not.toBe(before.ino);
  });

  test('are few: a page gone wrong cannot fill the disk', async () => {
    const store = openSecretStore(file, keychain(), 'linux');
    for (let i = 0; i < 32; i += 1) expect(await store.set(`n${i}`, 'v')).toEqual({ ok: true });
    expect(await store.set('one-more', 'v')).toMatchObject({ ok: false, code: 'too_many' });
    expect(await store.set('n3', 'replaced')).toEqual({ ok: true });
  });
});
