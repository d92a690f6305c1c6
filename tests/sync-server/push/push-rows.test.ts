import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, change, document, insert, openTestServer, signIn } from '../test-server.ts';

let server: Server;
let broker: Client;
let field: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
  broker = await signIn(server, 'broker', 'desk-pc');
  field = await signIn(server, 'field', 'laptop');
});
afterAll(() => server.close());

const count = async (text: string, values: unknown[] = []): Promise<number> =>
  (await server.db.rows<{ n: number }>({ text, values }))[0]?.n ?? -1;
const stateOf = async (collection: string, id: string) => (await broker.pullAll(collection)).find((doc) => doc.id === id);
const must = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('expected a value');
  return value;
};

describe('accepting', () => {
  test('[SYN-9] a new record is stamped by the server and audited once, with actor, device, before and after', async () => {
    const sent = document('r-1', { name: 'Bar K', createdAt: '2999-01-01T00:00:00.000Z', createdBy: 'somebody-else' });
    expect(await broker.push('ranches', [insert(sent)])).toEqual([]);
    const stored = must(await stateOf('ranches', 'r-1'));
    expect(stored).toMatchObject({ w: sent.w, createdBy: broker.login.user.id, modifiedBy: broker.login.user.id, _deleted: false });
    expect(String(stored['createdAt']) < '2999').toBe(true);
    await field.push('ranches', [change(stored, { name: 'Bar K 2' })]);
    const entries = await broker.audit('ranches', 'r-1');
    expect(entries.map(({ kind, command, actorName, device }) => [kind, command, actorName, device])).toEqual([
      ['update', 'change', 'Frankie Field', 'laptop'],
      ['insert', 'create', 'Blair Broker', 'desk-pc'],
    ]);
    expect(entries[0]?.before).toMatchObject({ name: 'Bar K' });
    expect(entries[0]?.after).toMatchObject({ name: 'Bar K 2', createdBy: broker.login.user.id });
    expect(entries[1]?.before).toBeNull();
  });

  test('[SYN-3] a push that is sent again changes nothing, audits nothing and is answered as accepted', async () => {
    const first = document('r-2', { name: 'Once' });
    const second = change(first, { name: 'Twice' });
    for (const _ of [1, 2]) expect(await broker.push('ranches', [insert(first)])).toEqual([]);
    for (const _ of [1, 2]) expect(await broker.push('ranches', [second])).toEqual([]);
    const before = await count('select seq as n from feed_head');
    // The first push again, after the second: it was applied once and must not come back over the newer state.
    expect(await broker.push('ranches', [insert(first)])).toEqual([]);
    expect(await count('select seq as n from feed_head')).toBe(before);
    expect(await broker.audit('ranches', 'r-2')).toHaveLength(2);
    expect(await stateOf('ranches', 'r-2')).toMatchObject({ name: 'Twice' });
  });

  test('deleting keeps the whole content, restoring brings it back, and both are audited as such', async () => {
    const sent = document('r-3', { name: 'Gone and back', brand: 'GB' });
    await broker.push('ranches', [insert(sent)]);
    const deletion = change(sent, { _deleted: true });
    expect(await broker.push('ranches', [deletion])).toEqual([]);
    expect(await stateOf('ranches', 'r-3')).toMatchObject({ name: 'Gone and back', brand: 'GB', _deleted: true });
    expect(await broker.push('ranches', [change(deletion.newDocumentState, { _deleted: false })])).toEqual([]);
    expect(await stateOf('ranches', 'r-3')).toMatchObject({ name: 'Gone and back', _deleted: false });
    expect((await broker.audit('ranches', 'r-3')).map((entry) => entry.kind)).toEqual(['restore', 'delete', 'insert']);
  });

  test('a bare tombstone deletes and keeps the content', async () => {
    const sent = document('r-4', { name: 'Bare' });
    await broker.push('ranches', [insert(sent)]);
    await broker.push('ranches', [{ newDocumentState: { id: 'r-4', w: 'w-bare', _deleted: true }, assumedMasterState: sent }]);
    expect(await stateOf('ranches', 'r-4')).toMatchObject({ name: 'Bare', w: 'w-bare', _deleted: true });
  });

  test('a client that does not change the write id is told the one that the server made', async () => {
    const sent = document('r-5', { name: 'Stock' });
    await broker.push('ranches', [insert(sent)]);
    const edit = { newDocumentState: { ...sent, name: 'Stock 2' }, assumedMasterState: sent };
    const [answer] = await broker.push('ranches', [edit]);
    expect(answer).toMatchObject({ name: 'Stock 2', _deleted: false });
    expect(answer?.['w']).not.toBe(sent.w);
    // Its answer was lost: the same again is no second change.
    expect(await broker.push('ranches', [edit])).toMatchObject([{ w: answer?.['w'] }]);
    expect(await broker.audit('ranches', 'r-5')).toHaveLength(2);
  });

  test('two devices that made the same record end with one write id and one audit entry', async () => {
    const one = document('r-6', { name: 'Imported' });
    const other = document('r-6', { name: 'Imported' });
    await broker.push('ranches', [insert(one)]);
    expect(await field.push('ranches', [insert(other)])).toMatchObject([{ id: 'r-6', w: one.w }]);
    expect(await broker.audit('ranches', 'r-6')).toHaveLength(1);
  });

  test('several states of one record in one push are applied in their order', async () => {
    const first = document('r-7', { name: 'First' });
    const second = change(first, { name: 'Second' });
    expect(await broker.push('ranches', [insert(first), second])).toEqual([]);
    expect((await broker.audit('ranches', 'r-7')).map((entry) => entry.after['name'])).toEqual(['Second', 'First']);
  });

  test('computed fields are computed on the server too', async () => {
    await broker.push('ranches', [insert(document('r-8', { name: 'Scale' }))]);
    await broker.push('animals', [
      insert(
        document('a-8', {
          tag: '8',
          ranchId: 'r-8',
          heaviest: 1,
          weighings: [
            { lineId: 'x', pounds: 900 },
            { lineId: 'y', pounds: 1200 },
          ],
        }),
      ),
    ]);
    expect(await stateOf('animals', 'a-8')).toMatchObject({ heaviest: 1200 });
  });
});

describe('refusing', () => {
  test('[SYN-4] one bad row harms only itself: it is answered with a tombstone that fits the schema, and kept whole', async () => {
    const bad = document('r-20', { name: 'Forbidden', brand: 'KEEP' });
    const answers = await broker.push('ranches', [
      insert(document('r-19', { name: 'Good' })),
      insert(bad),
      insert(document('r-21', { name: 'Good too' })),
    ]);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({ id: 'r-20', _deleted: true, brand: 'KEEP', status: 'active', ownerId: 'owner' });
    expect(await stateOf('ranches', 'r-19')).toBeDefined();
    expect(await stateOf('ranches', 'r-20')).toBeUndefined();
    expect(await stateOf('ranches', 'r-21')).toBeDefined();
    const [kept] = await server.db.rows<{ code: string; doc: { brand: string }; problems: { code: string }[]; actor: string }>({
      text: 'select code, doc, problems, actor from refused where id = $1',
      values: ['r-20'],
    });
    expect(kept).toMatchObject({
      code: 'invalid',
      doc: { name: 'Forbidden', brand: 'KEEP' },
      problems: [{ code: 'forbidden_name' }],
      actor: broker.login.user.id,
    });
    await broker.push('ranches', [insert(bad)]);
    expect(await count('select count(*) as n from refused where id = $1', ['r-20'])).toBe(1);
  });

  test('a refused change is answered with the stored state', async () => {
    const sent = document('r-22', { name: 'Allowed' });
    await broker.push('ranches', [insert(sent)]);
    expect(await broker.push('ranches', [change(sent, { name: 'Forbidden' })])).toMatchObject([
      { name: 'Allowed', w: sent.w, _deleted: false },
    ]);
  });

  test.each([
    ['an unknown field', { name: 'X', color: 'red' }, 'unknown_field'],
    ['a text that is too long', { name: 'x'.repeat(201) }, 'too_long'],
    ['a wrong type', { name: 7 }, 'wrong_type'],
    ['a missing name', {}, 'required'],
    ['a NUL character', { name: 'a\u0000b' }, 'unstorable_text'],
    ['half a surrogate pair', { name: 'a\ud800b' }, 'unstorable_text'],
  ])('%s is refused, stored as refused, and the stub passes the schema', async (title, fields, code) => {
    const id = `bad-${title.replaceAll(' ', '-')}`;
    const [stub] = await broker.push('ranches', [insert(document(id, fields))]);
    expect(stub).toMatchObject({ id, _deleted: true });
    expect(typeof stub?.['name']).toBe('string');
    expect(stub).not.toHaveProperty('color');
    const [kept] = await server.db.rows<{ problems: { code: string }[] }>({
      text: 'select problems from refused where id = $1',
      values: [id],
    });
    expect(kept?.problems.map((problem) => problem.code)).toContain(code);
  });

  test.each(['__proto__', 'constructor', 'toString', 'a b', 'a\tb', 'a\u200bb', 'a\u202eb', '\ud800'])(
    'a record called %s is refused, the one beside it lands',
    async (id) => {
      const good = `beside-${Buffer.from(id).toString('hex')}`;
      const answers = await broker.push('ranches', [insert(document(id, { name: 'Odd' })), insert(document(good, { name: 'Good' }))]);
      expect(answers).toMatchObject([{ id, _deleted: true }]);
      expect(await stateOf('ranches', good)).toMatchObject({ name: 'Good' });
      expect(await stateOf('ranches', id)).toBeUndefined();
    },
  );

  test.each([
    ['an id that no text can hold', { id: 'a\0b' }],
    ['a write id that no text can hold', { w: 'a\0b' }],
    ['a write id with half a pair', { w: 'a\ud800b' }],
    ['an id with half a pair', { id: 'a\ud800b' }],
    ['a write id that is no text', { w: { toString: 'x' } }],
    ['a write id that is a list of one', { w: ['w'] }],
  ])('%s is refused, or given another one, by itself: what comes with it lands', async (title, odd) => {
    const name = title.replaceAll(' ', '-');
    const rows = [{ ...document(name.slice(0, 30), { name }), ...odd }, document(`beside-${name}`.slice(0, 36), { name: 'Good' })];
    const [answer, ...others] = await broker.push('ranches', rows.map(insert));
    expect(answer).toMatchObject({ id: rows[0]?.id });
    expect(answer?.['w']).not.toEqual(rows[0]?.['w']);
    expect(others).toEqual([]);
    expect(await stateOf('ranches', rows[1]?.id ?? '')).toMatchObject({ name: 'Good' });
    expect(await broker.push('ranches', rows.map(insert))).toHaveLength(1);
  });

  test('lines that are no lines are refused before any rule sees them', async () => {
    await broker.push('ranches', [insert(document('r-23', { name: 'Lines' }))]);
    const [stub] = await broker.push('animals', [insert(document('a-23', { tag: '23', ranchId: 'r-23', weighings: 'many' }))]);
    expect(stub).toMatchObject({ id: 'a-23', _deleted: true });
  });

  test('append-only records are never changed or deleted', async () => {
    const sent = document('s-1', { what: 'Wolf' });
    await broker.push('sightings', [insert(sent)]);
    expect(await broker.push('sightings', [change(sent, { what: 'Dog' })])).toMatchObject([{ what: 'Wolf' }]);
    expect(await broker.push('sightings', [change(sent, { _deleted: true })])).toMatchObject([{ what: 'Wolf', _deleted: false }]);
  });

  test('a stale change is answered with the stored state and changes nothing', async () => {
    const sent = document('r-24', { name: 'Base' });
    await broker.push('ranches', [insert(sent)]);
    await field.push('ranches', [change(sent, { name: 'Theirs' })]);
    expect(await broker.push('ranches', [change(sent, { name: 'Mine' })])).toMatchObject([{ name: 'Theirs' }]);
    expect(await broker.audit('ranches', 'r-24')).toHaveLength(2);
  });

  test('a unique value is refused to the second, also within one push, and free again after a deletion', async () => {
    const first = document('r-30', { name: 'One', brand: 'UNIQ' });
    await broker.push('ranches', [insert(first)]);
    expect(await broker.push('ranches', [insert(document('r-31', { name: 'Two', brand: 'UNIQ' }))])).toMatchObject([
      { id: 'r-31', _deleted: true },
    ]);
    const pair = [insert(document('r-32', { name: 'A', brand: 'PAIR' })), insert(document('r-33', { name: 'B', brand: 'PAIR' }))];
    expect(await broker.push('ranches', pair)).toMatchObject([{ id: 'r-33', _deleted: true }]);
    // One push that gives the value up and takes it, in the awkward order.
    const handOver = [insert(document('r-34', { name: 'Heir', brand: 'UNIQ' })), change(first, { _deleted: true })];
    expect(await broker.push('ranches', handOver)).toEqual([]);
    expect(await stateOf('ranches', 'r-34')).toMatchObject({ brand: 'UNIQ', _deleted: false });
  });

  test('two records that swap a unique value in one push are refused, not retried for ever', async () => {
    const [a, b] = [document('r-35', { name: 'A', brand: 'SWAP-A' }), document('r-36', { name: 'B', brand: 'SWAP-B' })];
    await broker.push('ranches', [insert(a), insert(b)]);
    const answers = await broker.push('ranches', [change(a, { brand: 'SWAP-B' }), change(b, { brand: 'SWAP-A' })]);
    expect(answers.map((doc) => doc['brand'])).toEqual(['SWAP-A', 'SWAP-B']);
  });

  test('of many writers that take one unique value at the same moment, one wins', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => broker.push('ranches', [insert(document(`r-race-${i}`, { name: `Race ${i}`, brand: 'RACE' }))])),
    );
    expect(answers.filter((answer) => answer.length === 0)).toHaveLength(1);
    expect(await count(`select count(*) as n from ranches where brand = 'RACE'`)).toBe(1);
  });
});
