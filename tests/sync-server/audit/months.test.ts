import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { nouns } from '../../../domain/registry.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { anchorsIn, readPublicKeys } from '../../../sync-server/audit/seal-key.ts';
import { verifyAudit } from '../../../sync-server/audit/verify.ts';
import { forgetPerson } from '../../../sync-server/audit/people.ts';
import { turnMonths } from '../../../sync-server/db/audit-blocks.ts';
import { type Database, openDatabase } from '../../../sync-server/db/database.ts';
import { createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, databaseUrl, insert, openTestServer, signIn, until } from '../test-server.ts';
import { ageMonths, closeMonths, made } from './made.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-months-'));
const role = `plain_${randomUUID().slice(0, 8)}`;
let admin: Database;
let server: Server;
let broker: Client;

/** A database of somebody who is no superuser, as hosts give it, with a server that seals. */
beforeAll(async () => {
  admin = openDatabase({ url: inject('postgresUrl'), connections: 1 });
  await admin.rows({ text: `create role ${role} login password 'plain'` });
  await admin.rows({ text: `create database ${role} owner ${role} template template0` });
  const url = new URL(databaseUrl(role));
  url.username = role;
  url.password = 'plain';
  server = await openTestServer({ databaseUrl: url.toString(), audit: { folder, everyMs: 25 } });
  await createDemoAccounts(server.db, hashPassword, undefined);
  broker = await signIn(server, 'broker', 'desk-pc');
});
afterAll(async () => {
  await server.close();
  await admin.rows({ text: `drop database ${role}` });
  await admin.rows({ text: `drop role ${role}` });
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});

const add = async (id: string): Promise<void> =>
  expect(await broker.push('parties', [insert(made(broker, 'parties', id, { name: id, roles: ['supplier'] }))])).toEqual([]);
const partsOf = (log: string) =>
  server.db.rows<{ part: string; entries: number }>({
    text: `select tableoid::regclass::text as part, count(*) as entries from ${log} group by 1 order by min(seq)`,
  });
const check = () =>
  verifyAudit(server.db, {
    keys: readPublicKeys(folder),
    anchors: anchorsIn(folder),
    entities: nouns.map(({ entity }) => entity),
    now: new Date(),
  });
test('a month in which nobody changed anything ends too, and its partition serves the next one', async () => {
  await closeMonths(server.db, 'quiet', 4);
  expect(await server.db.rows({ text: `select part from audit_months where log = 'audit'` })).toEqual([
    { part: expect.stringMatching(/^audit_\d{4}_\d\d$/) },
  ]);
});

test('a server seals by itself what it writes', async () => {
  await add('m-1');
  await until(async () => (await check()).open.audit === 0, 'it is sealed');
  expect((await check()).findings).toEqual([]);
});

test('the role of the server has no right to change or remove entries, with the triggers or without', async () => {
  for (const table of ['audit', 'security_events', 'audit_blocks'])
    for (const text of [`update ${table} set device = 'x'`, `delete from ${table}`, `truncate ${table}`])
      await expect(server.db.rows({ text: text.replace('device', table === 'audit_blocks' ? 'log' : 'device') })).rejects.toThrow(
        'permission denied',
      );
});

test('a month begins with a partition of its own, while everybody goes on writing, and the seal goes across', async () => {
  await ageMonths(server.db, 'before');
  await Promise.all([...Array.from({ length: 10 }, (_, n) => add(`m-turn-${n}`)), turnMonths(server.db), turnMonths(server.db)]);
  await until(async () => (await partsOf('audit')).length > 1 || (await add(randomUUID()), false), 'the new month has entries');
  await add('m-2');
  const parts = await partsOf('audit');
  expect(parts.map(({ part }) => part)).toEqual(['audit_before', expect.stringMatching(/^audit_\d{4}_\d\d$/)]);
  await until(async () => (await check()).open.audit === 0, 'it is sealed');
  expect((await check()).findings).toEqual([]);
  for (const { part } of parts) await expect(server.db.rows({ text: `delete from ${part}` })).rejects.toThrow('permission denied');
  expect((await broker.audit('parties', 'm-1')).map(({ kind }) => kind)).toEqual(['insert']);
});

test('somebody is forgotten by that role too, which has the right no longer than that takes', async () => {
  expect(await broker.push('contacts', [insert(made(broker, 'contacts', 'm-c', { name: 'Nora' }))])).toEqual([]);
  await until(async () => (await check()).open.audit === 0, 'it is sealed');
  const by = { id: 'x', name: 'Avery Admin', device: 'office', address: '' };
  const person = { collection: 'contacts', id: 'm-c' };
  const entities = nouns.map(({ entity }) => entity);
  expect(await forgetPerson(server.db, entities, person, { by, at: new Date(), reason: 'asked' })).toMatchObject({
    kind: 'forgotten',
    entries: 1,
  });
  expect(JSON.stringify(await broker.audit('contacts', 'm-c'))).not.toContain('Nora');
  expect((await check()).findings).toEqual([]);
  await expect(server.db.rows({ text: `update audit set actor_name = 'x'` })).rejects.toThrow('permission denied');
});
