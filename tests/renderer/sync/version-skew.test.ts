/** Devices of two versions on one real server, and one that is updated with unsent work on it. */
import 'fake-indexeddb/auto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../build/postgres.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { DEMO_PASSWORD, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { openLog } from '../../../sync-server/log.ts';
import { type Server, startServer } from '../../../sync-server/server.ts';
import { pen0, pen1 } from '../../domain/pens.ts';
import { openNouns } from '../../sync-server/open-nouns.ts';
import { freshDesk, until } from '../data/desk-kit.ts';
import { closeDevice, content, create, deviceOn, idle, phase, run } from './device-kit.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-test-skew-'));
chmodSync(folder, 0o755);
let postgres: Postgres;
let server: Server;
beforeAll(async () => {
  postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true });
  server = await startServer({ databaseUrl: postgres.url, port: 0, log: openLog('silent'), nouns: [{ entity: pen1 }] });
  await createDemoAccounts(server.db, hashPassword, undefined);
  await openNouns(server.db, ['pens']);
}, 60_000);
afterAll(async () => {
  await server.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('[SYN-10] an older device works on beside a newer one; updated, it sends what waited and receives what it had not known', async () => {
  const name = `skew-${process.pid}`;
  const older = await deviceOn(await freshDesk({ name, nouns: [{ entity: pen0 }] }), server.url, DEMO_PASSWORD);
  const newer = await deviceOn(await freshDesk({ nouns: [{ entity: pen1 }] }), server.url, DEMO_PASSWORD);
  try {
    const pen = await create(newer, 'pens', { name: 'North', grade: 'a', tags: ['creek'] });
    await until('the older one has it', async () => (await content(older, 'pens')).length === 1);
    expect((await content(older, 'pens'))[0]).not.toHaveProperty('grade');
    await run(older, 'pens', 'change', pen.id, { note: 'gate broken' });
    await until('the note arrives', async () => (await content(newer, 'pens'))[0]?.['note'] === 'gate broken');
    expect((await content(newer, 'pens'))[0]).toMatchObject({ name: 'North', grade: 'a', tags: ['creek'] });
    await idle(older);
    await older.sync.setForcedOffline(true);
    await phase(older, 'forced_offline');
    await run(older, 'pens', 'change', pen.id, { name: 'North again' });
  } finally {
    await closeDevice(older);
  }
  const updated = await deviceOn(await freshDesk({ name, nouns: [{ entity: pen1 }] }), server.url, '');
  try {
    await updated.sync.setForcedOffline(false);
    await idle(updated);
    await until('the waiting edit arrives', async () => (await content(newer, 'pens'))[0]?.['name'] === 'North again');
    await until(
      'the updated device has the whole',
      async () => JSON.stringify((await content(updated, 'pens'))[0]?.['tags']) === '["creek"]',
    );
    expect((await content(updated, 'pens'))[0]).toMatchObject({ name: 'North again', note: 'gate broken', grade: 'a' });
    expect((await content(newer, 'pens'))[0]).toMatchObject({ name: 'North again', note: 'gate broken', grade: 'a', tags: ['creek'] });
  } finally {
    await closeDevice(updated);
    await closeDevice(newer);
  }
}, 60_000);
