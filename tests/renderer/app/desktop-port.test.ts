import { describe, expect, test } from 'vitest';
import { type DesktopPort, callNames } from '../../../electron/ipc-contract.ts';
import { desktopPort, secretsOf, webPort } from '../../../renderer/app/desktop-port.ts';
import type { SecretStore } from '../../../renderer/sync/token-pair.ts';

function memory(failing = false): SecretStore {
  const kept = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(kept.get(key)),
    set: (key, value) => {
      if (failing) return Promise.reject(new Error('QuotaExceededError'));
      kept.set(key, value);
      return Promise.resolve();
    },
    remove: (key) => {
      kept.delete(key);
      return Promise.resolve();
    },
  };
}

describe('the machine the desk runs on', () => {
  test('the browser implements every call of the contract', () => {
    const port = webPort({ version: '0.1.0', secrets: memory() });
    expect(Object.keys(port).sort()).toEqual([...callNames].sort());
  });

  test('the bridge of the shell wins where there is one', async () => {
    const web = webPort({ version: '0.1.0', secrets: memory() });
    const bridge: DesktopPort = { ...web, serverUrl: () => Promise.resolve('https://sync.example.com') };
    expect(await desktopPort({ version: '0.1.0', secrets: memory() }, bridge).serverUrl()).toBe('https://sync.example.com');
  });

  test('in the browser the server is the one the page came from, and that cannot be changed', async () => {
    const port = webPort({ version: '0.1.0', secrets: memory() });
    expect(await port.version()).toEqual({ app: '0.1.0', shell: 'web' });
    expect(await port.serverUrl()).toBe('');
    expect(await port.setServerUrl('https://other.example')).toMatchObject({ ok: false, code: 'web' });
  });

  test('secrets come back, and can be removed', async () => {
    const secrets = secretsOf(webPort({ version: '0.1.0', secrets: memory() }));
    expect(await secrets.get('refresh-token')).toBeUndefined();
    await secrets.set('refresh-token', 'one');
    expect(await secrets.get('refresh-token')).toBe('one');
    await secrets.remove('refresh-token');
    expect(await secrets.get('refresh-token')).toBeUndefined();
  });

  test('a secret that cannot be kept is told to the session in a sentence', async () => {
    const port = webPort({ version: '0.1.0', secrets: memory(true) });
    expect(await port.setSecret('refresh-token', 'one')).toMatchObject({ ok: false, code: 'storage' });
    await expect(secretsOf(port).set('refresh-token', 'one')).rejects.toThrow('could not keep the sign-in');
    const refusing: DesktopPort = {
      ...port,
      setSecret: () => Promise.resolve({ ok: false, code: 'no_keychain', message: 'This machine has no keychain.' }),
    };
    await expect(secretsOf(refusing).set('refresh-token', 'one')).rejects.toThrow('This machine has no keychain.');
  });
});
