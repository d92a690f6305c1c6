import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecurityEventKind } from '../../../domain/access/security-event.ts';
import { nouns } from '../../../domain/registry.ts';
import { placeHold } from '../../../sync-server/admin/holds.ts';
import { changeSetting } from '../../../sync-server/admin/settings.ts';
import { FIRST_PREVIOUS, signed } from '../../../sync-server/audit/block.ts';
import { type Named, eventDetails, pathsOf } from '../../../sync-server/audit/event-details.ts';
import { exportPerson, forgetPerson } from '../../../sync-server/audit/people.ts';
import { openSealKey, readPublicKeys } from '../../../sync-server/audit/seal-key.ts';
import { openSealer } from '../../../sync-server/audit/sealer.ts';
import { verifyAudit } from '../../../sync-server/audit/verify.ts';
import { addAccount } from '../../../sync-server/db/accounts.ts';
import { addApiKey } from '../../../sync-server/db/api-keys.ts';
import { addBlock, lastEvent, leavesBetween } from '../../../sync-server/db/audit-blocks.ts';
import type { Runner } from '../../../sync-server/db/database.ts';
import { securityEvent } from '../../../sync-server/db/security-events.ts';
import { setDisabled } from '../../../sync-server/db/users.ts';
import type { Server } from '../../../sync-server/server.ts';
import { openTestServer } from '../test-server.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-named-'));
const entities = nouns.map(({ entity }) => entity);
const kinds = Object.keys(eventDetails) as SecurityEventKind[];
const about: Named = { id: 'acc-about', name: 'Wilhelmina Aboutface' };
const other: Named = { id: 'acc-other', name: 'Ottokar Elsewhere' };
const third: Named = { id: 'acc-third', name: 'Thea Thirdly' };
const by = (who: Named) => ({ ...who, device: '', address: '' });
const asking = (reason: string) => ({ by: { id: 'cli', name: 'command line', device: 'cli', address: '' }, at: new Date(), reason });
let server: Server;
/** Events up to here are in a block of the earlier form. */
let earlier = 0;

type Shape = Parameters<typeof pathsOf>[0];
/** Details with a value in every place that their kind may have one. */
function filled(shape: Shape, named: Named): unknown {
  if (shape === 'plain') return 0;
  if (shape === 'whom') return about.name;
  if (shape === 'person') return named;
  if (shape === 'words') return named.name;
  return Object.fromEntries(Object.entries(shape).map(([member, inner]) => [member, filled(inner, named)]));
}
async function writeAll(named: Named): Promise<void> {
  for (const kind of kinds) {
    const details = filled(eventDetails[kind], named) as object;
    await securityEvent(server.db, { kind, who: about, device: '', address: '', at: new Date(), details: details as never });
  }
}
beforeAll(async () => {
  server = await openTestServer();
  const { db } = server;
  for (const { id, name } of [about, other, third]) {
    await addAccount(db, { id, name, email: `${id}@drover.example`, role: 'broker', deskId: 'desk-main' });
    await setDisabled(db, id, new Date().toISOString());
  }
  await writeAll(other);
  // As it was sealed before others had a hash of their own.
  earlier = await lastEvent(db);
  const personal = JSON.stringify(['email', 'formerEmail', 'name', 'subject']);
  const range = { log: 'security_events', from: 1, to: earlier, personal } as const;
  const { leaves, seqs } = await leavesBetween(db, range.log, range.from, range.to, personal);
  const all = seqs ?? Array.from({ length: earlier }, (_, i) => i + 1);
  const block = { ...range, number: 1, seqs: all, leaves, sealedAt: new Date().toISOString(), previous: FIRST_PREVIOUS };
  await addBlock(db, signed(block, openSealKey(folder)));
  await writeAll(other);
  await writeAll(third);
  await seal();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function seal(): Promise<void> {
  const sealer = openSealer(
    server.db,
    { folder, everyMs: 3_600_000 },
    {
      now: () => new Date(),
      onError: (error) => {
        throw error;
      },
    },
  );
  await sealer.seal();
  await sealer.close();
}
const verify = async (runner: Runner = server.db): Promise<string[]> =>
  (await verifyAudit(runner, { keys: readPublicKeys(folder), anchors: [], entities, now: new Date() })).findings.map(({ what }) => what);
class Undo extends Error {}
/** What verifying finds after the owner of the database did this; nothing of it stays. */
async function foundAfter(statement: string): Promise<string[]> {
  let found: string[] = [];
  const work = server.db.transaction(async (runner) => {
    for (const text of ['set local session_replication_role = replica', statement]) await runner.rows({ text });
    found = await verify(runner);
    throw new Undo();
  });
  await expect(work).rejects.toBeInstanceOf(Undo);
  return found;
}
/** Kinds of the events, sealed as they are sealed now, that hold this text. */
async function kindsWith(text: string): Promise<string[]> {
  const rows = await server.db.rows<{ kind: string }>({
    text: `select distinct kind from security_events e where seq > $1 and strpos(to_jsonb(e)::text, $2) > 0 order by kind`,
    values: [earlier, text],
  });
  return rows.map(({ kind }) => kind);
}
const kindsNaming = (...wanted: ('whom' | 'person' | 'words')[]): string[] =>
  kinds.filter((kind) => wanted.some((one) => pathsOf(eventDetails[kind], one).length > 0)).sort();

describe('people in the details of events', () => {
  test('are in every kind of event that may name them', async () => {
    expect(kindsNaming('person').length).toBeGreaterThan(20);
    expect(await kindsWith(other.name)).toEqual(kindsNaming('person', 'words'));
    expect(await kindsWith(third.name)).toEqual(kindsNaming('person', 'words'));
    expect(await verify()).toEqual([]);
  });

  test.each([
    ['of others', `jsonb_set(details, '{by,name}', '"Somebody"')`, `details->'by'->>'name' = '${other.name}'`],
    ['that somebody looked for', `jsonb_set(details, '{filter,who}', '"Somebody"')`, `kind = 'exported'`],
    ['before and after', `jsonb_set(details, '{before,name}', '"Somebody"')`, `kind = 'account_changed'`],
    ['made a list', `jsonb_set(details, '{by}', '["${other.name}"]')`, `details->'by'->>'name' = '${other.name}'`],
  ])('cannot be changed unnoticed: names %s', async (_what, details, where) => {
    for (const side of ['<=', '>'])
      expect(await foundAfter(`update security_events set details = ${details} where ${where} and seq ${side} ${earlier}`)).toEqual([
        expect.stringMatching(/^event \d+ is not as it was sealed/),
      ]);
  });

  test('get those events too when they ask for everything about them', async () => {
    const lines = await exportPerson(server.db, { account: other.id }, asking('letter of Ottokar'));
    let text = '';
    for await (const line of lines ?? []) text += line;
    const all = JSON.parse(text) as Record<string, unknown>;
    const events = all['eventsOfOthers'] as { seq: number; kind: string; details: unknown }[];
    expect([...new Set(events.filter(({ seq }) => seq > earlier).map(({ kind }) => kind))].sort()).toEqual(kindsNaming('person', 'words'));
    expect(JSON.stringify(events)).toContain(other.name);
    expect(JSON.stringify(events)).not.toContain(third.name);
  });

  test('leave every table when they are forgotten, and nobody else does; the seal still holds', async () => {
    const { db } = server;
    const dependencies = { db, nouns, now: () => new Date(), company: { look: () => Promise.resolve() } };
    await placeHold(dependencies, { collection: 'parties', id: 'p-1', reason: 'Smith against us' }, by(other));
    expect(await changeSetting(dependencies, 'trash_days', 400, 'audit', by(other))).toBe('');
    await addApiKey(db, {
      id: 'key-1',
      accountId: other.id,
      name: `Sheets of ${other.name}`,
      hash: 'x',
      permissions: ['parties:read'],
      createdAt: new Date().toISOString(),
      createdBy: other.id,
      expiresAt: new Date().toISOString(),
    });
    await seal();
    expect(await forgetPerson(db, entities, { account: other.id }, asking('asked'))).toMatchObject({ kind: 'forgotten' });
    const tables = await db.rows<{ name: string }>({
      text: `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    });
    expect(tables.length).toBeGreaterThan(30);
    for (const { name } of tables) {
      const rows = await db.rows<{ row: string }>({
        text: `select to_jsonb(t)::text as row from "${name}" t where strpos(to_jsonb(t)::text, $1) > 0 limit 1`,
        values: [other.name],
      });
      // Of events that were sealed in the earlier form the names of others cannot go.
      if (!name.startsWith('security_events')) expect(rows, name).toEqual([]);
    }
    expect(await kindsWith(other.name)).toEqual([]);
    expect(await kindsWith(third.name)).toEqual(kindsNaming('person', 'words'));
    expect(await kindsWith(other.id)).toEqual(expect.arrayContaining(kindsNaming('person')));
    expect(await verify()).toEqual([]);
  });

  test('have nothing said in their place', async () => {
    expect(
      await foundAfter(`update security_events set details = jsonb_set(details, '{by,name}', '"Somebody"') where named_hash is not null`),
    ).toEqual([expect.stringMatching(/^event \d+ is not as it was sealed/)]);
  });

  test('whom the event is about are forgotten in all that it says of them', async () => {
    expect(await kindsWith(about.name)).toEqual([...kinds].sort());
    expect(await forgetPerson(server.db, entities, { account: about.id }, asking('asked'))).toMatchObject({ kind: 'forgotten' });
    expect(await kindsWith(about.name)).toEqual([]);
    expect(await kindsWith(third.name)).toEqual(kindsNaming('person', 'words'));
    expect(await verify()).toEqual([]);
  });
});
