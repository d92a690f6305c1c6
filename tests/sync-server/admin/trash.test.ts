import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPurged, isWithdrawn } from '../../../domain/access/withdrawn.ts';
import type { TrashCount } from '../../../domain/protocol/admin.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Kept } from '../../../domain/record/inbox.ts';
import { nounOf, nouns } from '../../../domain/registry.ts';
import { countTrash, purgeTrash } from '../../../sync-server/admin/trash.ts';
import { openSealer } from '../../../sync-server/audit/sealer.ts';
import { anchorsIn, readPublicKeys } from '../../../sync-server/audit/seal-key.ts';
import { verifyAudit } from '../../../sync-server/audit/verify.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { pruneBookkeeping } from '../../../sync-server/db/bookkeeping.ts';
import type { Server } from '../../../sync-server/server.ts';
import { tidyUp } from '../../../sync-server/upkeep.ts';
import { mirrorOf, order, plainRoles, record } from '../access/rights-kit.ts';
import { type Client, change, cloneDatabase, insert, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'drover-trash-'));
let url: string;
let server: Server;
let admin: Client;
let broker: Client;
beforeAll(async () => {
  url = await cloneDatabase();
  server = await openTestServer({ databaseUrl: url });
  await plainRoles(server);
  admin = await signIn(server, 'admin', 'office');
  broker = await signIn(server, 'broker', 'laptop');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const versionOf = (collection: string): number => nounOf(collection)?.entity.version ?? 0;
const push = (collection: string, row: Parameters<Client['push']>[1][number], client = broker): Promise<WireDocument[]> =>
  client.push(collection, [row], versionOf(collection));
const stateOf = async (collection: string, id: string): Promise<WireDocument> => {
  const found = (await admin.pullAll(collection)).find((one) => one.id === id);
  if (!found) throw new Error(`${id} is not stored`);
  return found;
};
/** Makes a record and deletes it; answers the tombstone and the state before. */
async function trashed(collection: string, document: WireDocument & ReturnType<typeof record>): Promise<[WireDocument, WireDocument]> {
  expect(await push(collection, insert(document))).toEqual([]);
  const live = await stateOf(collection, document.id);
  expect(await push(collection, change(live, { _deleted: true }))).toEqual([]);
  return [await stateOf(collection, document.id), live];
}
const party = (id: string, fields: Record<string, unknown> = {}) =>
  record('parties', id, { name: `Party ${id}`, notes: `SECRET ${id}`, ...fields });
const inDays = (days: number) => ({ db: server.db, nouns, now: () => new Date(Date.now() + days * 86_400_000) });
const purging = { by: { id: 'server', name: 'server', device: 'server', address: '' }, reason: 'time is over' };
const YEAR = 367;

describe('the trash', () => {
  test('is emptied of what has been in it long enough, and of nothing that law, hold or another record needs', async () => {
    await trashed('parties', party('t-plain'));
    // Of today, or the law would let go of it in one of the years to come.
    await trashed('orders', order('t-order', 'desk-main', { orderedOn: new Date().toISOString().slice(0, 10) }));
    await trashed('parties', party('t-held'));
    await trashed('parties', party('t-used'));
    await trashed('parties', party('t-chain'));
    await trashed('locations', record('locations', 't-place', { name: 'Dock', partyId: 't-chain' }));
    expect(await push('locations', insert(record('locations', 't-live', { name: 'Gate', partyId: 't-used' })))).toEqual([]);
    expect((await post(admin, '/admin/holds', { collection: 'parties', id: 't-held', reason: 'Smith against us' })).status).toBe(200);
    expect(await read<TrashCount>(admin, '/admin/trash')).toEqual({ days: 365, due: 0, held: 0, used: 0 });
    expect(await purgeTrash(inDays(300), purging)).toEqual({});
    // The party that a deleted location names goes after the location.
    expect(await countTrash(inDays(YEAR))).toEqual({ days: 365, due: 2, held: 1, used: 2 });
    expect(await purgeTrash(inDays(YEAR), purging)).toEqual({ parties: 2, locations: 1 });
    for (const id of ['t-plain', 't-chain']) {
      const stub = await stateOf('parties', id);
      expect(isPurged(stub)).toBe(true);
      expect(JSON.stringify(stub)).not.toContain('SECRET');
      expect(stub._deleted).toBe(true);
    }
    for (const id of ['t-held', 't-used']) expect(await stateOf('parties', id)).toMatchObject({ notes: `SECRET ${id}` });
    expect(await stateOf('orders', 't-order')).toMatchObject({ number: 't-order' });
    const [last] = await admin.audit('parties', 't-plain');
    expect(last).toMatchObject({ kind: 'delete', command: 'purge', actor: 'server', reason: 'time is over' });
    expect((await entries(server, 'trash_purged')).at(-1)).toMatchObject({ details: { purged: { parties: 2, locations: 1 } } });
    // Once is enough.
    expect(await purgeTrash(inDays(YEAR), purging)).toEqual({});
  });

  test('[SYN-7] lets go of the content on every device that held it, whatever its user may see', async () => {
    const [all, some] = [mirrorOf(admin, 'orders'), mirrorOf(broker, 'orders')];
    await trashed('orders', order('t-both', 'desk-main', { orderedOn: '2020-03-04', notes: 'SECRET deal' }));
    for (const mirror of [all, some]) {
      await mirror.pull();
      expect(mirror.held.get('t-both')).toMatchObject({ notes: 'SECRET deal' });
    }
    expect(await purgeTrash(inDays(YEAR), purging)).toEqual({ orders: 1 });
    for (const mirror of [all, some]) {
      await mirror.pull();
      const held = mirror.held.get('t-both') ?? {};
      expect(isWithdrawn(held)).toBe(true);
      expect(JSON.stringify(held)).not.toContain('SECRET');
    }
    // What the devices hold now is no edit of theirs, should they send it back.
    for (const [client, mirror] of [
      [admin, all],
      [broker, some],
    ] as const) {
      const stub = mirror.held.get('t-both');
      if (!stub) throw new Error('there is no stub');
      const [answer] = await push('orders', { newDocumentState: stub }, client);
      expect(isWithdrawn(answer ?? stub)).toBe(true);
    }
    expect(await entries(server, 'change_refused')).toEqual([]);
  });

  test('[SYN-2] an edit that comes back after it gets a refusal with the whole content; a deletion needs none', async () => {
    const [tombstone, live] = await trashed('orders', order('t-late', 'desk-main', { orderedOn: '2020-03-04' }));
    const [again] = await trashed('parties', party('t-again'));
    const [, kept] = await trashed('parties', party('t-gone'));
    await purgeTrash(inDays(YEAR), purging);
    // Of somebody who sees no stub without desk and owner, and of somebody who sees everything.
    const [answer] = await push('orders', change(live, { notes: 'typed in the mountains' }));
    expect(isWithdrawn(answer ?? {})).toBe(true);
    const [second] = await push('orders', change(tombstone, { _deleted: false, notes: 'taken from the trash' }), admin);
    expect(isPurged(second ?? {})).toBe(true);
    expect(isPurged((await push('parties', change(again, { _deleted: false }), admin))[0] ?? {})).toBe(true);
    expect(isPurged((await push('parties', change(kept, { _deleted: true })))[0] ?? {})).toBe(true);
    const inbox = (await broker.pullAll('activities')).filter(({ recordId }) => String(recordId).startsWith('t-'));
    expect(inbox).toMatchObject([{ kind: 'refusal', code: 'purged', recordId: 't-late' }]);
    expect((JSON.parse(String(inbox[0]?.['keptContent'])) as Kept).mine).toMatchObject({ notes: 'typed in the mountains' });
    expect(isPurged(await stateOf('orders', 't-late'))).toBe(true);
  });

  test('[SYN-9] leaves an audit that is whole, with live records that are what it says', async () => {
    await trashed('contacts', record('contacts', 't-person', { firstName: 'Ida' }));
    const entities = nouns.map(({ entity }) => entity);
    const onError = (error: Error): never => {
      throw error;
    };
    const sealer = openSealer(server.db, { folder, everyMs: 3_600_000 }, { now: () => new Date(), onError });
    await sealer.seal();
    expect(await purgeTrash(inDays(YEAR), purging)).toEqual({ contacts: 1 });
    await sealer.seal();
    const keys = readPublicKeys(folder);
    const { findings } = await verifyAudit(server.db, { keys, anchors: anchorsIn(folder), entities, now: new Date() });
    expect(findings).toEqual([]);
    await sealer.close();
  });

  test('is looked at and emptied over the API and the command line by who may', async () => {
    expect((await broker.get('/admin/trash')).status).toBe(403);
    expect((await post(broker, '/admin/purge/trash', { reason: 'x' })).status).toBe(403);
    expect(await post(admin, '/admin/purge/trash', { reason: '' })).toMatchObject({ status: 422, body: { code: 'reason_missing' } });
    expect(await post(admin, '/admin/purge/trash', { reason: 'spring cleaning' })).toMatchObject({ status: 200, body: { purged: {} } });
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    const run = (...args: string[]): Promise<number> => runDrover(args, { environment: { DATABASE_URL: url }, out: say, err: say });
    expect(await run('purge', 'trash', '--dry-run')).toBe(0);
    expect(await run('purge', 'trash')).toBe(0);
    expect(said).toEqual([
      'After 365 days: 0 would be removed, 0 are held, 0 are needed by other records.',
      'Nothing has been in the trash long enough.',
    ]);
  });
});

describe('bookkeeping that no device can ask for any more', () => {
  const counts = async () =>
    (
      await server.db.rows<{ settled: number; moves: number; scopes: number }>({
        text: 'select (select count(*) from settled) as settled, (select count(*) from access_changes) as moves, (select count(*) from served_scopes) as scopes',
      })
    )[0];

  test('is removed once it is old enough, and stays until then', async () => {
    const before = await counts();
    expect(before?.settled).toBeGreaterThan(0);
    expect(before?.moves).toBeGreaterThan(0);
    await tidyUp(inDays(700));
    expect(await counts()).toEqual(before);
    expect(await entries(server, 'bookkeeping_pruned')).toEqual([]);
    await tidyUp(inDays(732));
    expect(await counts()).toMatchObject({ settled: 0, scopes: 0 });
    expect(await entries(server, 'bookkeeping_pruned')).toHaveLength(1);
  });

  test('moves of records go by whole months of the feed; a device whose scope is forgotten is served everything anew', async () => {
    const mirror = mirrorOf(broker, 'orders');
    await mirror.pull();
    const held = mirror.live();
    const before = await counts();
    class Undo extends Error {}
    const pruned: number[] = [];
    await server.db
      .transaction(async (runner) => {
        // By months of its own, whatever day it is.
        const begin = (month: string, from: string) =>
          runner.rows({ text: `insert into audit_months select 'audit', $1::date, ${from}, $1`, values: [month] });
        await runner.rows({ text: `delete from audit_months where log = 'audit'` });
        await begin('2026-05-01', '0');
        // All that there is lies in the month that has not ended.
        pruned.push((await pruneBookkeeping(runner, '2026-05-31T23:00:00.000Z')).accessChanges);
        await begin('2026-06-01', '(select seq from feed_head)');
        pruned.push((await pruneBookkeeping(runner, '2026-06-10T00:00:00.000Z')).accessChanges);
        throw new Undo();
      })
      .catch((cause: unknown) => {
        if (!(cause instanceof Undo)) throw cause;
      });
    expect(pruned[0]).toBe(0);
    expect(pruned[1]).toBeGreaterThan(0);
    expect(pruned[1]).toBeLessThanOrEqual(before?.moves ?? 0);
    await mirror.pull();
    expect(mirror.live()).toEqual(held);
  });
});
