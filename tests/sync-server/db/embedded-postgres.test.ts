import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { barrier } from '../../../build/postgres-place.ts';
import { type Postgres, isAlive, startPostgres } from '../../../build/postgres.ts';
import { openDatabase } from '../../../sync-server/db/database.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { document, insert, openTestServer, signIn, until } from '../test-server.ts';
import { createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';

function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'drover-embedded-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'postgres');
}
async function ask(postgres: Postgres, text: string): Promise<unknown[]> {
  const db = openDatabase({ url: postgres.url, connections: 1 });
  try {
    return await db.rows({ text });
  } finally {
    await db.close();
  }
}

/** Starts Postgres in a process of its own and answers that process and what it printed. */
async function ownerProcess(folder: string): Promise<{ pid: number; postgresPid: number; exit: Promise<void> }> {
  const module = path.join(import.meta.dirname, '../../../build/postgres.ts');
  const script = `const { startPostgres } = await import(${JSON.stringify(module)});
    const p = await startPostgres({ folder: ${JSON.stringify(folder)}, fast: true }); console.log('pid', p.pid); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await until(() => /pid \d+/.test(printed), 'the owner started Postgres', 30_000);
  return { pid: child.pid ?? 0, postgresPid: Number(/pid (\d+)/.exec(printed)?.[1]), exit };
}

// Each test makes a cluster of its own, which takes a busy machine many seconds.
describe('the embedded Postgres', { timeout: 120_000 }, () => {
  test('keeps its data over a stop, speaks UTF-8 and listens on this machine only', async () => {
    const folder = scratch();
    const first = await startPostgres({ folder, fast: true });
    await ask(first, `create table kept (a text)`);
    await ask(first, `insert into kept values ('K\u00f6ln \u725b')`);
    expect(await ask(first, `select current_setting('listen_addresses') as at, current_setting('server_encoding') as encoding`)).toEqual([
      { at: '127.0.0.1', encoding: 'UTF8' },
    ]);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await startPostgres({ folder, fast: true });
    expect(await ask(second, 'select a from kept')).toEqual([{ a: 'K\u00f6ln \u725b' }]);
    await second.stop();
  });

  test('a temporary one leaves nothing behind', async () => {
    const folder = scratch();
    const postgres = await startPostgres({ folder, fast: true, temporary: true });
    expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    await postgres.stop();
    expect(readdirSync(path.dirname(postgres.dataDir))).toEqual([]);
  });

  test('refuses a second owner of the same folder, in a sentence', async () => {
    const folder = scratch();
    const postgres = await startPostgres({ folder, fast: true });
    await expect(startPostgres({ folder, fast: true })).rejects.toThrow(`already in use by process ${process.pid}`);
    expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    await postgres.stop();
  });

  test('[SYN-12] recovers what was committed when Postgres itself is killed', async () => {
    const folder = scratch();
    // Without fsync the operating system still has what was written; what must not be lost is what was never written.
    const settings = { synchronous_commit: 'on' };
    const first = await startPostgres({ folder, fast: true, settings });
    const server = await openTestServer({ databaseUrl: first.url, nouns: syntheticNouns });
    await createDemoAccounts(server.db, hashPassword, 'test');
    const client = await signIn(server, 'admin');
    await client.push('ranches', [insert(document('r-1', { name: 'Committed' }))]);
    process.kill(first.pid, 'SIGKILL');
    await until(() => !isAlive(first.pid), 'Postgres died');
    const away = await fetch(`${server.url}/sync/ranches/0/push`, {
      method: 'POST',
      headers: client.headers,
      body: JSON.stringify([insert(document('r-2', { name: 'Later' }))]),
    });
    expect(away.status).toBe(503);
    expect((await away.json()) as unknown).toMatchObject({ code: 'database_unavailable' });
    expect((await client.get('/readyz')).status).toBe(503);
    expect((await client.get('/livez')).status).toBe(200);
    // The same port, so that the running server finds it again by itself.
    const second = await startPostgres({ folder, port: first.port, fast: true, settings });
    expect(await client.push('ranches', [insert(document('r-2', { name: 'Later' }))])).toEqual([]);
    expect((await client.pullAll('ranches')).map((doc) => doc.id)).toEqual(['r-1', 'r-2']);
    await until(async () => (await client.get('/readyz')).status === 200, 'the server is ready again');
    await server.close();
    await second.stop();
  });

  test('does not outlive an owner that is killed, and starts again at once', async () => {
    const folder = scratch();
    const owner = await ownerProcess(folder);
    process.kill(owner.pid, 'SIGKILL');
    await owner.exit;
    const next = await startPostgres({ folder, fast: true });
    await until(() => !isAlive(owner.postgresPid), 'the old Postgres ended');
    expect(await ask(next, 'select 1 as one')).toEqual([{ one: 1 }]);
    await next.stop();
  });

  test('a pid file that names a stranger is no obstacle', async () => {
    const folder = scratch();
    const first = await startPostgres({ folder, fast: true });
    const pidFile = path.join(first.dataDir, 'postmaster.pid');
    const written = readFileSync(pidFile, 'utf8');
    await first.stop();
    writeFileSync(pidFile, written.replace(/^\d+/, String(process.pid)));
    const second = await startPostgres({ folder, fast: true });
    expect(await ask(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  test('a taken port is told before anything is started', async () => {
    const folder = scratch();
    const blocker = createServer();
    const port = await new Promise<number>((resolve) =>
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)),
    );
    await expect(startPostgres({ folder, port, fast: true })).rejects.toThrow(`Port ${port} is taken`);
    expect(existsSync(path.join(folder, 'postmaster.pid'))).toBe(false);
    blocker.close();
  });

  test('knows which folder keeps another user out', () => {
    const folder = path.dirname(scratch());
    const stranger = { uid: 54_321, gid: 54_321 };
    expect(barrier(folder, stranger)).toBeUndefined();
    chmodSync(folder, 0o700);
    expect(barrier(path.join(folder, 'not-there-yet'), stranger)).toBe(folder);
    expect(barrier(folder, { uid: process.getuid?.() ?? 0, gid: 0 })).toBeUndefined();
  });
});
