/** The real shell in the real Electron: what the double in tests/electron cannot prove. Runs where the binary is found. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ElectronApplication, type Page, _electron, expect, test } from '@playwright/test';
import { NO_ELECTRON, findElectron } from '../../../build/electron-binary.ts';
import { callNames } from '../../../electron/ipc-contract.ts';

const repo = fileURLToPath(new URL('../../..', import.meta.url));
const binary = findElectron();
if (binary === undefined) process.stdout.write(`tests/electron/e2e: ${NO_ELECTRON}\n`);
test.skip(binary === undefined, NO_ELECTRON);

let data = '';
let app: ElectronApplication;
let page: Page;

/** `npm run build` must have run: Electron starts dist/electron/main.js. */
const launch = (): Promise<ElectronApplication> => {
  const { DROVER_SERVER: _server, ...env } = process.env;
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return _electron.launch({
    executablePath: binary ?? '',
    args: [...asRoot, repo],
    env: { ...(env as Record<string, string>), DROVER_DATA: data },
    timeout: 30_000,
  });
};

test.beforeAll(async () => {
  if (binary === undefined) return;
  data = await mkdtemp(join(tmpdir(), 'drover-electron-'));
  app = await launch();
  page = await app.firstWindow();
});
test.afterAll(async () => {
  if (binary === undefined) return;
  await app.close();
  await rm(data, { recursive: true, force: true });
});

test('the window opens on app://drover with the bridge, isolated, and without Node', async () => {
  expect(await page.evaluate(() => location.origin)).toBe('app://drover');
  expect(await page.evaluate(() => 'require' in window || 'process' in window || 'ipcRenderer' in window)).toBe(false);
  const names = await page.evaluate(() => Object.keys(window.drover ?? {}));
  expect(names.sort()).toEqual([...callNames].sort());
  expect(await page.evaluate(() => window.drover?.version().then((v) => v.shell))).toContain('Electron');
});

test('keeps data in IndexedDB under its own origin', async () => {
  const opened = await page.evaluate(
    () =>
      new Promise<boolean>((resolve) => {
        const request = indexedDB.open('drover-e2e-probe');
        request.onsuccess = () => {
          request.result.close();
          resolve(true);
        };
        request.onerror = () => resolve(false);
      }),
  );
  expect(opened).toBe(true);
});

test('evaluates no text as code, loads nothing from elsewhere, and its folder has no way out', async () => {
  expect(
    await page.evaluate(() => {
      try {
        const made: unknown = Reflect.construct(Function, ['return 1']);
        return typeof made;
      } catch (error) {
        return error instanceof Error ? error.name : 'thrown';
      }
    }),
  ).toBe('EvalError');
  expect(
    await page.evaluate(() =>
      fetch('https://example.com/').then(
        () => 'loaded',
        () => 'refused',
      ),
    ),
  ).toBe('refused');
  expect(await page.evaluate(() => fetch('/%2e%2e%2felectron%2fmain.js').then((answer) => answer.status))).toBe(400);
});

test('stays on its own page and opens no second window', async () => {
  await page.evaluate(() => {
    location.href = 'https://example.com/';
  });
  expect(await page.evaluate(() => location.origin)).toBe('app://drover');
  expect(await page.evaluate(() => window.open('http://example.com/'))).toBeNull();
  expect(app.windows()).toHaveLength(1);
});

test('asks for no camera', async () => {
  const answer = await page.evaluate(() =>
    navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'given',
      (error: unknown) => (error instanceof Error ? error.name : 'refused'),
    ),
  );
  expect(answer).not.toBe('given');
});

test('keeps a secret under the keychain, or says that there is none', async () => {
  const outcome = await page.evaluate(() => window.drover?.setSecret('e2e-probe', 'token'));
  const stored = await page.evaluate(() => window.drover?.getSecret('e2e-probe'));
  if (outcome?.ok === true) expect(stored).toBe('token');
  else expect(outcome).toMatchObject({ ok: false, code: 'no_keychain' });
  await page.evaluate(() => window.drover?.removeSecret('e2e-probe'));
});

test('a second start of the same desk ends by itself', async () => {
  const second = await launch();
  await second.waitForEvent('close', { timeout: 15_000 });
  expect(app.windows()).toHaveLength(1);
});
