import { describe, expect, test } from 'vitest';
import { type DesktopPort, SAVE_BYTES_MAX, SECRET_BYTES_MAX, callNames, channelOf } from '../../../electron/ipc-contract.ts';
import { type CallEvent, registerCalls } from '../../../electron/main/ipc-registration.ts';

const ownPage: CallEvent = { senderFrame: { url: 'app://drover/plants', parent: null } };

function shell(more: Partial<DesktopPort> = {}) {
  const kept = new Map<string, string>();
  const port: DesktopPort = {
    version: () => Promise.resolve({ app: '0.1.0', shell: 'test' }),
    serverUrl: () => Promise.resolve('https://sync.example.com'),
    setServerUrl: () => Promise.resolve({ ok: true }),
    getSecret: (name) => Promise.resolve(kept.get(name) ?? null),
    setSecret: (name, value) => {
      kept.set(name, value);
      return Promise.resolve({ ok: true });
    },
    removeSecret: (name) => {
      kept.delete(name);
      return Promise.resolve(undefined);
    },
    saveFile: (name) => Promise.resolve({ outcome: 'saved', name }),
    signInByBrowser: () => Promise.resolve({ outcome: 'ticket', ticket: 't' }),
    ...more,
  };
  const handlers = new Map<string, (event: CallEvent, ...args: unknown[]) => Promise<unknown>>();
  const reported: string[] = [];
  registerCalls({ handle: (channel, listener) => handlers.set(channel, listener) }, port, (error) => reported.push(error.message));
  const invoke = (name: string, args: readonly unknown[], event: CallEvent = ownPage): Promise<unknown> => {
    const handler = handlers.get(`drover:${name}`);
    if (!handler) throw new Error(`no handler for ${name}`);
    return handler(event, ...args);
  };
  return { invoke, handlers, reported, kept };
}

describe('calls between window and shell', () => {
  test('every line of the contract has a handler and there is none beside', () => {
    expect(callNames.length).toBeGreaterThan(0);
    expect([...shell().handlers.keys()].sort()).toEqual(callNames.map(channelOf).sort());
  });

  test('our own page gets answers', async () => {
    const { invoke, reported } = shell();
    expect(await invoke('version', [])).toEqual({ app: '0.1.0', shell: 'test' });
    expect(await invoke('setSecret', ['session', 'token'])).toEqual({ ok: true });
    expect(await invoke('getSecret', ['session'])).toBe('token');
    expect(await invoke('removeSecret', ['session'])).toBeUndefined();
    expect(await invoke('getSecret', ['session'])).toBeNull();
    expect(await invoke('saveFile', ['a.csv', new Uint8Array(3)])).toEqual({ outcome: 'saved', name: 'a.csv' });
    expect(await invoke('signInByBrowser', ['c'.repeat(43)])).toEqual({ outcome: 'ticket', ticket: 't' });
    expect(reported).toEqual([]);
  });

  test.each<[string, CallEvent]>([
    ['a foreign page', { senderFrame: { url: 'https://example.com/', parent: null } }],
    ['a file', { senderFrame: { url: 'file:///tmp/x.html', parent: null } }],
    ['another host of our scheme', { senderFrame: { url: 'app://other/', parent: null } }],
    ['a frame inside our page', { senderFrame: { url: 'app://drover/', parent: {} } }],
    ['an empty frame', { senderFrame: { url: 'about:blank', parent: null } }],
    ['a frame that is gone', { senderFrame: null }],
  ])('%s gets nothing', async (_who, event) => {
    const { invoke, reported, kept } = shell();
    kept.set('session', 'token');
    for (const [name, args] of [
      ['getSecret', ['session']],
      ['removeSecret', ['session']],
      ['version', []],
    ] as const) {
      await expect(invoke(name, args, event)).rejects.toThrow("only answered to the desk's own page");
    }
    expect(kept.get('session')).toBe('token');
    expect(reported).toHaveLength(3);
  });

  test.each<[string, readonly unknown[]]>([
    ['version', ['more']],
    ['getSecret', []],
    ['getSecret', [7]],
    ['getSecret', ['../other']],
    ['getSecret', ['__proto__']],
    ['getSecret', ['UPPER']],
    ['setSecret', ['session']],
    ['setSecret', ['session', { toString: 'x' }]],
    ['setSecret', ['session', 'x'.repeat(SECRET_BYTES_MAX + 1)]],
    ['setServerUrl', [null]],
    ['saveFile', ['a.csv', 'text']],
    ['saveFile', ['a.csv', [1, 2, 3]]],
    ['saveFile', ['x'.repeat(256), new Uint8Array(1)]],
    ['saveFile', ['a.csv', new Uint8Array(SAVE_BYTES_MAX + 1)]],
    ['saveFile', ['a.csv', new Uint8Array(1), 'more']],
  ])('%s refuses wrong arguments', async (name, args) => {
    await expect(shell().invoke(name, args)).rejects.toMatchObject({ name: 'RefusedCall', code: 'arguments' });
  });

  test('a refused secret is never repeated in the message', async () => {
    const { invoke, reported } = shell();
    await expect(invoke('setSecret', ['BAD NAME', 'refresh-token-1'])).rejects.toThrow('agreed shape');
    expect(reported.join()).not.toContain('refresh-token-1');
  });

  test('a handler that answers something else than promised is a bug and does not reach the page', async () => {
    const leaking = {
      saveFile: () => Promise.resolve({ outcome: 'saved', path: '/home/broker/a.csv' }),
    } as unknown as Partial<DesktopPort>;
    const { invoke, reported } = shell(leaking);
    await expect(invoke('saveFile', ['a.csv', new Uint8Array(1)])).rejects.toThrow('does not promise');
    expect(reported).toHaveLength(1);
  });
});
