import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nouns } from '../../../domain/registry.ts';
import { purge, purgeable } from '../../../sync-server/audit/purge.ts';
import { anchorsIn, readPublicKeys } from '../../../sync-server/audit/seal-key.ts';
import { type Sealer, openSealer } from '../../../sync-server/audit/sealer.ts';
import { type Verified, verifyAudit } from '../../../sync-server/audit/verify.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Runner } from '../../../sync-server/db/database.ts';
import { addHold, liftHold } from '../../../sync-server/db/holds.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, databaseUrl, insert, openTestServer, signIn } from '../test-server.ts';
import { closeMonths, made } from './made.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-people-'));
const entities = nouns.map(({ entity }) => entity);
const errors: string[] = [];
let server: Server;
let broker: Client;
let sealer: Sealer;
beforeAll(async () => {
  server = await openTestServer();
  broker = await signIn(server, 'broker', 'laptop-of-blair');
  sealer = openSealer(
    server.db,
    { folder, everyMs: 3_600_000 },
    {
      now: () => new Date(),
      onError: ({ message }) => void errors.push(message),
    },
  );
});
afterAll(async () => {
  await sealer.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const verify = (runner: Runner, now = new Date()): Promise<Verified> =>
  verifyAudit(runner, { keys: readPublicKeys(folder), anchors: anchorsIn(folder), entities, now });
const check = (now?: Date): Promise<Verified> => verify(server.db, now);
class Undo extends Error {}
/** What verifying finds first after the owner of the database did this; nothing of it stays. */
async function foundAfter(statement: string): Promise<string | undefined> {
  let what: string | undefined;
  const work = server.db.transaction(async (runner) => {
    for (const text of ['set local session_replication_role = replica', statement]) await runner.rows({ text });
    what = (await verify(runner)).findings[0]?.what;
    throw new Undo();
  });
  await expect(work).rejects.toBeInstanceOf(Undo);
  return what;
}
const purging = (reason: string) => ({ by: { id: 'x', name: 'Avery', device: 'office', address: '' }, reason });
const contact = (id: string, name: string) =>
  made(broker, 'contacts', id, { name, email: `${name.toLowerCase()}@example.com`, notes: 'Zoë: 日本 “€”', company: 'Fields and Sons' });
async function edit(id: string, fields: Record<string, unknown>): Promise<void> {
  const [stored] = (await broker.pullAll('contacts')).filter((document) => document.id === id);
  if (!stored) throw new Error(`${id} was not stored`);
  expect(await broker.push('contacts', [change(stored, fields)])).toEqual([]);
}
/** Places a legal hold; answers what lifts it. */
async function hold(collection: string, id: string): Promise<() => Promise<void>> {
  const at = new Date().toISOString();
  const placed = await addHold(server.db, { collection, id, reason: 'Smith against us', placedAt: at, placedBy: 'Avery' });
  if (!placed) throw new Error(`there is a hold on ${id} already`);
  return async () => void (await liftHold(server.db, placed.number, { at, by: 'Avery', reason: 'settled' }));
}
const textOf = async (table: string): Promise<string> =>
  (await server.db.rows<{ all: string }>({ text: `select coalesce(json_agg(t), '[]')::text as all from ${table} t` }))[0]?.all ?? '';
async function drover(...args: string[]): Promise<{ code: number; text: string }> {
  const [{ name } = { name: '' }] = await server.db.rows<{ name: string }>({ text: 'select current_database() as name' });
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(text);
  const code = await runDrover(args, { environment: { DATABASE_URL: databaseUrl(name), DROVER_AUDIT: folder }, out: say, err: say });
  return { code, text: lines.join('\n') };
}

describe('a person', () => {
  test('gets everything that is kept about them, and that is an event', async () => {
    expect(await broker.push('contacts', [insert(contact('c-1', 'Nora'))])).toEqual([]);
    await edit('c-1', { email: 'nora.fields@example.com' });
    const { code, text } = await drover('person', 'export', 'contacts:c-1', '--reason', 'letter of Nora');
    expect(code).toBe(0);
    const all = JSON.parse(text) as { record: unknown[]; entries: { before: unknown; after: unknown }[] };
    expect(all.record).toMatchObject([{ doc: { email: 'nora.fields@example.com' } }]);
    expect(all.entries).toMatchObject([
      { before: null },
      { before: { email: 'nora@example.com' }, after: { email: 'nora.fields@example.com' } },
    ]);
    const own = JSON.parse((await drover('person', 'export', 'broker@drover.example', '--reason', 'asked')).text) as Record<
      string,
      unknown[]
    >;
    expect(own['account']).toMatchObject([{ name: 'Blair Broker' }]);
    expect(own['devices']).toMatchObject([{ device: 'laptop-of-blair' }]);
    expect(own['entries']).toHaveLength(2);
    expect(own['events']).toMatchObject([{ kind: 'signed_in' }]);
    expect(await textOf(`(select * from security_events where kind = 'person_exported')`)).toContain('letter of Nora');
  });

  test('is not forgotten before the entries are sealed, and an account only when it is closed', async () => {
    expect(await drover('person', 'forget', 'contacts:c-1', '--reason', 'asked')).toMatchObject({
      code: 2,
      text: expect.stringContaining('not sealed yet'),
    });
    expect(await drover('person', 'forget', 'broker@drover.example', '--reason', 'asked')).toMatchObject({
      code: 2,
      text: expect.stringContaining('Disable it first'),
    });
    expect(await drover('person', 'forget', 'orders:o-1', '--reason', 'asked')).toMatchObject({ code: 2 });
  });

  test('is not forgotten while a legal hold stands on the record, or on one that the account changed', async () => {
    const lift = await hold('contacts', 'c-1');
    await sealer.seal();
    expect(await drover('user', 'disable', 'broker@drover.example', '--reason', 'left')).toMatchObject({ code: 0 });
    for (const person of ['contacts:c-1', 'broker@drover.example']) {
      expect(await drover('person', 'forget', person, '--reason', 'asked')).toMatchObject({
        code: 2,
        text: expect.stringMatching(/Legal hold \d+ stands/),
      });
    }
    expect(await textOf('audit')).toContain('Blair');
    expect(await drover('user', 'enable', 'broker@drover.example', '--reason', 'came back')).toMatchObject({ code: 0 });
    broker = await signIn(server, 'broker', 'laptop-of-blair');
    await lift();
  });

  test('of whom a record tells is taken out of every entry, and the seal still holds', async () => {
    await edit('c-1', { name: 'Removed', email: undefined });
    await sealer.seal();
    expect(await textOf('audit')).toContain('nora');
    expect(await drover('person', 'forget', 'contacts:c-1', '--dry-run', '--reason', 'letter of Nora')).toEqual({
      code: 0,
      text: 'Would be forgotten in 3 changes and 0 events.',
    });
    expect(await drover('person', 'forget', 'contacts:c-1', '--reason', 'letter of Nora')).toMatchObject({
      code: 0,
      text: expect.stringContaining('3 changes'),
    });
    expect((await textOf('audit')).toLowerCase()).not.toMatch(/nora|zoë|日本/);
    // What is not personal stays and is still held against the seal.
    expect(await textOf('audit')).toContain('Fields and Sons');
    expect((await check()).findings).toEqual([]);
    expect(await foundAfter(`update audit set after = replace(after, 'Fields and Sons', 'X') where id = 'c-1'`)).toMatch(
      /^change 1 is not as it was sealed/,
    );
    // Nor can anything be said in the place of what is gone.
    const forged = ',"email":"x@y.example"';
    expect(
      await foundAfter(
        `update audit set after = left(after, -1) || '${forged}}', after_whom = ${forged.length} where seq = 1 and whom_hash is not null`,
      ),
    ).toMatch(/^change 1 is not as it was sealed/);
    expect((await check()).findings).toEqual([]);
  });

  test('with an account leaves nothing but its id, and the seal still holds', async () => {
    expect(await drover('user', 'disable', 'broker@drover.example', '--reason', 'left')).toMatchObject({ code: 0 });
    await sealer.seal();
    expect(await drover('person', 'forget', 'broker@drover.example', '--reason', 'asked')).toMatchObject({ code: 0 });
    for (const table of ['audit', 'security_events', 'accounts', 'devices']) {
      const text = await textOf(table);
      expect(text, table).not.toContain('Blair');
      expect(text, table).not.toContain('laptop-of-blair'.slice(0, table === 'devices' ? 0 : 15) || 'Blair');
    }
    await sealer.seal();
    expect((await check()).findings).toEqual([]);
    expect(await foundAfter(`update audit set actor_name = 'Somebody Else' where seq = 1`)).toMatch(/^change 1 is not as it was sealed/);
    expect(await foundAfter(`update security_events set device = 'elsewhere' where kind = 'signed_in'`)).toMatch(/^event \d+ is not/);
    expect(await textOf(`(select actor from audit where id = 'c-1')`)).toContain(broker.login.user.id);
  });
});

describe('entries whose time is over', () => {
  const later = new Date();
  later.setUTCFullYear(later.getUTCFullYear() + 8);

  test('stay for seven years', async () => {
    await closeMonths(server.db, 'old');
    const admin = await signIn(server, 'admin', 'office');
    expect(await admin.push('parties', [insert(made(admin, 'parties', 'p-new', { name: 'New', roles: ['supplier'] }))])).toEqual([]);
    await sealer.seal();
    expect(await purgeable(server.db, new Date())).toEqual([]);
    expect(await purge(server.db, new Date(), purging('too early'))).toMatchObject({ months: [], left: 0 });
  });

  test('stay as long as a legal hold stands on a record that they changed or name', async () => {
    const lift = await hold('contacts', 'c-1');
    const { months } = await purge(server.db, later, purging('yearly'));
    expect(months.map(({ log, holds }) => [log, holds.length])).toEqual([
      ['audit', 1],
      ['security_events', 0],
    ]);
    expect(await textOf(`(select * from audit where id = 'c-1')`)).toContain('Fields and Sons');
    await sealer.seal();
    expect((await check(later)).findings).toEqual([]);
    await lift();
  });

  test('go by whole months, with an event that tells of it, and what is left is verified by the blocks that stay', async () => {
    const before = await check();
    expect(await purge(server.db, later, purging('yearly'))).toMatchObject({ months: [{ log: 'audit', holds: [] }], left: 0 });
    await sealer.seal();
    const verified = await check(later);
    expect(verified).toMatchObject({ findings: [], entries: { audit: 1 } });
    expect(verified.blocks).toBeGreaterThan(before.blocks);
    expect(verified.purged).toBeGreaterThan(3);
    expect(await textOf(`(select * from security_events where kind = 'purged')`)).toContain('yearly');
  });

  test('are missed when they go earlier, whatever an event says of it', async () => {
    expect((await check()).findings[0]?.what).toMatch(/^(?:change|event) \d+ was removed/);
    expect(errors).toEqual([]);
  });
});
