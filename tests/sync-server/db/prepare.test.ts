import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Change, type Entity, defineEntity } from '../../../domain/entity/entity.ts';
import { type Fields, choice, integer, lines, money, pounds, ref, text } from '../../../domain/entity/field.ts';
import { nouns } from '../../../domain/registry.ts';
import { openDatabase } from '../../../sync-server/db/database.ts';
import { migrate } from '../../../sync-server/db/migrate.ts';
import { prepareDatabase } from '../../../sync-server/db/prepare.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { TEMPLATE } from '../../test-postgres.ts';
import { change, cloneDatabase, document, insert, openTestServer, signIn } from '../test-server.ts';

async function database(template = 'template0') {
  const url = await cloneDatabase(template);
  const db = openDatabase({ url, connections: 2 });
  onTestFinished(() => db.close());
  return { url, db };
}

describe('migrations', () => {
  const ownFolder = path.join(import.meta.dirname, '../../../sync-server/db/migrations');
  function scratchFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'drover-migrations-'));
    cpSync(ownFolder, folder, { recursive: true });
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  test('run once, in order', async () => {
    const { db } = await database();
    const first = await db.exclusively(1, (runner) => migrate(runner));
    expect(first.length).toBeGreaterThanOrEqual(3);
    expect(first).toEqual([...first].sort());
    expect(await db.exclusively(1, (runner) => migrate(runner))).toEqual([]);
  });

  test('one that was changed after it ran stops the start', async () => {
    const { db } = await database();
    const folder = scratchFolder();
    await db.exclusively(1, (runner) => migrate(runner, folder));
    writeFileSync(path.join(folder, '0001-feed.sql'), 'select 1');
    await expect(db.exclusively(1, (runner) => migrate(runner, folder))).rejects.toThrow('0001-feed.sql has changed since it was run');
  });

  test('a database of a newer program stops the start', async () => {
    const { db } = await database();
    const folder = scratchFolder();
    writeFileSync(path.join(folder, '9999-future.sql'), 'select 1');
    await db.exclusively(1, (runner) => migrate(runner, folder));
    await expect(db.exclusively(1, (runner) => migrate(runner))).rejects.toThrow('used by a newer Drover (9999-future.sql)');
  });

  test('one that fails leaves nothing of itself', async () => {
    const { db } = await database();
    const folder = scratchFolder();
    writeFileSync(path.join(folder, '9998-broken.sql'), 'create table half (a int); select nonsense');
    await expect(db.exclusively(1, (runner) => migrate(runner, folder))).rejects.toThrow('nonsense');
    expect(await db.rows({ text: `select to_regclass('half')::text as half` })).toEqual([{ half: null }]);
  });

  test('several servers may start at the same moment', async () => {
    const { url } = await database();
    const entities = syntheticNouns.map((noun) => noun.entity);
    const dbs = Array.from({ length: 4 }, () => openDatabase({ url, connections: 2 }));
    const done = await Promise.all(dbs.map((db) => prepareDatabase(db, entities)));
    expect(done.filter(({ migrations }) => migrations.length > 0)).toHaveLength(1);
    await Promise.all(dbs.map((db) => db.close()));
  });
});

const version = (changes: readonly Change[], fields: Fields): Entity =>
  defineEntity({
    noun: 'herd',
    collection: 'herds',
    label: 'Herd',
    labels: 'Herds',
    title: 'name',
    fields: { name: text('Name', { required: true, index: true }), ...fields },
    views: [{ name: 'herd_list' }],
    changes: [...changes],
  });
const v0 = version([], { head: integer('Head', {}) });
const kind = choice('Kind', { beef: 'Beef', dairy: 'Dairy' }, { index: true, default: 'beef' });
const v2 = version(
  [{ added: 'kind' }, { why: 'head became a text', up: (old) => ({ ...old, head: `${String(old['head'] ?? 0)} head` }) }],
  { kind, head: text('Head', {}) },
);

describe('a new version of an entity', () => {
  test('[SYN-10] moves stored documents up in place: position, write id and audit stay, the view has the new column', async () => {
    const url = await cloneDatabase();
    const old = await openTestServer({ databaseUrl: url, nouns: [{ entity: v0 }] });
    const before = await signIn(old);
    const sent = Array.from({ length: 1203 }, (_, i) => document(`h-${i}`, { name: `Herd ${i}`, head: i }));
    for (let i = 0; i < sent.length; i += 500) await before.push('herds', sent.slice(i, i + 500).map(insert));
    const positions = await old.db.rows({ text: 'select id, seq, w from herds order by id' });
    await old.close();

    const server = await openTestServer({ databaseUrl: url, nouns: [{ entity: v2 }] });
    onTestFinished(() => server.close());
    expect(await server.db.rows({ text: 'select id, seq, w from herds order by id' })).toEqual(positions);
    const [row] = await server.db.rows<{ doc: Record<string, unknown> }>({ text: `select doc from herds where id = 'h-7'` });
    expect(row?.doc).toMatchObject({ name: 'Herd 7', kind: 'beef', head: '7 head' });
    expect(await server.db.rows({ text: `select count(*) as count from herd_list where kind = 'beef' and head like '% head'` })).toEqual([
      { count: 1203 },
    ]);
    expect(await server.db.rows({ text: 'select count(*) as count from audit' })).toEqual([{ count: 1203 }]);

    const client = await signIn(server);
    const outdated = await client.get('/sync/herds/0/pull');
    expect([outdated.status, ((await outdated.json()) as { code: string }).code]).toEqual([426, 'client_outdated']);
    const { documents } = (await (await client.get('/sync/herds/2/pull?limit=1')).json()) as { documents: [ReturnType<typeof document>] };
    expect(await client.push('herds', [change(documents[0], { kind: 'dairy' })], 2)).toEqual([]);
  });

  test('[SYN-8] [SYN-10] a parked document of the old version lands in the new one', async () => {
    const url = await cloneDatabase();
    const parent = defineEntity({
      noun: 'pen',
      collection: 'pens',
      label: 'Pen',
      labels: 'Pens',
      title: 'name',
      fields: { name: text('Name', { required: true }) },
      views: [],
    });
    const pen = ref('Pen', 'pens', {});
    const old = await openTestServer({ databaseUrl: url, nouns: [{ entity: version([], { penId: pen }) }, { entity: parent }] });
    await (await signIn(old)).push('herds', [insert(document('h-w', { name: 'Waiting', penId: 'p-1' }))]);
    await old.close();
    const server = await openTestServer({
      databaseUrl: url,
      nouns: [{ entity: version([{ added: 'kind' }], { penId: pen, kind }) }, { entity: parent }],
    });
    onTestFinished(() => server.close());
    await (await signIn(server)).push('pens', [insert(document('p-1', { name: 'Pen' }))]);
    expect(await server.db.rows({ text: `select doc->>'kind' as kind, schema_version from herds where id = 'h-w'` })).toEqual([
      { kind: 'beef', schema_version: 1 },
    ]);
  });

  test('another shape under the same version refuses to start and names the entity and the way out', async () => {
    const { db } = await database();
    await prepareDatabase(db, [v0]);
    const forgotten = version([], { head: integer('Head', {}), kind });
    await expect(prepareDatabase(db, [forgotten])).rejects.toThrow(/"herd" has another shape .* same version 0.*Add a line.*"changes"/);
    await prepareDatabase(db, [v0]);
  });

  test('an older program refuses to start on newer documents', async () => {
    const { db } = await database();
    await prepareDatabase(db, [v2]);
    await expect(prepareDatabase(db, [v0])).rejects.toThrow('holds herds in version 2, this program knows version 0');
  });

  test('a step that fails leaves every document and the version as they were', async () => {
    const url = await cloneDatabase();
    const old = await openTestServer({ databaseUrl: url, nouns: [{ entity: v0 }] });
    await (await signIn(old)).push('herds', [
      insert(document('h-1', { name: 'A', head: 1 })),
      insert(document('h-2', { name: 'B', head: 2 })),
    ]);
    const bad = version(
      [
        { added: 'kind' },
        {
          why: 'test',
          up: (doc) => {
            if (doc['head'] === 2) throw new Error('cannot step up');
            return doc;
          },
        },
      ],
      { head: integer('Head', {}), kind },
    );
    await expect(prepareDatabase(old.db, [bad])).rejects.toThrow('cannot step up');
    expect(await old.db.rows({ text: 'select schema_version, count(*) as count from herds group by 1' })).toEqual([
      { schema_version: 0, count: 2 },
    ]);
    expect(await old.db.rows({ text: `select version from entity_version where collection = 'herds'` })).toEqual([{ version: 0 }]);
    await old.close();
  });
});

describe('views', () => {
  test('have typed columns, money in currency and weights in pounds, and leave out tombstones', async () => {
    const sale = defineEntity({
      noun: 'sale',
      collection: 'sales',
      label: 'Sale',
      labels: 'Sales',
      title: 'name',
      fields: {
        name: text('Name', { required: true }),
        total: money('Total', {}),
        parts: lines('Parts', { net: pounds('Net', { required: true }), saleId: text('Other sale', {}) }, {}),
      },
      views: [{ name: 'sale_list' }, { name: 'sale_parts', lines: 'parts' }],
    });
    const server = await openTestServer({ nouns: [{ entity: sale }] });
    onTestFinished(() => server.close());
    const client = await signIn(server);
    const gone = document('s-2', { name: 'Gone' });
    await client.push('sales', [
      insert(
        document('s-1', {
          name: 'Sale',
          total: 123_456,
          parts: [
            { lineId: 'a', net: 4_128_050 },
            { lineId: 'b', net: 100, saleId: 'x' },
          ],
        }),
      ),
      insert(gone),
    ]);
    await client.push('sales', [change(gone, { _deleted: true })]);
    expect(
      await server.db.rows({
        text: 'select name, total::text, pg_typeof(total)::text as type, pg_typeof(modified_at)::text as at from sale_list',
      }),
    ).toEqual([{ name: 'Sale', total: '1234.56', type: 'numeric', at: 'timestamp with time zone' }]);
    expect(
      await server.db.rows({
        text: 'select sale_id, line_id, line_number, net_lb::text, line_sale_id from sale_parts order by line_number',
      }),
    ).toEqual([
      { sale_id: 's-1', line_id: 'a', line_number: 1, net_lb: '41280.50', line_sale_id: null },
      { sale_id: 's-1', line_id: 'b', line_number: 2, net_lb: '1.00', line_sale_id: 'x' },
    ]);
  });

  test('of everything that is registered exist and can be read', async () => {
    const { db } = await database(TEMPLATE);
    const names = nouns.flatMap((noun) => noun.entity.views.map((view) => view.name));
    expect(names).toEqual(
      expect.arrayContaining(['suppliers', 'customers', 'carriers', 'plants', 'purchase_orders', 'purchase_order_lines']),
    );
    for (const name of names) expect(await db.rows({ text: `select * from "${name}" limit 1` })).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a start that changes nothing rebuilds nothing', async () => {
    const { db } = await database();
    const entities = syntheticNouns.map((noun) => noun.entity);
    await prepareDatabase(db, entities);
    const oid = async () => db.rows({ text: `select 'ranch_list'::regclass::oid::int as oid` });
    const before = await oid();
    await prepareDatabase(db, entities);
    expect(await oid()).toEqual(before);
  });
});
