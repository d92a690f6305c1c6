/** Merges, clashes and refusals against a real database, with the nouns of the desk. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Kept } from '../../../domain/record/inbox.ts';
import { activityNoun } from '../../../domain/activity/activity.rules.ts';
import { nounOf, nouns } from '../../../domain/registry.ts';
import { openAccess } from '../../../sync-server/access/access.ts';
import { changeAccount } from '../../../sync-server/db/access.ts';
import { openApplyQueue } from '../../../sync-server/push/apply-queue.ts';
import { sweepParked } from '../../../sync-server/push/parked-sweep.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, document, insert, openTestServer, signIn } from '../test-server.ts';

let server: Server;
let broker: Client;
let field: Client;
let admin: Client;
beforeAll(async () => {
  server = await openTestServer();
  // Two brokers of one desk; the entries of both are read by an administrator, because each sees only the own.
  await changeAccount(server.db, 'field@drover.example', { role: 'broker' });
  admin = await signIn(server, 'admin', 'office');
  broker = await signIn(server, 'broker', 'desk-pc');
  field = await signIn(server, 'field', 'laptop');
});
afterAll(() => server.close());

const raise = (error: Error): never => {
  throw error;
};
const must = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('expected a value');
  return value;
};
const stateOf = async (collection: string, id: string): Promise<WireDocument> =>
  must((await broker.pullAll(collection)).find((doc) => doc.id === id));
const entriesOf = async (recordId: string): Promise<WireDocument[]> =>
  (await admin.pullAll('activities')).filter((doc) => doc['recordId'] === recordId);
const keptOf = (entry: WireDocument): Kept => JSON.parse(String(entry['keptContent'])) as Kept;
const head = async (): Promise<number> => must((await server.db.rows<{ seq: number }>({ text: 'select seq from feed_head' }))[0]).seq;

const order = (id: string, fields: Record<string, unknown> = {}) =>
  document(id, {
    kind: 'purchase',
    number: id,
    stage: 'draft',
    supplierId: '',
    customerId: '',
    orderedOn: '2026-09-04',
    currency: 'usd',
    exchangeRate: 1_000_000,
    lines: [{ lineId: 'a', description: 'Beef trim 85s', orderedWeight: 100_000, price: 20_000, priceUnit: 'lb' }],
    ...fields,
  });
/** Stores an order and answers its state on the server. */
async function stored(id: string, fields: Record<string, unknown> = {}): Promise<WireDocument> {
  expect(await broker.push('orders', [insert(order(id, fields))])).toEqual([]);
  return stateOf('orders', id);
}
const rows = (state: WireDocument): Record<string, unknown>[] => state['lines'] as Record<string, unknown>[];

describe('[SYN-6] two devices change one record', () => {
  test('[SYN-6] different fields and rows: both stand, audited once, derived anew, told to the second device', async () => {
    const base = await stored('o-1');
    await broker.push('orders', [
      change(base, {
        sealNumber: 'S-1',
        lines: [
          { ...rows(base)[0], price: 21_000 },
          { lineId: 'b', description: 'Shank' },
        ],
      }),
    ]);
    const [answer] = await field.push('orders', [
      change(base, { bolNumber: 'B-1', lines: [{ ...rows(base)[0], orderedWeight: 200_000 }] }),
    ]);
    const state = await stateOf('orders', 'o-1');
    expect(answer).toEqual(state);
    expect(state).toMatchObject({
      sealNumber: 'S-1',
      bolNumber: 'B-1',
      modifiedBy: field.login.user.id,
      lines: [{ lineId: 'a', price: 21_000, orderedWeight: 200_000, amount: 420_000 }, { lineId: 'b' }],
      totalAmount: 420_000,
    });
    expect((await broker.audit('orders', 'o-1')).map(({ device }) => device)).toEqual(['laptop', 'desk-pc', 'desk-pc']);
    expect(await entriesOf('o-1')).toEqual([]);
  });

  test('[SYN-6] the same field: the stored value stays, the rest lands, and one entry goes to the author', async () => {
    const base = await stored('o-2', { trailerNumber: 'T-0' });
    await broker.push('orders', [change(base, { trailerNumber: 'T-1' })]);
    const mine = change(base, { trailerNumber: 'T-2', sealNumber: 'S-2' });
    const [answer] = await field.push('orders', [mine]);
    expect(answer).toMatchObject({ trailerNumber: 'T-1', sealNumber: 'S-2' });
    const [entry, ...others] = await entriesOf('o-2');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      kind: 'clash',
      code: 'clash',
      title: 'Somebody else changed Order "o-2" too: decide about one field.',
      recordCollection: 'orders',
      recordTitle: 'o-2',
      fieldNames: ['trailerNumber'],
      assignedTo: field.login.user.id,
      ownerId: 'owner',
      done: false,
      dueAt: '',
      createdBy: field.login.user.id,
    });
    const kept = keptOf(must(entry));
    expect(kept).toMatchObject({ deleted: false, problems: [], mine: { trailerNumber: 'T-2' }, base: { trailerNumber: 'T-0' } });
    expect(kept.clashes).toEqual([{ path: 'trailerNumber', base: 'T-0', mine: 'T-2', theirs: 'T-1' }]);
    expect(JSON.parse(String(entry?.['storedContent']))).toMatchObject({ trailerNumber: 'T-1', _deleted: false });
    expect(await admin.audit('activities', must(entry).id)).toMatchObject([{ kind: 'insert', device: 'laptop' }]);
  });

  test('[SYN-3, SYN-6] a merged or clashing row that is sent again changes nothing, however the record went on since', async () => {
    const base = await stored('o-3', { trailerNumber: 'T-0' });
    const first = change(base, { trailerNumber: 'T-1' });
    await broker.push('orders', [first]);
    const merged = change(base, { sealNumber: 'S-3' });
    const clashing = change(base, { trailerNumber: 'T-2' });
    for (const row of [merged, clashing]) await field.push('orders', [row]);
    // Both fields go back to what they were, so that merging once more would bring both changes.
    await broker.push('orders', [change(await stateOf('orders', 'o-3'), { trailerNumber: 'T-0', sealNumber: undefined })]);
    const before = await head();
    for (const row of [merged, clashing, merged]) {
      expect(await field.push('orders', [row])).toMatchObject([{ trailerNumber: 'T-0' }]);
    }
    expect(await head()).toBe(before);
    expect(await stateOf('orders', 'o-3')).not.toHaveProperty('sealNumber');
    expect(await entriesOf('o-3')).toHaveLength(1);
  });

  test('[SYN-3] sent many times at the same moment it is merged once and told once', async () => {
    const base = await stored('o-4', { trailerNumber: 'T-0' });
    await broker.push('orders', [change(base, { trailerNumber: 'T-1' })]);
    const mine = change(base, { trailerNumber: 'T-2', sealNumber: 'S-4' });
    await Promise.all(Array.from({ length: 8 }, () => field.push('orders', [mine])));
    expect(await broker.audit('orders', 'o-4')).toHaveLength(3);
    expect(await entriesOf('o-4')).toHaveLength(1);
  });

  test('[SYN-2] a clash too large for its entry is kept whole on the server', async () => {
    const base = await stored('o-10', { trailerNumber: 'T-0' });
    const lines = Array.from({ length: 12 }, (_, i) => ({
      lineId: `l${i}`,
      description: 'Beef',
      caseWeights: '61.35+'.repeat(3000).slice(0, -1),
    }));
    await broker.push('orders', [change(base, { trailerNumber: 'T-1' })]);
    await field.push('orders', [change(base, { trailerNumber: 'T-2', lines })]);
    const [entry] = await entriesOf('o-10');
    expect(entry).toMatchObject({ kind: 'clash', fieldNames: ['trailerNumber'] });
    expect(entry).not.toHaveProperty('keptContent');
    const kept = await server.db.rows<{ trailer: string }>({
      text: `select doc->>'trailerNumber' as trailer from settled where id = 'o-10'`,
    });
    expect(kept).toEqual([{ trailer: 'T-2' }]);
  });

  test('[SYN-6] one deletes what the other changed: it lives, and the one who deleted is told', async () => {
    const base = await stored('o-5');
    await broker.push('orders', [change(base, { sealNumber: 'S-5' })]);
    expect(await field.push('orders', [change(base, { _deleted: true })])).toMatchObject([{ sealNumber: 'S-5', _deleted: false }]);
    const [entry] = await entriesOf('o-5');
    expect(entry).toMatchObject({ kind: 'clash', fieldNames: ['_deleted'] });
    expect(keptOf(must(entry)).deleted).toBe(true);
  });

  test('[SYN-6] one changes what the other deleted: it lives with the change, audited as restored', async () => {
    const base = await stored('o-6');
    await broker.push('orders', [change(base, { _deleted: true })]);
    expect(await field.push('orders', [change(base, { sealNumber: 'S-6' })])).toMatchObject([{ sealNumber: 'S-6', _deleted: false }]);
    expect((await broker.audit('orders', 'o-6')).map(({ kind }) => kind)).toEqual(['restore', 'delete', 'insert']);
    expect((await entriesOf('o-6'))[0]).toMatchObject({ kind: 'clash', assignedTo: field.login.user.id });
  });

  test('[SYN-6] a merge that breaks a rule changes nothing: the author gets the row back as a refusal', async () => {
    const base = await stored('o-7', { pickupOn: '2026-09-10' });
    await broker.push('orders', [change(base, { orderedOn: '2026-09-09' })]);
    expect(await field.push('orders', [change(base, { pickupOn: '2026-09-05', sealNumber: 'S-7' })])).toMatchObject([
      { orderedOn: '2026-09-09', pickupOn: '2026-09-10' },
    ]);
    const [entry] = await entriesOf('o-7');
    expect(entry).toMatchObject({ kind: 'refusal', code: 'refused_after_merge', fieldNames: ['pickupOn'] });
    expect(keptOf(must(entry))).toMatchObject({
      mine: { sealNumber: 'S-7' },
      base: { pickupOn: '2026-09-10' },
      problems: [{ code: 'before_order', rule: 'D4' }],
    });
  });

  test('[SYN-6] two devices that make one record differently: the first one stays, the second is asked about all that differs', async () => {
    await broker.push('orders', [insert(order('o-8', { sealNumber: 'first' }))]);
    expect(await field.push('orders', [insert(order('o-8', { sealNumber: 'second' }))])).toMatchObject([{ sealNumber: 'first' }]);
    expect((await entriesOf('o-8'))[0]).toMatchObject({ kind: 'clash', fieldNames: ['sealNumber'] });
  });

  test('[SYN-6] an edit made while the first answer was on its way is merged without a clash', async () => {
    const base = await stored('o-9');
    await broker.push('orders', [change(base, { bolNumber: 'B-9' })]);
    const first = change(base, { sealNumber: 'S-9' });
    await field.push('orders', [first]);
    // Built on the same base still, since the answer has not arrived.
    const second = { assumedMasterState: base, newDocumentState: { ...first.newDocumentState, w: 'w-second', miles: 12 } };
    expect(await field.push('orders', [second])).toMatchObject([{ bolNumber: 'B-9', sealNumber: 'S-9', miles: 12 }]);
    expect(await entriesOf('o-9')).toEqual([]);
  });
});

describe('[SYN-4] refused rows', () => {
  test('[SYN-2, SYN-4] a refused row harms only itself, and comes to its author whole, once', async () => {
    const bad = order('o-20', { lines: [], instructions: 'Keep this.' });
    const sent = [insert(order('o-19')), insert(bad), insert(order('o-21'))];
    const push = () => field.push('orders', sent);
    expect(await push()).toMatchObject([{ id: 'o-20', _deleted: true }]);
    const before = await head();
    expect(await push()).toMatchObject([{ id: 'o-20', _deleted: true }]);
    expect(await head()).toBe(before);
    expect((await broker.pullAll('orders')).map(({ id }) => id)).toEqual(expect.arrayContaining(['o-19', 'o-21']));
    const entries = await entriesOf('o-20');
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      kind: 'refusal',
      code: 'invalid',
      title: 'Your change of Order "o-20" was not accepted: The order has no line yet; add the item.',
      fieldNames: ['lines'],
      assignedTo: field.login.user.id,
    });
    const { _deleted: _, ...mine } = bad;
    expect(keptOf(must(entries[0]))).toMatchObject({ mine, deleted: false, problems: [{ field: 'lines', rule: 'D1' }] });
  });

  test('[SYN-2] a refused change shows what it was built on and what is stored', async () => {
    const base = await stored('o-22');
    await field.push('orders', [change(base, { pickupOn: '2020-01-01' })]);
    const [entry] = await entriesOf('o-22');
    expect(keptOf(must(entry))).toMatchObject({ base: { id: 'o-22' }, mine: { pickupOn: '2020-01-01' } });
    expect(JSON.parse(String(entry?.['storedContent']))).toMatchObject({ id: 'o-22', _deleted: false });
  });

  test('[SYN-2] whatever is wrong with a row, its entry can be written', async () => {
    const odd: [string, Record<string, unknown>][] = [
      ['o-30', { number: 'nul \u0000 and half \ud800', ownerId: '', deskId: 7 }],
      ['o-31', { number: 'x'.repeat(5000), ['field '.repeat(100)]: 1 }],
      ['o-32', { number: { not: 'a text' }, lines: 'none', ownerId: ['x'] }],
      ['constructor', {}],
      ['o-33', { notes: 'long '.repeat(100_000) }],
    ];
    const answers = await field.push(
      'orders',
      odd.map(([id, fields]) => insert(order(id, fields))),
    );
    expect(answers.map(({ id }) => id)).toEqual(odd.map(([id]) => id));
    for (const [id] of odd) expect(await entriesOf(id), id).toHaveLength(1);
    expect(keptOf(must((await entriesOf('o-30'))[0])).mine['number']).toBe('nul \u0000 and half \ud800');
    const [large] = await entriesOf('o-33');
    expect(large).not.toHaveProperty('keptContent');
    expect(large?.['body']).toContain('kept whole on the server');
    expect(await server.db.rows({ text: `select length(doc->>'notes') as n from refused where id = 'o-33'` })).toEqual([{ n: 500_000 }]);
  });

  test('[SYN-4] an entry that its author resolves is an ordinary record', async () => {
    await field.push('orders', [insert(order('o-40', { lines: [] }))]);
    const entry = must((await entriesOf('o-40'))[0]);
    const doneAt = new Date().toISOString();
    expect(await field.push('activities', [change(entry, { done: true, doneAt, outcome: 'dropped' })])).toEqual([]);
    expect((await entriesOf('o-40'))[0]).toMatchObject({ done: true, outcome: 'dropped' });
    // The device repeats its refused row: still no second entry, and the resolved one stays resolved.
    await field.push('orders', [insert(order('o-40', { lines: [] }))]);
    expect((await entriesOf('o-40')).filter((one) => one.id === entry.id)[0]).toMatchObject({ done: true });
  });
});

describe('[SYN-8] a parent that never comes', () => {
  test('[SYN-8] after seven days the child is refused to its author; a younger one goes on waiting', async () => {
    const waiting = (): Promise<{ id: string }[]> => server.db.rows({ text: 'select id from parked order by id' });
    expect(
      await field.push('orders', [insert(order('o-50', { supplierId: 'p-never' })), insert(order('o-51', { supplierId: 'p-late' }))]),
    ).toEqual([]);
    await server.db.rows({ text: `update parked set at = at - interval '7 days 1 minute' where id = 'o-50'` });
    const dependencies = {
      db: server.db,
      access: openAccess(
        server.db,
        nouns.map((noun) => noun.entity),
        raise,
      ),
      nounOf,
      now: () => new Date(),
      apply: openApplyQueue(server.db, {}),
      inbox: activityNoun,
    };
    // Two server processes sweep at the same moment.
    await Promise.all([sweepParked(dependencies), sweepParked(dependencies)]);
    expect(await waiting()).toEqual([{ id: 'o-51' }]);
    const [entry] = await entriesOf('o-50');
    expect(entry).toMatchObject({ kind: 'refusal', code: 'parent_missing', fieldNames: ['supplierId'], assignedTo: field.login.user.id });
    expect(String(entry?.['title'])).toContain('(Party) as Supplier that did not arrive within 7 days');
    expect(keptOf(must(entry)).mine['number']).toBe('o-50');
    expect(await entriesOf('o-50')).toHaveLength(1);
    expect(await entriesOf('o-51')).toEqual([]);
    expect(await sweepParked(dependencies)).toBe(false);
  });
});
