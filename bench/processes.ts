/** The servers under test, each in a process of its own, so that the load generator's work is not counted as theirs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { LoginAnswer } from '../domain/protocol/protocol.ts';
import { DEMO_PASSWORD, demoUsers } from '../sync-server/db/demo-accounts.ts';
import { COLLECTION, SCHEMA_VERSION, STOCK_VERSION, benchUser } from './documents.ts';
import type { Target } from './load.ts';

export interface Running {
  readonly target: Target;
  readonly pid: number;
  stop(): Promise<void>;
}

const READY_MS = 60_000;

const brokerOf = (): { email: string; password: string } => {
  const broker = demoUsers.find((user) => user.role === 'broker');
  if (!broker) throw new Error('there is no demo broker');
  return { email: broker.email, password: DEMO_PASSWORD };
};
export const broker = brokerOf();

const scripts = {
  stock: new URL('./stock-server.ts', import.meta.url),
  ours: new URL('./our-server.ts', import.meta.url),
} as const;

function start(script: keyof typeof scripts, port: number, env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(scripts[script]), String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The ${script} server was not ready after ${READY_MS / 1000} s`));
    }, READY_MS);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`The ${script} server ended with ${code ?? 'a signal'} before it was ready`));
    });
    child.stdout?.on('data', (text: Buffer) => {
      if (!text.toString().includes('ready')) return;
      clearTimeout(late);
      resolve(child);
    });
  });
}

const stopOf = (child: ChildProcess) => (): Promise<void> =>
  new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
  });

/** Stock rxdb-server, empty, in memory. */
export async function startStock(port: number): Promise<Running> {
  const child = await start('stock', port, {});
  const target: Target = { origin: `http://127.0.0.1:${port}`, path: `/${COLLECTION}/${STOCK_VERSION}`, headers: {} };
  return { target, pid: child.pid ?? 0, stop: stopOf(child) };
}

async function signIn(origin: string, email: string): Promise<Record<string, string>> {
  const answer = await fetch(`${origin}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: DEMO_PASSWORD }),
  });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  const { accessToken } = (await answer.json()) as LoginAnswer;
  return { authorization: `Bearer ${accessToken}` };
}
/** Headers of every demo account: what they may read differs. */
export const signInAll = (origin: string): Promise<Record<string, string>[]> =>
  Promise.all(demoUsers.map(({ email }) => signIn(origin, email)));

/** Headers of as many brokers as the server was started with. A password costs its time, so a few at once. */
export async function signInUsers(origin: string, count: number): Promise<Record<string, string>[]> {
  const all: Record<string, string>[] = [];
  while (all.length < count)
    all.push(
      ...(await Promise.all(Array.from({ length: Math.min(10, count - all.length) }, (_, i) => signIn(origin, benchUser(all.length + i))))),
    );
  return all;
}

/** Our server on a database of its own in this cluster, with further settings (our-server.ts); signed in as the demo broker. */
export async function startOurs(port: number, databaseUrl: string, settings: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = await start('ours', port, { DATABASE_URL: databaseUrl, ...settings });
  const origin = `http://127.0.0.1:${port}`;
  const target: Target = { origin, path: `/sync/${COLLECTION}/${SCHEMA_VERSION}`, headers: await signIn(origin, broker.email) };
  return { target, pid: child.pid ?? 0, stop: stopOf(child) };
}

export async function makeDatabase(clusterUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: clusterUrl });
  await client.connect();
  try {
    await client.query(`create database ${name} template template0 encoding 'UTF8'`);
  } finally {
    await client.end();
  }
}
