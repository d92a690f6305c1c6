/**
 * An embedded, real Postgres in a folder of its own: made on first use, started on 127.0.0.1, stopped with its owner.
 * A postmaster that a killed owner left behind is stopped and its database recovered by Postgres itself.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Place, PostgresFault, preparePlace } from './postgres-place.ts';

export interface PostgresOptions {
  /** Folder of the cluster; made when missing. */
  readonly folder: string;
  /** TCP port on 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** Trades durability for speed (no fsync). For tests only: a power cut may lose the whole database. */
  readonly fast?: boolean;
  /** Deletes the cluster when it is stopped, wherever it had to be kept. For tests and measurements. */
  readonly temporary?: boolean;
  /** Extra `-c name=value` settings. */
  readonly settings?: Readonly<Record<string, string>>;
}
export interface Postgres {
  /** Address of the database `drover`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** A sentence for people, when something was done differently than asked. */
  readonly notice?: string;
  /** Address of another database of the same cluster. */
  urlOf(database: string): string;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

const USER = 'drover';
const DATABASE = 'drover';
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;
const LOG_BYTES_MAX = 8 * 1024 * 1024;

const procFile = (pid: number, name: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (cause) {
    // No /proc on this system, or the process ended while we looked.
    if (['ENOENT', 'ESRCH'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw cause;
  }
};
/** The fields of /proc/<pid>/stat after the program's name, which may itself hold blanks; [0] is the state. */
const procStat = (pid: number): string[] =>
  procFile(pid, 'stat')
    ?.replace(/^.*\) /su, '')
    .split(' ') ?? [];

/** Whether the process runs. One that has ended but was not reaped, as under a container's first process, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  return procStat(pid)[0] !== 'Z';
}
/** Start time in clock ticks since boot, so that a reused pid is not taken for the old process; '' where /proc is absent. */
const bornAt = (pid: number): string => procStat(pid)[19] ?? '';

async function waitUntil(done: () => boolean, msMax: number): Promise<boolean> {
  const end = Date.now() + msMax;
  while (!done()) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
}

interface Owner {
  readonly pid: number;
  readonly born: string;
}
const ownerFile = (dataDir: string): string => path.join(dataDir, '..', `${path.basename(dataDir)}.owner.json`);

function refuseSecondOwner(dataDir: string): void {
  const file = ownerFile(dataDir);
  if (!existsSync(file)) return;
  const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
  // The same process may hold the cluster twice only by mistake, and that mistake deserves the same sentence.
  if (isAlive(owner.pid) && bornAt(owner.pid) === owner.born && postmaster(dataDir) !== undefined) {
    throw new PostgresFault(
      'in_use',
      `The database in ${dataDir} is already in use by process ${owner.pid}. Stop that one first, or choose another folder.`,
    );
  }
}

interface Running {
  readonly pid: number;
  readonly status: string;
}
/** What postmaster.pid says, if the process it names is alive and a Postgres. */
function postmaster(dataDir: string): Running | undefined {
  const file = path.join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
  const name = procFile(pid, 'comm');
  return name === undefined || name.trim() === 'postgres' ? { pid, status: (lines[7] ?? '').trim() } : undefined;
}

async function stopPostmaster(place: Place, pid: number): Promise<void> {
  if (process.platform === 'win32') spawnSync(place.programs.pgCtl, ['stop', '-D', place.dataDir, '-m', 'fast', '-w'], { stdio: 'ignore' });
  else if (isAlive(pid)) process.kill(pid, 'SIGINT');
  if (await waitUntil(() => !isAlive(pid), STOP_MS_MAX)) return;
  // Immediate shutdown: safe, the next start recovers from the log.
  process.kill(pid, 'SIGQUIT');
  if (await waitUntil(() => !isAlive(pid), STOP_MS_MAX)) return;
  throw new PostgresFault(
    'will_not_stop',
    `Postgres (process ${pid}) in ${place.dataDir} does not stop. End it by hand, then start again.`,
  );
}

async function clearLeftovers(place: Place): Promise<void> {
  const orphan = postmaster(place.dataDir);
  if (orphan) await stopPostmaster(place, orphan.pid);
  rmSync(path.join(place.dataDir, 'postmaster.pid'), { force: true });
}

const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC', PGTZ: 'UTC' };

function run(place: Place, program: string, args: readonly string[], input?: string): void {
  const done = spawnSync(program, args, {
    ...place.runAs,
    env: environment,
    cwd: place.dataDir,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    throw new PostgresFault('setup_failed', `${path.basename(program)} failed: ${done.stderr.trim().split('\n').slice(-3).join(' ')}`);
  }
}

function createCluster(place: Place, fast: boolean): void {
  const password = path.join(place.dataDir, '..', `${path.basename(place.dataDir)}.password`);
  writeFileSync(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (place.runAs) chownSync(password, place.runAs.uid, place.runAs.gid);
  run(place, place.programs.initdb, [
    '-D',
    place.dataDir,
    '-U',
    USER,
    '--auth=scram-sha-256',
    `--pwfile=${password}`,
    '--encoding=UTF8',
    '--locale=C',
    ...(fast ? ['--no-sync'] : []),
  ]);
  run(place, place.programs.postgres, ['--single', '-D', place.dataDir, 'postgres'], `create database ${DATABASE}\n`);
  // Written last: a folder without it was interrupted half-way and is made anew.
  writeFileSync(path.join(place.dataDir, 'drover.ready'), `${new Date().toISOString()}\n`);
}

function ensureCluster(place: Place, fast: boolean): void {
  if (existsSync(path.join(place.dataDir, 'drover.ready'))) return;
  if (existsSync(path.join(place.dataDir, 'PG_VERSION'))) {
    // Never delete what might be somebody's database: an interrupted creation is only moved out of the way.
    renameSync(place.dataDir, `${place.dataDir}.unfinished-${Date.now()}`);
    preparePlace(place.dataDir);
  }
  createCluster(place, fast);
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

async function portIsTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on('error', () => resolve(true));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)));
  });
}

const fastSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** The owner's end of this pipe closes when the owner dies in whatever way; the shell then stops Postgres. */
function watch(pid: number): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const shell = spawn('/bin/sh', ['-c', 'read _; kill -INT "$0" 2>/dev/null', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.unref();
  if (shell.stdin && 'unref' in shell.stdin) (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}

async function launch(place: Place, port: number, options: PostgresOptions): Promise<number> {
  const logFile = path.join(place.dataDir, '..', `${path.basename(place.dataDir)}.log`);
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(logFile, `${logFile}.1`);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(options.fast === true ? fastSettings : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a', 0o600);
  // Detached: Ctrl+C in the terminal reaches the owner first, who closes its connections before it stops the database.
  const child = spawn(place.programs.postgres, ['-D', place.dataDir, '-p', String(port), ...flags], {
    ...place.runAs,
    env: environment,
    cwd: place.dataDir,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  const ready = await waitUntil(() => ended || postmaster(place.dataDir)?.status === 'ready', START_MS_MAX);
  if (ready && !ended && child.pid !== undefined) return child.pid;
  if (child.pid !== undefined && isAlive(child.pid)) child.kill('SIGQUIT');
  const tail = readFileSync(logFile, 'utf8').trim().split('\n').slice(-4).join(' ');
  throw new PostgresFault('start_failed', `Postgres did not start in ${place.dataDir}: ${tail}`);
}

/** Makes the cluster if needed and starts it. Throws PostgresFault with a code and a sentence. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const place = preparePlace(path.resolve(options.folder));
  refuseSecondOwner(place.dataDir);
  await clearLeftovers(place);
  ensureCluster(place, options.fast === true);
  const port = options.port ?? (await freePort());
  if (await portIsTaken(port)) {
    throw new PostgresFault('port_taken', `Port ${port} is taken by another program; choose another port for the database.`);
  }
  const pid = await launch(place, port, options);
  writeFileSync(ownerFile(place.dataDir), JSON.stringify({ pid: process.pid, born: bornAt(process.pid) } satisfies Owner));
  const watchdog = watch(pid);
  const atExit = (): void => {
    if (isAlive(pid)) process.kill(pid, 'SIGINT');
  };
  process.once('exit', atExit);
  const password = readFileSync(path.join(place.dataDir, '..', `${path.basename(place.dataDir)}.password`), 'utf8').trim();
  const urlOf = (database: string): string => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  return {
    url: urlOf(DATABASE),
    port,
    pid,
    dataDir: place.dataDir,
    ...(place.notice === undefined ? {} : { notice: place.notice }),
    urlOf,
    async stop() {
      process.removeListener('exit', atExit);
      if (postmaster(place.dataDir)?.pid === pid) await stopPostmaster(place, pid);
      watchdog?.kill('SIGKILL');
      rmSync(ownerFile(place.dataDir), { force: true });
      if (options.temporary !== true) return;
      for (const leftover of ['', '.log', '.log.1', '.password']) rmSync(place.dataDir + leftover, { recursive: true, force: true });
    },
  };
}
