/**
 * A company's servers as they run in earnest: a Postgres that keeps what it has confirmed when its processes are killed, and
 * server processes on it, each on a port that stays its own. Everything here can be killed and started again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Postgres, isAlive, startPostgres } from '../../build/postgres.ts';
import { nouns } from '../../domain/registry.ts';
import { hashPassword } from '../../sync-server/auth/password.ts';
import { type Database, openDatabase } from '../../sync-server/db/database.ts';
import { createDemoAccounts } from '../../sync-server/db/demo-accounts.ts';
import { prepareDatabase } from '../../sync-server/db/prepare.ts';

const program = fileURLToPath(new URL('../../sync-server/server.ts', import.meta.url));
const READY_MS_MAX = 60_000;

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
export function tempFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `drover-test-${name}-`));
  // Postgres runs as another user when the tests run as root, and must be able to enter.
  chmodSync(folder, 0o755);
  return folder;
}

/** A cluster in a folder. What was committed survives a kill; only a power cut could harm it, and there is none here. */
export class Cluster {
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #running: Postgres;
  crashes = 0;

  private constructor(folder: string, settings: Readonly<Record<string, string>>, running: Postgres) {
    this.#folder = folder;
    this.#settings = settings;
    this.#running = running;
  }
  static async open(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const all = { fsync: 'off', ...settings };
    return new Cluster(folder, all, await startPostgres({ folder, settings: all }));
  }
  get postgres(): Postgres {
    return this.#running;
  }
  /** What `pg_ctl stop -m immediate` does: no checkpoint, no goodbye; the next start recovers from the log. */
  async kill(): Promise<void> {
    const { pid } = this.#running;
    process.kill(pid, 'SIGQUIT');
    while (isAlive(pid)) await sleep(10);
    await this.#running.stop();
    this.crashes += 1;
  }
  async start(): Promise<void> {
    this.#running = await startPostgres({ folder: this.#folder, port: this.#running.port, settings: this.#settings });
  }
  async close(): Promise<void> {
    await this.#running.stop();
  }
}

/** Makes the tables and the demo accounts. */
export async function prepareCompany(url: string): Promise<Database> {
  const db = openDatabase({ url, connections: 2 });
  await prepareDatabase(
    db,
    nouns.map((noun) => noun.entity),
  );
  await createDemoAccounts(db, hashPassword, undefined);
  return db;
}

/** `node sync-server/server.ts`, on a port that stays the same over its lives. */
export class ServerProcess {
  readonly #databaseUrl: string;
  readonly #audit: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly port: number;
  #child: ChildProcess | undefined;
  kills = 0;
  /** What it wrote to its log as an error, for the report of a failed test. */
  readonly errors: string[] = [];

  private constructor(port: number, databaseUrl: string, audit: string, env: Readonly<Record<string, string>>) {
    this.port = port;
    this.#env = env;
    this.#databaseUrl = databaseUrl;
    this.#audit = audit;
  }
  /** `audit`: folder of the seal's key; no process seals unless it is named. */
  static async open(databaseUrl: string, audit = 'off', env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(await freePort(), databaseUrl, audit, env);
    await server.start();
    return server;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        PORT: String(this.port),
        DATABASE_URL: this.#databaseUrl,
        DROVER_AUDIT: this.#audit,
        LOG_LEVEL: 'fatal',
        NODE_ENV: 'test',
        ...this.#env,
      },
    });
    this.#child = child;
    child.stdout.on('data', (bytes: Buffer) => this.errors.push(bytes.toString('utf8')));
    const end = Date.now() + READY_MS_MAX;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the server ended before it was ready: ${this.errors.join('')}`);
      if (Date.now() > end) throw new Error('the server was not ready in time');
      await sleep(25);
    }
  }
  async #isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/livez`).catch((cause: unknown) => {
      // Not listening yet.
      if (cause instanceof TypeError) return undefined;
      throw cause;
    });
    await answer?.arrayBuffer();
    return answer?.status === 200;
  }
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
    this.kills += 1;
  }
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
