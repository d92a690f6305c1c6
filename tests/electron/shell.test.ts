/** The built shell, started in a process of its own with a double in Electron's place. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ShellBundle, bundleShell, checkShell, loadedModules } from '../../build/bundle-shell.ts';
import { findElectron } from '../../build/electron-binary.ts';
import { callNames, channelOf } from '../../electron/ipc-contract.ts';

const run = promisify(execFile);
const hook = fileURLToPath(new URL('./electron-double.hook.ts', import.meta.url));
let folder = '';
let bundle: ShellBundle;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-shell-'));
  bundle = await bundleShell(join(folder, 'dist', 'electron'));
  await mkdir(join(folder, 'dist', 'renderer'), { recursive: true });
  await writeFile(join(folder, 'dist', 'renderer', 'index.html'), '<!doctype html><title>Drover</title>');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Started {
  readonly order: string[];
  readonly windowOptions: { readonly webPreferences: Record<string, unknown>; readonly show: boolean };
  readonly loaded: string;
  readonly shown: number;
  readonly guarded: string[];
  readonly opened: string[];
  readonly userData: string;
  readonly channels: string[];
  readonly contentsGuards: string[];
  readonly driven: Record<string, unknown>;
}

async function start(env: Record<string, string>): Promise<{ started: Started; stderr: string }> {
  const { DROVER_SERVER: _server, DROVER_DATA: _data, ...rest } = process.env;
  const { stdout, stderr } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', hook, bundle.main], {
    env: { ...rest, DOUBLE_USER_DATA: join(folder, 'own'), ...env },
    timeout: 20_000,
  });
  return { started: JSON.parse(stdout) as Started, stderr };
}

describe('the bundled shell', () => {
  test('leaves NODE_ENV as it was, so that what starts next is not production', async () => {
    vi.stubEnv('NODE_ENV', undefined);
    try {
      await bundleShell(join(folder, 'again'));
      expect(process.env.NODE_ENV).toBeUndefined();
    } finally {
      vi.unstubAllEnvs();
    }
  });
  test('loads Electron and Node, and nothing that the package would lack', async () => {
    const main = loadedModules(await readFile(bundle.main, 'utf8'));
    expect(main).toContain('electron');
    expect(main.filter((id) => id !== 'electron' && !id.startsWith('node:'))).toEqual([]);
    expect(loadedModules(await readFile(bundle.preload, 'utf8'))).toEqual(['electron']);
  });

  test('a bundle that forgot a package, or took Electron in, does not pass', async () => {
    const bad = join(folder, 'bad');
    await mkdir(bad);
    await writeFile(join(bad, 'preload.cjs'), 'require("electron");');
    await writeFile(join(bad, 'main.js'), 'import { app } from "electron"; import x from "left-pad"; x(app);');
    await expect(checkShell(bad)).rejects.toThrow('main.js loads left-pad');
    await writeFile(join(bad, 'main.js'), 'export {};');
    await expect(checkShell(bad)).rejects.toThrow('main.js does not load electron');
    await writeFile(join(bad, 'main.js'), 'import { app } from "electron"; app(;');
    await expect(checkShell(bad)).rejects.toThrow('main.js');
    await writeFile(join(bad, 'main.js'), 'import { app } from "electron"; app();');
    await writeFile(join(bad, 'preload.cjs'), 'require("electron"); require("node:fs");');
    await expect(checkShell(bad)).rejects.toThrow('preload.cjs loads node:fs');
    await writeFile(join(bad, 'chunk-1.js'), 'export {};');
    await expect(checkShell(bad)).rejects.toThrow('must be main.js and preload.cjs');
  });

  test('starts hardened: sandbox and scheme before ready, every guard on, the window shown when painted', async () => {
    const { started, stderr } = await start({});
    expect(started.order.slice(0, 2)).toEqual([
      'enableSandbox',
      'schemes [{"scheme":"app","privileges":{"standard":true,"secure":true,"supportFetchAPI":true,"stream":true,"codeCache":true}}]',
    ]);
    expect(started.order.join()).not.toContain('too late');
    expect(started.windowOptions.show).toBe(false);
    expect(started.shown).toBeGreaterThan(0);
    expect(started.windowOptions.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      devTools: true,
    });
    expect(started.windowOptions.webPreferences['preload']).toBe(bundle.preload);
    expect(started.loaded).toBe('app://drover/');
    expect(started.guarded.sort()).toEqual(['check', 'device', 'request', 'will-download']);
    expect(started.contentsGuards.sort()).toEqual(['will-attach-webview', 'will-navigate', 'will-redirect']);
    expect(started.channels.sort()).toEqual(callNames.map(channelOf).sort());
    expect(stderr).toContain("getSecret is only answered to the desk's own page");
  });

  test('answers its page, keeps the secret sealed, and serves the window with the policy of the changed server', async () => {
    const { started } = await start({});
    expect(started.driven).toMatchObject({
      version: { app: '0.1.0', shell: expect.stringContaining(process.platform) },
      secretSet: { ok: true },
      secretGet: 'token',
      foreign: expect.stringContaining('RefusedCall'),
      saveCancelled: { outcome: 'cancelled' },
      serverChange: { ok: true },
      start: {
        status: 200,
        policy: expect.stringContaining("connect-src 'self' https://sync.example.com;"),
        text: expect.stringContaining('<title>Drover'),
      },
      outside: { status: 400 },
      popup: { action: 'deny' },
    });
    expect(started.opened).toEqual(['https://www.fsis.usda.gov/']);
    expect(await readFile(join(folder, 'own', 'secrets.json'), 'utf8')).not.toContain('token');
    expect(started.order).toContain('focus');
  });

  test('keeps everything local in DROVER_DATA where it is set', async () => {
    const { started } = await start({ DROVER_DATA: join(folder, 'data'), DROVER_SERVER: 'http://127.0.0.1:8891' });
    expect(started.userData).toBe(join(folder, 'data', 'desktop'));
    expect(started.driven['start']).toMatchObject({ policy: expect.stringContaining("connect-src 'self' http://127.0.0.1:8891;") });
    expect(started.driven['serverChange']).toMatchObject({ ok: false, code: 'fixed' });
  });

  test('has no developer tools once it is packaged', async () => {
    const { started } = await start({ DOUBLE_PACKAGED: '1' });
    expect(started.windowOptions.webPreferences).toMatchObject({ devTools: false });
  });

  test('a second start opens no second window', async () => {
    const { started } = await start({ DOUBLE_SECOND: '1' });
    expect(started.order).toContain('quit');
    expect(started.loaded).toBe('');
  });

  test('says in a box what keeps it from starting', async () => {
    const failed = await start({ DROVER_SERVER: 'sync' }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('DROVER_SERVER: "sync" is not an address') });
  });

  test('the preload offers exactly the calls of the contract, frozen, and no way to name another channel', async () => {
    const exposed: Record<string, Record<string, (...args: unknown[]) => unknown>> = {};
    const invoked: unknown[][] = [];
    const electron = {
      contextBridge: { exposeInMainWorld: (name: string, api: Record<string, (...args: unknown[]) => unknown>) => (exposed[name] = api) },
      ipcRenderer: { invoke: (...args: unknown[]) => invoked.push(args) },
    };
    runInNewContext(await readFile(bundle.preload, 'utf8'), {
      Object,
      Uint8Array,
      require: (id: string) => {
        if (id !== 'electron') throw new Error(`a sandboxed preload cannot load ${id}`);
        return electron;
      },
    });
    expect(Object.keys(exposed)).toEqual(['drover']);
    const bridge = exposed['drover'] ?? {};
    expect(Object.keys(bridge)).toEqual([...callNames]);
    expect(Object.isFrozen(bridge)).toBe(true);
    bridge['setSecret']?.('session', 'token');
    expect(invoked).toEqual([['drover:setSecret', 'session', 'token']]);
  });
});

describe('finding Electron', () => {
  test('takes the path that its installer wrote, the override before it, and says nothing where there is none', async () => {
    const packageFolder = join(folder, 'electron-package');
    const none = { packageFolder, override: undefined, platform: 'linux' };
    await mkdir(join(packageFolder, 'dist'), { recursive: true });
    expect(findElectron(none)).toBeUndefined();
    await writeFile(join(packageFolder, 'dist', 'electron'), '');
    expect(findElectron(none)).toBe(join(packageFolder, 'dist', 'electron'));
    await writeFile(join(packageFolder, 'path.txt'), 'electron-of-the-day\n');
    expect(findElectron(none)).toBeUndefined();
    const override = join(folder, 'elsewhere');
    await mkdir(override);
    await writeFile(join(override, 'electron'), '');
    expect(findElectron({ ...none, override })).toBe(join(override, 'electron'));
  });
});
