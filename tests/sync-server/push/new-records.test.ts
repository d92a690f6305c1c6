/** Rows that build on nothing are decided without a look at what is stored, and anew when something was. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { activityNoun } from '../../../domain/activity/activity.rules.ts';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { openApplyQueue } from '../../../sync-server/push/apply-queue.ts';
import { type PushDependencies, type PushResult, pushRows } from '../../../sync-server/push/push-rows.ts';
import type { Server } from '../../../sync-server/server.ts';
import { openToAll } from '../open-nouns.ts';
import { animal, ranch, syntheticNouns } from '../synthetic-nouns.ts';
import { change, document, insert, openTestServer } from '../test-server.ts';

const nouns: readonly Noun[] = [...syntheticNouns, activityNoun];
const [ranches, animals] = [ranch, animal].map((entity) => nouns.find((noun) => noun.entity === entity)) as [Noun, Noun];
const author = { actor: 'someone', device: 'laptop' };

let server: Server;
let dependencies: PushDependencies;
/** Collections whose stored states were read for a decision. */
let looks: string[] = [];
beforeAll(async () => {
  server = await openTestServer({ nouns });
  const db: PushDependencies['db'] = {
    ...server.db,
    rows(statement) {
      if (statement.name?.startsWith('sight-')) looks.push(statement.name.slice('sight-'.length));
      return server.db.rows(statement);
    },
  };
  const byName = new Map(nouns.map((noun) => [noun.entity.collection, noun]));
  const nounOf = (collection: string): Noun | undefined => byName.get(collection);
  dependencies = { db, access: openToAll, apply: openApplyQueue(server.db, {}), nounOf, inbox: activityNoun, now: () => new Date() };
});
afterAll(() => server.close());
beforeEach(async () => {
  await server.db.rows({ text: 'delete from parked' });
  looks = [];
});

const push = (...documents: WireDocument[]): Promise<PushResult> => pushRows(dependencies, ranches, documents.map(insert), author);
const entriesOf = (id: string): Promise<{ kind: string; w: string }[]> =>
  server.db.rows({ text: 'select kind, w from audit where id = $1 order by seq', values: [id] });
const refusedOf = (id: string): Promise<{ code: string }[]> =>
  server.db.rows({ text: 'select code from refused where id = $1', values: [id] });

test('[SYN-1] new records are written without a look, and stand where the feed says', async () => {
  const { answers, positions, changed } = await push(document('n-1', { name: 'One' }), document('n-2', { name: 'Two' }));
  expect([answers, changed, looks]).toEqual([[], true, []]);
  const stored = await server.db.rows<{ id: string; seq: number }>({
    text: `select id, seq from ranches where id in ('n-1', 'n-2') order by id`,
  });
  expect(stored.map(({ id }) => id)).toEqual(['n-1', 'n-2']);
  // What comes with an earlier checkpoint than the first of the push is older than any of it.
  expect(positions).toEqual([stored[0]?.seq, stored[0]?.seq]);
});

test('[SYN-3] the same rows sent again, after others, change nothing', async () => {
  const row = document('n-3', { name: 'Sent' });
  await push(row);
  await pushRows(dependencies, ranches, [change(row, { name: 'Gone on' })], author);
  looks = [];
  expect(await push(row, document('n-4', { name: 'Beside' }))).toMatchObject({ answers: [] });
  // The one was found stored by the writing call; the other was written.
  expect(looks).toEqual(['ranches']);
  expect((await entriesOf('n-3')).map(({ kind }) => kind)).toEqual(['insert', 'update']);
  expect((await entriesOf('n-4')).map(({ kind }) => kind)).toEqual(['insert']);
});

test('[SYN-2] what somebody else stored under the id meets the row as it always did', async () => {
  await push(document('n-5', { name: 'Theirs', brand: 'T' }));
  const { answers } = await push(document('n-5', { name: 'Mine', brand: 'T' }));
  expect(answers).toMatchObject([{ id: 'n-5', name: 'Theirs' }]);
  expect(await entriesOf('n-5')).toHaveLength(1);
  expect(
    await server.db.rows({ text: `select code from refused where id = 'n-5' union all select outcome from settled where id = 'n-5'` }),
  ).toEqual([{ code: 'clash' }]);
});

test('[SYN-2] a refusal rests on a look: of a value that the same record gave up, the repeated row says nothing', async () => {
  const row = document('n-6', { name: 'First holder', brand: 'GIVEN' });
  await push(row);
  await pushRows(dependencies, ranches, [change(row, { brand: 'OTHER' })], author);
  await push(document('n-7', { name: 'Second holder', brand: 'GIVEN' }));
  looks = [];
  expect(await push(row)).toMatchObject({ answers: [], changed: false });
  expect(looks).toEqual(['ranches']);
  expect(await refusedOf('n-6')).toEqual([]);
  // Of a new record it is one, once.
  // Of one that is stored it is no answer: what differs is for its author to decide.
  await push(document('n-7', { name: 'Second, by me', brand: 'OTHER' }));
  expect(await refusedOf('n-7')).toEqual([]);
  const third = document('n-8', { name: 'Third', brand: 'GIVEN' });
  for (const _ of [1, 2]) expect((await push(third)).answers).toMatchObject([{ id: 'n-8', _deleted: true }]);
  expect(await refusedOf('n-8')).toEqual([{ code: 'not_unique' }]);
});

test('[SYN-8] rows among which one has to wait are looked at, and so are all while any row waits', async () => {
  const child = document('n-9', { tag: 'A 1', ranchId: 'n-10' });
  await pushRows(dependencies, animals, [insert(child)], author);
  expect(looks).toEqual(['animals']);
  looks = [];
  await push(document('n-10', { name: 'Parent' }));
  expect(looks).toContain('ranches');
  expect((await entriesOf('n-9')).map(({ kind }) => kind)).toEqual(['insert']);
});

test('rows that build on something, or delete, are looked at', async () => {
  const row = document('n-11', { name: 'To go' });
  await push(row);
  await pushRows(dependencies, ranches, [insert({ ...row, w: 'n-11-gone', _deleted: true })], author);
  expect(looks).toEqual(['ranches']);
});
