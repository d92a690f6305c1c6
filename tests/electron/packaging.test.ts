/** The installers' settings against electron-builder's own schema, and a real pack with a stand-in for Electron's binary. */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPackage, extractFile, listPackage } from '@electron/asar';
import type { Configuration } from 'electron-builder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleShell } from '../../build/bundle-shell.ts';
import { APP_ID, builderConfig } from '../../build/electron-builder.ts';
import { packageDesk } from '../../build/package.ts';

const repo = fileURLToPath(new URL('../..', import.meta.url));

/** electron-builder offers its schema check only inside app-builder-lib, which is its dependency and not ours. */
const validate = (config: Configuration): Promise<void> => {
  const require = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
  const name = 'app-builder-lib';
  const library = require(`${name}/out/util/config/config`) as {
    validateConfiguration(config: Configuration, logger: { isEnabled: boolean; add(): void }): Promise<void>;
  };
  return library.validateConfiguration(config, { isEnabled: false, add: () => undefined });
};

/** The mark in Electron's binary behind which its fuses are stored (from @electron/fuses). */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeCliInspect',
  'asarIntegrity',
  'onlyAsar',
  'browserV8Snapshot',
  'fileProtocol',
] as const;
/** How Electron leaves its factory: everything on that helps a developer, or somebody who wants to misuse the app. */
const FACTORY_WIRE = '10110001';

/** A folder that electron-builder takes for an unpacked Electron: enough to pack, nothing that runs. */
async function standInElectron(folder: string): Promise<string> {
  const dist = join(folder, 'electron-dist');
  await mkdir(join(dist, 'locales'), { recursive: true });
  await mkdir(join(dist, 'resources'), { recursive: true });
  const wire = Buffer.concat([Buffer.from(FUSE_MARK), Buffer.from([1, FUSES.length]), Buffer.from(FACTORY_WIRE)]);
  await writeFile(join(dist, 'electron'), Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n'), wire]));
  await chmod(join(dist, 'electron'), 0o755);
  await writeFile(join(dist, 'version'), '45.4.1');
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak', 'locales/de.pak']) await writeFile(join(dist, name), name);
  const empty = join(folder, 'default-app');
  await mkdir(empty);
  await writeFile(join(empty, 'main.js'), '');
  await createPackage(empty, join(dist, 'resources', 'default_app.asar'));
  return dist;
}

/** The project as it lies on a developer's machine, sources, tests and all, so that what must stay out has a chance to get in. */
async function project(folder: string): Promise<string> {
  const root = join(folder, 'project');
  await mkdir(root);
  for (const name of ['package.json', 'electron', 'domain', 'build/icons', 'tests/electron/main'])
    await cp(join(repo, name), join(root, name), { recursive: true });
  await symlink(join(repo, 'node_modules'), join(root, 'node_modules'), 'dir');
  await writeFile(join(root, '.env'), 'DROVER_SERVER=https://secret.example');
  await mkdir(join(root, '.drover'));
  await writeFile(join(root, '.drover', 'data'), 'local data');
  await bundleShell(join(root, 'dist', 'electron'));
  await mkdir(join(root, 'dist', 'renderer', 'assets'), { recursive: true });
  await writeFile(join(root, 'dist', 'renderer', 'index.html'), '<!doctype html><title>Drover</title>');
  await writeFile(join(root, 'dist', 'renderer', 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(join(root, 'dist', 'renderer', 'assets', 'main-1a2b.js.map'), '{}');
  return root;
}

describe("the installers' settings", () => {
  test('pass the schema of electron-builder', async () => {
    await expect(validate(builderConfig('https://updates.example.com/desk'))).resolves.toBeUndefined();
  });

  test('and the schema is really asked', async () => {
    await expect(validate({ ...builderConfig(), nonsense: true } as Configuration)).rejects.toThrow('nonsense');
  });

  test('name what users, updates and IT departments rely on', async () => {
    const config = builderConfig('https://updates.example.com/desk');
    expect(config.appId).toBe(APP_ID);
    expect(config.asar).toBe(true);
    expect(config.publish).toEqual([{ provider: 'generic', url: 'https://updates.example.com/desk' }]);
    expect(config.nsis).toMatchObject({ perMachine: false, deleteAppDataOnUninstall: false });
    expect(config.msi?.upgradeCode).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/u);
    expect(config.mac).toMatchObject({ hardenedRuntime: true });
    for (const icon of [config.win?.icon, config.mac?.icon, config.linux?.icon]) {
      expect((await readFile(join(repo, String(icon)))).length).toBeGreaterThan(1000);
    }
  });
});

describe('a packed desk', () => {
  let folder = '';
  let unpacked = '';
  let archive = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-pack-'));
    const root = await project(folder);
    const output = join(folder, 'out');
    await packageDesk({ platform: 'linux', dir: true, project: root, output, electronDist: await standInElectron(folder) });
    unpacked = join(output, 'linux-unpacked');
    archive = join(unpacked, 'resources', 'app.asar');
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('holds the window, the shell and package.json, and nothing else', () => {
    const files = listPackage(archive, { isPack: false }).map((path) => path.replaceAll('\\', '/'));
    expect(files.sort()).toEqual(
      [
        '/dist',
        '/dist/electron',
        '/dist/electron/main.js',
        '/dist/electron/preload.cjs',
        '/dist/renderer',
        '/dist/renderer/assets',
        '/dist/renderer/assets/main-1a2b.js',
        '/dist/renderer/index.html',
        '/package.json',
      ].sort(),
    );
  });

  test('starts at a file that is there, and tells nobody how it was built', () => {
    const packed = JSON.parse(extractFile(archive, 'package.json').toString()) as Record<string, unknown>;
    expect(packed).toMatchObject({ name: 'drover', type: 'module', main: 'dist/electron/main.js' });
    expect(packed).not.toHaveProperty('scripts');
    expect(packed).not.toHaveProperty('devDependencies');
    expect(extractFile(archive, 'dist/electron/main.js').toString()).toContain('registerSchemesAsPrivileged');
  });

  test('has its fuses set: no Node mode, no inspector, only our archive', async () => {
    const binary = await readFile(join(unpacked, 'drover'));
    const at = binary.indexOf(FUSE_MARK) + FUSE_MARK.length + 2;
    const wire = binary.subarray(at, at + FUSES.length).toString();
    const fuses = Object.fromEntries(FUSES.map((name, i) => [name, wire[i] === '1']));
    expect(fuses).toMatchObject({
      runAsNode: false,
      cookieEncryption: true,
      nodeOptions: false,
      nodeCliInspect: false,
      asarIntegrity: true,
      onlyAsar: true,
      fileProtocol: false,
    });
  });

  test('cannot be packed before it is built', async () => {
    await expect(packageDesk({ platform: 'linux', dir: true, project: join(folder, 'electron-dist') })).rejects.toThrow(
      'run "npm run build" first',
    );
  });
});
