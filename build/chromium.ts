/**
 * Finds a Chromium for the browser tests, and installs Debian's package where there is none: with apt as root (or by sudo
 * without a password), else unpacked into a folder of the user's own. Tests never download a browser build.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome'];
const own = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover-chromium');
const launcher = join(own, 'chromium');

const runs = (path: string): boolean => spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;

/** Path of a Chromium that starts, or undefined. `DROVER_CHROMIUM` wins. */
export function findChromium(): string | undefined {
  const given = process.env['DROVER_CHROMIUM'];
  return [...(given ? [given] : []), ...known, launcher].find((path) => existsSync(path) && runs(path));
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}

function installForAll(): boolean {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args: string[]): boolean => {
    const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', ...args];
    return run(command, rest);
  };
  if (sudo.length > 0 && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) return false;
  return apt('update', '-q') && apt('install', '-q', '-y', '--no-install-recommends', 'chromium');
}

/** Downloads the package and what it needs with apt's own signature checks, and unpacks it without any privilege. */
function installForMe(): boolean {
  const state = join(own, 'apt');
  const root = join(own, 'root');
  for (const folder of [join(state, 'lists/partial'), join(state, 'archives/partial'), root]) mkdirSync(folder, { recursive: true });
  const options = [
    '-q',
    '-o',
    `Dir::State::lists=${state}/lists`,
    '-o',
    `Dir::Cache=${state}`,
    '-o',
    `Dir::Cache::archives=${state}/archives`,
    '-o',
    'Debug::NoLocking=1',
  ];
  if (!run('apt-get', [...options, 'update'])) return false;
  if (!run('apt-get', [...options, 'install', '--download-only', '-y', '--no-install-recommends', 'chromium'])) return false;
  const archives = join(state, 'archives');
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', join(archives, file), root]);
  }
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/chromium']
    .map((folder) => join(root, folder))
    .join(':');
  writeFileSync(
    launcher,
    `#!/bin/sh\nexport LD_LIBRARY_PATH="${libraries}:$LD_LIBRARY_PATH"\n[ -d /etc/fonts ] || export FONTCONFIG_PATH="${root}/etc/fonts"\nexec "${root}/usr/lib/chromium/chromium" "$@"\n`,
  );
  chmodSync(launcher, 0o755);
  return true;
}

/** Path of a Chromium that starts; installs one if need be. Throws with the way out when none can be had. */
export function ensureChromium(): string {
  const found = findChromium();
  if (found) return found;
  process.stderr.write("No Chromium found; installing Debian's package ...\n");
  if (installForAll() || installForMe()) {
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(
    'No Chromium could be installed. Install the package "chromium", or set DROVER_CHROMIUM to the path of one, and run the tests again.',
  );
}

/** Switches that keep a headless test browser quiet on a closed network. */
export const chromiumSwitches: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
