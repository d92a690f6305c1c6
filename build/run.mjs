/**
 * Runs one of the project's TypeScript programs on the Node that the project pins, after installing the packages if they
 * are missing or older than the lockfile. Plain JavaScript, because it must run on the Node 20 of a fresh machine.
 *
 *   node build/run.mjs build/start.ts [arguments]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.drover-lock');
const windows = process.platform === 'win32';

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Installs with `npm ci` unless node_modules was made from this very lockfile. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing packages (once; about a minute) ...');
  const npm = process.env.npm_execpath;
  const [command, args] = npm && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : [windows ? 'npm.cmd' : 'npm', []];
  const done = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows,
  });
  if (done.status !== 0) {
    say(
      `npm ci failed (${done.error?.message ?? `exit ${done.status}`}). Check the connection to the package registry and run the command again.`,
    );
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** The pinned Node from the lockfile, or this one where it is new enough (platforms without a pinned binary). */
function pinnedNode() {
  const pinned = join(bin, windows ? 'node.exe' : 'node');
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 7)) return process.execPath;
  say(
    `Drover needs Node 24.7 or newer and found no pinned Node for ${process.platform}-${process.arch}. Install Node 24 and run the command again.`,
  );
  process.exit(1);
}

const [program, ...rest] = process.argv.slice(2);
if (!program) {
  say('usage: node build/run.mjs <program.ts> [arguments]');
  process.exit(2);
}
install();
const child = spawn(pinnedNode(), ['--disable-warning=ExperimentalWarning', join(root, program), ...rest], {
  cwd: process.cwd(),
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
