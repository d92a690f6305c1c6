/**
 * One row on its way through two pushes at once, while what it was decided on changes back and forth: the two must end as
 * one. The gate holds a push between its decision and its call, so that the order of the calls is the test's to choose.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import { activityNoun } from '../../../domain/activity/activity.rules.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { openApplyQueue } from '../../../sync-server/push/apply-queue.ts';
import { sweepParked } from '../../../sync-server/push/parked-sweep.ts';
import { type PushDependencies, type PushResult, landParked, pushRows } from '../../../sync-server/push/push-rows.ts';
import type { Server } from '../../../sync-server/server.ts';
import { openToAll } from '../open-nouns.ts';
import { animal, ranch, syntheticNouns } from '../synthetic-nouns.ts';
import { change, document, insert, openTestServer } from '../test-server.ts';

const nouns: readonly Noun[] = [...syntheticNouns, activityNoun];
const [ranches, animals] = [ranch, animal].map((entity) => nouns.find((noun) => noun.entity === entity)) as [Noun, Noun];
const author = { actor: 'someone', device: 'laptop' };

let server: Server;
let free: PushDependencies;
beforeAll(async () => {
  server = await openTestServer({ nouns });
  const byName = new Map(nouns.map((noun) => [noun.entity.collection, noun]));
  const nounOf = (collection: string): Noun | undefined => byName.get(collection);
  free = { db: server.db, access: openToAll, apply: openApplyQueue(server.db, {}), nounOf, inbox: activityNoun, now: () => new Date() };
});
afterAll(() => server.close());

interface Held {
  readonly dependencies: PushDependencies;
  /** Resolves when a decided batch stands before the database. */
  readonly waiting: Promise<void>;
  letGo(): void;
}
/** A server of which the first call to the database waits; what comes after the first goes through. */
function held(): Held {
  let arrived = (): void => undefined;
  let letGo = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isFirst = true;
  const apply: PushDependencies['apply'] = async (batch) => {
    if (isFirst) {
      isFirst = false;
      arrived();
      await open;
    }
    return free.apply(batch);
  };
  return { dependencies: { ...free, apply }, waiting, letGo: () => letGo() };
}

const pushRanch = (row: WireDocument, through = free): Promise<PushResult> => pushRows(through, ranches, [insert(row)], author);
const replace = (base: WireDocument, fields: Record<string, unknown>): Promise<PushResult> =>
  pushRows(free, ranches, [change(base, fields)], author);
async function stateOf(id: string): Promise<WireDocument> {
  const [found] = await server.db.rows<{ doc: WireDocument; deleted: boolean }>({
    text: 'select doc, deleted from ranches where id = $1',
    values: [id],
  });
  if (!found) throw new Error(`${id} is not stored`);
  return { ...found.doc, _deleted: found.deleted };
}
/** Where this write of this record is found, each place as often as it is found there. */
async function endsOf(id: string, w: unknown): Promise<string[]> {
  const rows = await server.db.rows<{ place: string }>({
    text: `select 'stored' as place from audit where id = $1 and w = $2
      union all select 'refused' from refused where id = $1 and w = $2
      union all select 'settled' from settled where id = $1 and w = $2
      union all select 'parked' from parked where id = $1 and w = $2
      union all select 'entry' from activities where (doc->>'keptContent')::jsonb->'mine'->>'id' = $1
      order by 1`,
    values: [id, w],
  });
  return rows.map(({ place }) => place);
}

test('[SYN-3] a refusal that comes after the same row was stored is none: the value was given up in between', async () => {
  const holder = document('r-holder-1', { name: 'Holder', brand: 'ONE' });
  await pushRanch(holder);
  const row = document('r-twice-1', { name: 'Sent twice', brand: 'ONE' });
  const late = held();
  const refused = pushRanch(row, late.dependencies);
  await late.waiting;
  await replace(await stateOf('r-holder-1'), { brand: '' });
  expect((await pushRanch(row)).answers).toEqual([]);
  late.letGo();
  expect((await refused).answers).toEqual([]);
  expect(await endsOf(row.id, row['w'])).toEqual(['stored']);
});

test('[SYN-3] a row that was refused in between is not stored by the push that found the value free', async () => {
  const holder = document('r-holder-2', { name: 'Holder' });
  await pushRanch(holder);
  const row = document('r-twice-2', { name: 'Sent twice', brand: 'TWO' });
  const early = held();
  const accepted = pushRanch(row, early.dependencies);
  await early.waiting;
  await replace(await stateOf('r-holder-2'), { brand: 'TWO' });
  const [answer] = (await pushRanch(row)).answers;
  expect(answer).toMatchObject({ id: row.id, _deleted: true });
  await replace(await stateOf('r-holder-2'), { brand: '' });
  early.letGo();
  expect((await accepted).answers).toEqual([answer]);
  expect(await endsOf(row.id, row['w'])).toEqual(['entry', 'refused']);
});

test('[SYN-3] a row that was refused in between is not parked either', async () => {
  const holder = document('r-holder-3', { name: 'Holder' });
  await pushRanch(holder);
  const row = document('r-twice-3', { name: 'Sent twice', brand: 'THREE', headOfHerdId: 'a-never-3' });
  const early = held();
  const parked = pushRanch(row, early.dependencies);
  await early.waiting;
  await replace(await stateOf('r-holder-3'), { brand: 'THREE' });
  const [answer] = (await pushRanch(row)).answers;
  expect(answer).toMatchObject({ id: row.id, _deleted: true });
  early.letGo();
  expect((await parked).answers).toEqual([answer]);
  expect(await endsOf(row.id, row['w'])).toEqual(['entry', 'refused']);
});

test('[SYN-3] a refusal that comes after the same row was parked is none', async () => {
  const holder = document('r-holder-4', { name: 'Holder', brand: 'FOUR' });
  await pushRanch(holder);
  const row = document('r-twice-4', { name: 'Sent twice', brand: 'FOUR', headOfHerdId: 'a-never-4' });
  const late = held();
  const refused = pushRanch(row, late.dependencies);
  await late.waiting;
  await replace(await stateOf('r-holder-4'), { brand: '' });
  await pushRanch(row);
  late.letGo();
  expect((await refused).answers).toEqual([]);
  expect(await endsOf(row.id, row['w'])).toEqual(['parked']);
});

test('[SYN-8] a waiting row that another process refused meanwhile does not land', async () => {
  const row = document('r-waiting-5', { name: 'Waiting', brand: 'FIVE', headOfHerdId: 'a-5' });
  await pushRanch(row);
  const parent = document('a-5', { tag: '5', ranchId: 'r-home-5' });
  await pushRanch(document('r-home-5', { name: 'Home' }));
  const landing = held();
  await server.db.rows({ text: `update parked set wants = '{}' where id = 'r-waiting-5'` });
  await pushRows(free, animals, [insert(parent)], author);
  const landed = landParked(landing.dependencies, ['ranches:r-waiting-5']);
  await landing.waiting;
  await pushRanch(document('r-holder-5', { name: 'Holder', brand: 'FIVE' }));
  await landParked(free, ['ranches:r-waiting-5']);
  expect(await endsOf(row.id, row['w'])).toEqual(['entry', 'refused']);
  await replace(await stateOf('r-holder-5'), { brand: '' });
  landing.letGo();
  await landed;
  expect(await endsOf(row.id, row['w'])).toEqual(['entry', 'refused']);
});

test('[SYN-8] a waiting row that landed meanwhile was not replaced: the newcomer is merged with it', async () => {
  const first = document('r-waiting-6', { name: 'First', headOfHerdId: 'a-6' });
  await pushRanch(first);
  const second = document('r-waiting-6', { name: 'First', brand: 'SIX', headOfHerdId: 'a-other-6' });
  const late = held();
  const replacing = pushRanch(second, late.dependencies);
  await late.waiting;
  await pushRanch(document('r-home-6', { name: 'Home' }));
  await pushRows(free, animals, [insert(document('a-6', { tag: '6', ranchId: 'r-home-6' }))], author);
  expect(await endsOf(first.id, first['w'])).toEqual(['stored']);
  late.letGo();
  await replacing;
  expect((await endsOf(first.id, first['w'])).filter((place) => place !== 'entry')).toEqual(['stored']);
  expect((await endsOf(second.id, second['w'])).filter((place) => place !== 'entry')).toHaveLength(1);
  expect(await server.db.rows({ text: `select from refused where code = 'superseded_while_waiting'` })).toEqual([]);
});

test('[SYN-3] whatever arrives in whatever order, nothing is left over for the sweep', async () => {
  expect(await sweepParked(free)).toBe(false);
  const [found] = await server.db.rows<{ head: number; entries: number }>({
    text: 'select (select seq from feed_head) as head, (select count(*) from audit) as entries',
  });
  expect(found?.entries).toBe(found?.head);
});
