import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportUndoAnswer } from '../../../domain/protocol/admin.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import { nounOf } from '../../../domain/registry.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import type { Server } from '../../../sync-server/server.ts';
import { plainRoles, put, record } from '../access/rights-kit.ts';
import { type Client, change, cloneDatabase, insert, openTestServer, signIn } from '../test-server.ts';
import { entries, post, read } from './admin-kit.ts';

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
afterAll(() => server.close());

const versionOf = (collection: string): number => nounOf(collection)?.entity.version ?? 0;
const push = (rows: Parameters<Client['push']>[1], collection = 'parties'): Promise<WireDocument[]> =>
  broker.push(collection, rows, versionOf(collection));
const stateOf = async (id: string): Promise<WireDocument> => {
  const found = (await admin.pullAll('parties')).find((one) => one.id === id);
  if (!found) throw new Error(`${id} is not stored`);
  return found;
};
const party = (id: string, fields: Record<string, unknown> = {}) => record('parties', id, { name: `Party ${id}`, ...fields });
const preview = (id: string): Promise<ImportUndoAnswer> => read(admin, `/admin/imports/undo?id=${id}`);

/** One party was there before; the import changes it and makes others. One of those is worked on since, and one is used. */
async function importBatch(batch: string): Promise<void> {
  expect(await push([insert(party(`${batch}-old`, { phone: '555 0100' }))])).toEqual([]);
  const before = await stateOf(`${batch}-old`);
  expect(await push([change(before, { phone: '555 0199', importId: batch })])).toEqual([]);
  const made = ['new', 'edited', 'used'].map((name) => insert(party(`${batch}-${name}`, { importId: batch })));
  expect(await push(made)).toEqual([]);
  await push([change(await stateOf(`${batch}-edited`), { phone: '555 0142' })]);
  expect(await push([insert(record('locations', `${batch}-place`, { name: 'Dock', partyId: `${batch}-used` }))], 'locations')).toEqual([]);
}

test('an import of somebody else is looked at, taken back but for what was worked on or is used, and audited record by record', async () => {
  await importBatch('b1');
  const planned = await preview('b1');
  expect(planned).toMatchObject({ import: { id: 'b1', accountName: 'Blair Broker' }, removed: 1, putBack: 1, keptCount: 2 });
  expect(planned.kept.map(({ id, reason }) => [id, reason])).toEqual([
    ['b1-edited', 'Party b1-edited was changed since the import, so it was kept as it is.'],
    ['b1-used', 'Party b1-used is used by location "Dock", so it was kept.'],
  ]);
  // Looking changes nothing.
  expect(await stateOf('b1-new')).toMatchObject({ _deleted: false });
  expect(await post(admin, '/admin/imports/undo', { id: 'b1', reason: '' })).toMatchObject({
    status: 422,
    body: { code: 'reason_missing' },
  });
  const undone = await post(admin, '/admin/imports/undo', { id: 'b1', reason: 'wrong file' });
  expect(undone).toMatchObject({ status: 200, body: { removed: 1, putBack: 1, keptCount: 2 } });
  expect(await stateOf('b1-new')).toMatchObject({ _deleted: true });
  expect(await stateOf('b1-new')).not.toHaveProperty('importId');
  expect(await stateOf('b1-old')).toMatchObject({ _deleted: false, phone: '555 0100', modifiedBy: admin.login.user.id });
  expect(await stateOf('b1-edited')).toMatchObject({ _deleted: false, phone: '555 0142' });
  expect(await stateOf('b1-used')).toMatchObject({ _deleted: false });
  for (const [id, kind] of [
    ['b1-new', 'delete'],
    ['b1-old', 'update'],
  ] as const)
    expect((await admin.audit('parties', id)).find(({ command }) => command === 'undo_import')).toMatchObject({
      kind,
      reason: 'wrong file',
      actor: admin.login.user.id,
    });
  expect(await entries(server, 'import_undone')).toMatchObject([
    { who: 'Blair Broker', details: { importId: 'b1', removed: 1, putBack: 1, kept: 2 } },
  ]);
  // A second time there is nothing left to do.
  expect(await preview('b1')).toMatchObject({ removed: 0, putBack: 0, keptCount: 2 });
});

test('what a later import has written over is listed, and no other import is touched', async () => {
  expect(await push([insert(party('twice', { importId: 'first' })), insert(party('other', { importId: 'second' }))])).toEqual([]);
  expect(await push([change(await stateOf('twice'), { phone: '555 0101', importId: 'second' })])).toEqual([]);
  expect(await preview('first')).toMatchObject({ removed: 0, putBack: 0, kept: [{ id: 'twice' }] });
  const { body } = await post(admin, '/admin/imports/undo', { id: 'second', reason: 'a test file' });
  expect(body).toMatchObject({ removed: 1, putBack: 1, keptCount: 0 });
  // As the first import had left it, and so the first one can be taken back too.
  expect(await stateOf('twice')).toMatchObject({ importId: 'first', _deleted: false });
});

test('only who may, and only as far as the rights to the records go', async () => {
  await importBatch('b2');
  expect((await broker.get('/admin/imports/undo?id=b2')).status).toBe(403);
  expect((await post(broker, '/admin/imports/undo', { id: 'b2', reason: 'x' })).status).toBe(403);
  expect(await post(admin, '/admin/imports/undo', { id: 'never', reason: 'x' })).toMatchObject({
    status: 404,
    body: { code: 'unknown_import' },
  });
  const grants = ['imports:undo', 'parties:read', 'parties:update'].map((permission) => ({ permission, when: { is: 'all' } }));
  await post(admin, '/admin/roles', { name: 'half', label: 'Half', grants, revision: 0 });
  await put(server, 'accounting', { role: 'half' });
  const half = await signIn(server, 'accounting', 'elsewhere');
  const { body } = await post(half, '/admin/imports/undo', { id: 'b2', reason: 'what I can' });
  expect(body).toMatchObject({ removed: 0, putBack: 1, keptCount: 3 });
  expect(JSON.stringify(body)).toContain('Your role does not allow you to delete parties');
  expect(await stateOf('b2-new')).toMatchObject({ _deleted: false });
});

test('the command line does the same, and needs a reason', async () => {
  await importBatch('b3');
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const run = (...args: string[]): Promise<number> => runDrover(args, { environment: { DATABASE_URL: url }, out: say, err: say });
  expect(await run('imports', 'undo', 'b3', '--dry-run')).toBe(3);
  expect(said[0]).toBe('Would remove 1, put back 1, keep 2.');
  expect(await run('imports', 'undo', 'b3')).toBe(2);
  expect(await run('imports', 'undo', 'b3', '--reason', 'wrong year')).toBe(3);
  expect(await stateOf('b3-new')).toMatchObject({ _deleted: true, modifiedBy: 'cli' });
  expect(await run('imports', 'undo', 'never', '--reason', 'x')).toBe(2);
});
