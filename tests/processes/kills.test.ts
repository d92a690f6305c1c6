/**
 * Random histories of several devices against two server processes on one Postgres, all of which are killed again and again
 * while requests are under way, and whose connections are cut. PROCESS_KILLS asks for more kills, PROCESS_SEED for others.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locationNoun } from '../../domain/location/location.rules.ts';
import { partyNoun } from '../../domain/party/party.rules.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { nouns } from '../../domain/registry.ts';
import { anchorsIn, readPublicKeys } from '../../sync-server/audit/seal-key.ts';
import { verifyAudit } from '../../sync-server/audit/verify.ts';
import { type Database, openDatabase } from '../../sync-server/db/database.ts';
import { STAND_IN } from '../../sync-server/push/refusal-stub.ts';
import { minimalDocument } from '../domain/sample.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { inconsistencies } from '../sync-server/consistency.ts';
import { type CuttingProxy, openProxy } from '../sync-server/cutting-proxy.ts';
import { document, until } from '../sync-server/test-server.ts';
import { Cluster, ServerProcess, prepareCompany, removeFolder, tempFolder } from './company.ts';
import { DeviceModel } from './device-model.ts';

const SEED = Number(process.env['PROCESS_SEED'] ?? 20_261_120);
const KILLS = Number(process.env['PROCESS_KILLS'] ?? 14);
const COLLECTIONS = ['parties', 'locations', 'activities'] as const;
const IMPORT_ROWS = 40;
const users = ['broker', 'field', 'admin', 'accounting', 'broker'] as const;

const folder = tempFolder('kills');
let cluster: Cluster;
let db: Database;
let servers: ServerProcess[];
let proxies: CuttingProxy[];
const devices: DeviceModel[] = [];
/** Rows of imports, each sent once: whether the answer came, and the ids. */
const imports: { isAnswered: boolean; ids: string[] }[] = [];

beforeAll(async () => {
  cluster = await Cluster.open(`${folder}/postgres`);
  await (await prepareCompany(cluster.postgres.url)).close();
  servers = await Promise.all([1, 2].map(() => ServerProcess.open(cluster.postgres.url, `${folder}/audit`)));
  proxies = await Promise.all(servers.map(({ port }) => openProxy(port)));
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.close();
  for (const server of servers) await server.kill();
  await db.close();
  await cluster.close();
  removeFolder(folder);
});

const fresh = (noun: Noun, id: string, fields: Record<string, unknown>): WireDocument => {
  const { w: _, ...rest } = minimalDocument(noun, id);
  return document(id, { ...rest, ...fields });
};
/** Some edit of a party: fields, a list, deletions, and now and then what a rule refuses. */
function edited(from: WireDocument, random: Random): WireDocument {
  const value = `v${random.below(1000)}`;
  const edits: readonly Record<string, unknown>[] = [
    { code: value },
    { insurer: value },
    { city: value },
    { notes: `${String(from['notes'] ?? '')}\n${value}`.slice(-500) },
    { lanes: [{ lineId: `l${random.below(4)}`, from: value, to: 'T' }] },
    { _deleted: !from._deleted && random.chance(30) },
    { name: '' },
  ];
  return { ...from, ...random.pick(edits) };
}

function act(device: DeviceModel, random: Random, step: number): void {
  const parties = [...device.documents('parties').values()].filter(({ id }) => id.startsWith('p-'));
  const kind = random.below(10);
  const id = `p-${random.below(12)}`;
  if (kind < 2 || parties.length === 0) {
    // The same few names on all devices: two of them make the same record.
    if (!device.documents('parties').has(id)) device.commit('parties', fresh(partyNoun, id, { name: `Party ${id}` }));
  } else if (kind < 8) {
    device.commit('parties', edited(random.pick(parties), random));
  } else {
    const place = `${device.name}-place-${step}`;
    device.commit('locations', fresh(locationNoun, place, { name: place, partyId: `p-${random.below(14)}` }));
  }
}

async function live(device: DeviceModel, random: Random, isOver: () => boolean): Promise<void> {
  for (let step = 0; !isOver(); step += 1) {
    act(device, random, step);
    const collection = random.pick(COLLECTIONS);
    if (random.chance(60)) await device.push(collection, 1 + random.below(4));
    else await device.pull(collection, 1 + random.below(20));
    await sleep(random.below(15));
  }
}
/** Sends whole batches of new records, each once: they are all there afterwards, or none of them. */
async function importing(device: DeviceModel, isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n += 1) {
    const rows = Array.from({ length: IMPORT_ROWS }, (_, i) => fresh(partyNoun, `import-${n}-${i}`, { name: `Import ${n}` }));
    for (const row of rows) device.commit('parties', row);
    const isAnswered = await device.push('parties', IMPORT_ROWS);
    imports.push({ isAnswered, ids: rows.map(({ id }) => id) });
    // What was not answered is not sent again.
    for (const { id } of rows) device.collection('parties').delete(id);
    await sleep(30);
  }
}

async function nemesis(random: Random): Promise<void> {
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(200 + random.below(500));
    for (const proxy of proxies) proxy.fate = () => (random.chance(20) ? { [random.pick(['up', 'down'])]: random.below(3000) } : {});
    const at = random.below(10);
    if (at < 6) {
      const server = servers[kill % servers.length];
      await server?.kill();
      await sleep(random.below(200));
      await server?.start();
    } else if (at < 9) {
      await cluster.kill();
      await sleep(random.below(200));
      await cluster.start();
    }
    if (at === 9 || random.chance(50)) for (const proxy of proxies) proxy.cut();
  }
}
async function landable(): Promise<number> {
  const [counted] = await db.rows<{ count: number }>({
    text: `select count(*) as count from parked p where not exists (
        select from unnest(p.wants) want where not exists (select from parties t where 'parties:' || t.id = want)
      )`,
  });
  return counted?.count ?? 0;
}
async function settle(): Promise<void> {
  for (const proxy of proxies) proxy.fate = () => ({});
  for (let quiet = 0, round = 0; quiet < 2; round += 1) {
    if (round > 200)
      throw new Error(`the devices do not come to rest: ${devices.map((one) => one.waiting('parties').length).join(' ')} wait`);
    let moved = false;
    for (const device of devices) {
      for (const collection of COLLECTIONS) {
        moved ||= device.waiting(collection).length > 0;
        while (device.waiting(collection).length > 0) if (!(await device.push(collection, 20))) await sleep(100);
        const before = JSON.stringify([...device.documents(collection)]);
        for (let more: boolean | undefined = true; more !== false; ) {
          more = await device.pull(collection, 200);
          if (more === undefined) await sleep(100);
        }
        moved ||= before !== JSON.stringify([...device.documents(collection)]);
      }
    }
    quiet = moved ? 0 : quiet + 1;
  }
}

test(`histories under ${KILLS} kills, seed ${SEED}`, async () => {
  console.info(`processes: PROCESS_SEED=${SEED} PROCESS_KILLS=${KILLS}`);
  const urls = proxies.map(({ url }) => url);
  for (const [i, who] of users.entries()) {
    const device = new DeviceModel(`d${i}`, urls, randomFrom(SEED + i));
    await device.signIn(who);
    devices.push(device);
  }
  const importer = new DeviceModel('importer', urls, randomFrom(SEED + 99));
  await importer.signIn('admin');
  let isOver = false;
  const lives = [...devices.map((device, i) => live(device, randomFrom(SEED * 7 + i), () => isOver)), importing(importer, () => isOver)];
  const all = Promise.all(lives);
  await Promise.race([all, nemesis(randomFrom(SEED))]);
  isOver = true;
  await all;
  await settle();
  db = openDatabase({ url: cluster.postgres.url, connections: 2 });
  // A server that was killed between a parent and its children leaves them to the sweep of the next start.
  await servers[0]?.kill();
  await servers[0]?.start();
  await until(async () => (await landable()) === 0, 'no child waits whose parent is there');
  await settle();
  const kills = servers.reduce((sum, { kills: own }) => sum + own, 0);
  const sent = devices.reduce((sum, device) => sum + device.sent.size, 0);
  console.info(
    `processes: ${kills} servers and ${cluster.crashes} databases killed, ${proxies[0]?.cuts} + ${proxies[1]?.cuts} connections cut, ${sent} writes, ${imports.length} imports`,
  );
  expect(kills + cluster.crashes).toBeGreaterThanOrEqual(KILLS / 2);
  expect(sent).toBeGreaterThan(KILLS * 3);
});

test('[SYN-1, SYN-9] documents, audit and feed agree', async () => {
  expect(
    await inconsistencies(
      db,
      nouns.map(({ entity }) => entity.collection),
    ),
  ).toEqual([]);
});

test('[SYN-9] the seal that both processes kept is whole, and everything is sealed', async () => {
  const entities = nouns.map(({ entity }) => entity);
  const check = () =>
    verifyAudit(db, { keys: readPublicKeys(`${folder}/audit`), anchors: anchorsIn(`${folder}/audit`), entities, now: new Date() });
  await until(async () => (await check()).open.audit === 0, 'the rest is sealed', 30_000);
  const verified = await check();
  expect(verified.findings).toEqual([]);
  expect(verified.blocks).toBeGreaterThan(1);
});

/** What a device of the same user would hold that begins now. */
async function freshCopy(i: number, collection: string): Promise<Map<string, WireDocument>> {
  const copy = new DeviceModel(
    `copy-${i}`,
    servers.map(({ url }) => url),
    randomFrom(i),
  );
  await copy.signIn(users[i] ?? '');
  while ((await copy.pull(collection, 500)) !== false) continue;
  return copy.documents(collection);
}

test('[SYN-1, SYN-5] each device holds what a new one of its user gets, field by field, and the admin all; none ever stepped back', async () => {
  for (const collection of COLLECTIONS) {
    const rows = await db.rows<{ doc: WireDocument; deleted: boolean }>({ text: `select doc, deleted from "${collection}"` });
    const stored = new Map(rows.map(({ doc, deleted }) => [doc.id, { ...doc, _deleted: deleted }]));
    for (const [i, device] of devices.entries()) {
      const held = device.documents(collection);
      const wanted = await freshCopy(i, collection);
      if (users[i] === 'admin') expect(wanted).toEqual(stored);
      const odd = [...new Set([...held.keys(), ...wanted.keys()])]
        // What stands for a refused new record is on its own device only, until its author mends or discards it.
        .filter((id) => wanted.has(id) || !String(held.get(id)?.['w']).startsWith(STAND_IN))
        .filter((id) => !isDeepStrictEqual(held.get(id), wanted.get(id)))
        .map((id) => ({ id, held: held.get(id), wanted: wanted.get(id), story: device.story(id) }));
      // A child whose parent nobody has made waits on the server; only its own device holds it.
      const waiting = new Set((await db.rows<{ id: string }>({ text: 'select id from parked' })).map(({ id }) => id));
      expect([device.name, collection, odd.filter(({ id }) => !waiting.has(id))]).toEqual([device.name, collection, []]);
    }
  }
  expect(devices.flatMap(({ stepsBack }) => stepsBack)).toEqual([]);
});

test('[SYN-2, SYN-3, SYN-12] each write that was answered is in exactly one place, each other one in none or one, and none twice', async () => {
  const places = new Map(
    (
      await db.rows<{ key: string; places: number; told: number }>({
        text: `select id || ' ' || w as key, count(*) as places from (
          select id, w from audit union all select id, w from settled union all select id, w from refused union all select id, w from parked
        ) p group by 1`,
      })
    ).map(({ key, places: count }) => [key, count]),
  );
  const wrong = devices.flatMap((device) =>
    [...device.sent].flatMap(([key, { collection, isAnswered }]) => {
      const count = places.get(key) ?? 0;
      return count > 1 || (isAnswered && count === 0) ? [`${device.name} ${collection} ${key}: ${count}`] : [];
    }),
  );
  expect(wrong).toEqual([]);
  const [told] = await db.rows<{ owed: number; entries: number }>({
    text: `select (select count(*) from refused) + (select count(*) from settled where outcome = 'clash') as owed,
      (select count(*) from activities where doc->>'kind' in ('refusal', 'clash')) as entries`,
  });
  expect(told?.entries).toBe(told?.owed);
  expect(told?.owed).toBeGreaterThan(0);
});

test('[SYN-12] an import that was cut off by a kill is there as a whole or not at all', async () => {
  const stored = new Set((await db.rows<{ id: string }>({ text: `select id from parties where id like 'import-%'` })).map(({ id }) => id));
  const parts = imports.map(({ ids, isAnswered }) => ({ isAnswered, count: ids.filter((id) => stored.has(id)).length }));
  expect(parts.filter(({ isAnswered, count }) => count !== IMPORT_ROWS && (isAnswered || count !== 0))).toEqual([]);
  expect(parts.filter(({ isAnswered }) => isAnswered).length).toBeGreaterThan(3);
});
