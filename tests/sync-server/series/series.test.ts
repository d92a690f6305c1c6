/** Number series on real Postgres: what is leased, what is a record's own, what the server gives, and what a restore may not break. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import type { LeaseAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { receivableNoun } from '../../../domain/receivable/receivable.rules.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';
import type { Noun } from '../../../domain/record/noun.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { DEMO_DESK, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import { changeAccount } from '../../../sync-server/db/access.ts';
import { beginEpoch } from '../../../sync-server/db/epochs.ts';
import { standings } from '../../../sync-server/db/series.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, change, cloneDatabase, insert, openTestServer, signIn, until } from '../test-server.ts';

let server: Server;
let other: Server;
let pc: Client;
let laptop: Client;
let admin: Client;
beforeAll(async () => {
  // Not a copy of the template: a copy is another history already.
  const databaseUrl = await cloneDatabase('template0');
  server = await openTestServer({ databaseUrl });
  await createDemoAccounts(server.db, hashPassword, undefined);
  // Two brokers of one desk; what both were told is read by an administrator.
  await changeAccount(server.db, 'field@drover.example', { role: 'broker' });
  other = await openTestServer({ databaseUrl });
  admin = await signIn(server, 'admin', 'office');
  pc = await signIn(server, 'broker', 'pc');
  laptop = await signIn(other, 'field', 'laptop');
});
afterAll(async () => {
  await other.close();
  await server.close();
});

const made = (noun: Noun, draft: Record<string, unknown>, id: string): WireDocument => {
  const moment = { actor: { userId: 'u', deskId: DEMO_DESK }, now: new Date().toISOString(), w: `w-${randomUUID()}` };
  const decision = createRecord(noun, id, draft, moment);
  if (!decision.ok) throw new Error(decision.rejection.message);
  return { ...decision.change.after, _deleted: false };
};
const order = (number: string, more: Record<string, unknown> = {}, id: string = randomUUID()): WireDocument =>
  made(
    orderNoun,
    { kind: 'purchase', number, orderedOn: '2026-11-20', lines: [{ lineId: 'l', description: 'Chuck roll', cases: 1 }], ...more },
    id,
  );
const invoice = (name: string, more: Record<string, unknown> = {}): WireDocument =>
  made(receivableNoun, { kind: 'invoice', name, issuedOn: '2026-11-20', amount: 100, ...more }, randomUUID());
async function lease(client: Client, size: number, holding: readonly unknown[] = [], series = 'purchase-orders'): Promise<LeaseAnswer> {
  const body = JSON.stringify({ holding, wanted: size > 0 ? [{ series, size }] : [] });
  const response = await fetch(`${client.url}/series/leases`, { method: 'POST', headers: client.headers, body });
  expect(response.status).toBe(200);
  return (await response.json()) as LeaseAnswer;
}
/** Takes a block of its own and answers its numbers as texts. */
async function numbers(client: Client, size: number): Promise<string[]> {
  const before = (await lease(client, 0)).leases;
  const { leases } = await lease(client, size, before);
  const block = leases.find(({ series, first }) => !before.some((one) => one.series === series && one.first === first));
  if (!block) throw new Error('no block was leased');
  return Array.from({ length: size }, (_, i) => `PO-${String(block.first + i).padStart(6, '0')}`);
}
const n = (text: string | undefined): number => Number(text?.slice(3));
const stored = async (collection: string, id: string) => (await pc.pullAll(collection)).find((doc) => doc.id === id);
const entriesOf = async (id: string) => (await admin.pullAll('activities')).filter((doc) => doc['recordId'] === id);

describe('blocks', () => {
  test('[NUM-1] devices on two server processes lease at the same time and never get one number twice', async () => {
    const clients: Client[] = [];
    for (let i = 0; i < 12; i += 1) clients.push(await signIn(i % 2 === 0 ? server : other, 'broker', `many-${i}`));
    const answers = await Promise.all(clients.flatMap((client) => [lease(client, 7), lease(client, 3, [], 'sales-orders')]));
    const blocks = new Map(answers.flatMap(({ leases }) => leases).map((one) => [`${one.series} ${one.first}`, one]));
    const all = [...blocks.values()].flatMap(({ series, first, last }) =>
      Array.from({ length: last - first + 1 }, (_, i) => `${series} ${first + i}`),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((one) => one.startsWith('purchase'))).toHaveLength(12 * 7);
  });

  test('[NUM-1] a block whose answer was lost is answered again instead of a new one, with what is used of it', async () => {
    const client = await signIn(server, 'broker', 'forgetful');
    const [first] = (await lease(client, 5)).leases;
    const [again, ...more] = (await lease(client, 5)).leases;
    expect(again).toEqual(first);
    expect(more).toEqual([]);
    const number = `PO-${String(first?.first).padStart(6, '0')}`;
    expect(await client.push('orders', [insert(order(number))])).toEqual([]);
    // A profile that was put back from a backup of the disk does not know that it gave the first one away.
    expect((await lease(client, 0, [{ series: 'purchase-orders', first: first?.first, next: first?.first }])).leases).toEqual([
      { ...first, next: (first?.first ?? 0) + 1 },
    ]);
    expect((await lease(client, 0, [{ series: 'purchase-orders', first: first?.first, next: (first?.last ?? 0) + 1 }])).leases).toEqual([]);
  });

  test('a request of nobody, for an unknown series or for too many numbers is told what is wrong', async () => {
    const post = async (headers: Record<string, string>, body: unknown) => {
      const response = await fetch(`${server.url}/series/leases`, { method: 'POST', headers, body: JSON.stringify(body) });
      return [response.status, ((await response.json()) as { code: string }).code];
    };
    expect((await post({ 'content-type': 'application/json' }, { holding: [], wanted: [] }))[0]).toBe(401);
    expect(await post(pc.headers, { holding: [], wanted: [{ series: 'none', size: 1 }] })).toEqual([400, 'unknown_series']);
    expect((await post(pc.headers, { holding: [], wanted: [{ series: 'invoices', size: 501 }] }))[0]).toBe(400);
  });
});

describe('whose number it is', () => {
  test('[NUM-2] a number of another device, or of none, is refused with its content and a way out', async () => {
    const [mine = '', next = ''] = await numbers(pc, 2);
    const ahead = order('po-00999999');
    const foreign = order(mine.toLowerCase());
    const typed = order('226040');
    const answers = await laptop.push('orders', [insert(foreign), insert(typed), insert(order('PO-0999999')), insert(ahead)]);
    expect(answers.map(({ id, _deleted }) => [id, _deleted])).toEqual([[foreign.id, true]]);
    const [entry] = await entriesOf(foreign.id);
    expect(entry).toMatchObject({ kind: 'refusal', code: 'number_not_leased', fieldNames: ['number'] });
    expect(String(entry?.['title'])).toContain('Leave the number empty to get the next one');
    // The device that holds it still may give it away.
    expect(await pc.push('orders', [insert(order(mine)), insert(order(next))])).toEqual([]);
    expect(await laptop.push('orders', [insert(order('PO-999999'))])).toHaveLength(1);
  });

  test('[NUM-1] a number that another record bears is refused: in one push, later, after deletion, and after the other took another', async () => {
    const [one = '', two = ''] = await numbers(pc, 2);
    const [first, second] = [order(one), order(one)];
    expect((await pc.push('orders', [insert(first), insert(second)])).map(({ id }) => id)).toEqual([second.id]);
    expect(await entriesOf(second.id)).toMatchObject([{ code: 'number_taken' }]);
    await pc.push('orders', [change(first, { number: two })]);
    expect(await pc.push('orders', [insert(order(one))])).toHaveLength(1);
    const renamed = await stored('orders', first.id);
    expect(renamed).toMatchObject({ number: two });
    await pc.push('orders', [change(renamed ?? first, { _deleted: true })]);
    expect(await pc.push('orders', [insert(order(two))])).toHaveLength(1);
    // Back to a number of its own is no second use.
    const gone = await stored('orders', first.id);
    expect(await pc.push('orders', [change(gone ?? first, { number: one, _deleted: false })])).toEqual([]);
  });

  test('[NUM-1] [SYN-4] what was made and deleted before it was sent holds up nothing with a number of another record, and is refused when restored', async () => {
    const [one = ''] = await numbers(pc, 1);
    await pc.push('orders', [insert(order(one))]);
    const gone = { ...order(one), _deleted: true };
    const good = order('226042');
    expect(await laptop.push('orders', [insert(gone), insert(good)])).toEqual([]);
    expect((await stored('orders', gone.id))?._deleted).toBe(true);
    expect(await stored('orders', good.id)).toMatchObject({ number: '226042' });
    const buried = await stored('orders', gone.id);
    expect(await laptop.push('orders', [change(buried ?? gone, { _deleted: false })])).toHaveLength(1);
    expect((await entriesOf(gone.id)).map(({ code }) => code)).toEqual(['number_taken']);
  });

  test('[NUM-1] two processes store one number at the same time: one record gets it', async () => {
    const [number = ''] = await numbers(pc, 1);
    const elsewhere = await signIn(other, 'broker', 'pc');
    const orders = Array.from({ length: 8 }, () => order(number));
    const answers = await Promise.all(orders.map((one, i) => (i % 2 === 0 ? pc : elsewhere).push('orders', [insert(one)])));
    expect(answers.flat()).toHaveLength(7);
    expect((await pc.pullAll('orders')).filter((doc) => doc['number'] === number)).toHaveLength(1);
  });

  test('[NUM-3] a number goes down with the record that was refused, and comes back with it', async () => {
    const [number = ''] = await numbers(pc, 1);
    const bad = { ...order(number), orderedOn: 'yesterday' };
    expect(await pc.push('orders', [insert(bad)])).toHaveLength(1);
    const [standing] = await standings(server.db, ['purchase-orders'], [n(number)]);
    expect(standing).toMatchObject({ owner: `orders:${bad.id}`, state: 'refused', device: 'pc' });
    expect(await pc.push('orders', [insert(order(number))])).toHaveLength(1);
    // Mended on another device of its author.
    expect(await laptop.push('orders', [insert(order(number, {}, bad.id))])).toEqual([]);
    expect((await standings(server.db, ['purchase-orders'], [n(number)]))[0]).toMatchObject({ state: 'given' });
  });

  test('[NUM-2] a refused row of somebody else burns no number', async () => {
    const [number = ''] = await numbers(pc, 1);
    expect(await laptop.push('orders', [insert(order(number))])).toHaveLength(1);
    expect((await standings(server.db, ['purchase-orders'], [n(number)]))[0]).toMatchObject({ owner: null });
    expect(await pc.push('orders', [insert(order(number))])).toEqual([]);
  });

  test('[NUM-2] an import brings numbers along that the series has not come to, and the series passes over them', async () => {
    const [last = ''] = await numbers(pc, 1);
    const brought = `PO-${String(n(last) + 3).padStart(6, '0')}`;
    expect(await laptop.push('orders', [insert(order(brought, { importId: 'i-1' }))])).toEqual([]);
    expect(await laptop.push('orders', [insert(order(last, { importId: 'i-1' }))])).toHaveLength(1);
    expect((await numbers(pc, 5)).map((text) => n(text))).not.toContain(n(brought));
  });

  test('[NUM-2] what others issued keeps the number that they gave it', async () => {
    const theirs = invoice('INV-000007', { direction: 'payable' });
    expect(await laptop.push('receivables', [insert(theirs)])).toEqual([]);
    expect(await laptop.push('receivables', [insert(invoice('INV-000007'))])).toHaveLength(1);
  });
});

describe('numbers that follow', () => {
  test('[NUM-4] a record without a number gets one from the server by the feed, audited, and keeps what was changed meanwhile', async () => {
    const [bare, credit] = [order(''), invoice('', { kind: 'credit' })];
    expect(await pc.push('orders', [insert(bare)])).toEqual([]);
    expect(await pc.push('receivables', [insert(credit)])).toEqual([]);
    await pc.push('orders', [change(bare, { notes: 'Call before noon' })]);
    await until(async () => /^PO-\d{6}$/.test(String((await stored('orders', bare.id))?.['number'])), 'the order has a number');
    await until(async () => /^CR-\d{6}$/.test(String((await stored('receivables', credit.id))?.['name'])), 'the credit has a number');
    await until(async () => (await stored('orders', bare.id))?.['notes'] === 'Call before noon', 'the note is there');
    const entries = await pc.audit('orders', bare.id);
    expect(entries.filter(({ command }) => command === 'number')).toMatchObject([{ device: 'server', before: { number: '' } }]);
    const number = String((await stored('orders', bare.id))?.['number']);
    expect((await standings(server.db, ['purchase-orders'], [n(number)]))[0]).toMatchObject({
      origin: 'server',
      owner: `orders:${bare.id}`,
    });
    expect(await pc.push('orders', [insert(order(number))])).toHaveLength(1);
  });
});

test('[NUM-5] after a restore nothing is given out twice, and what was given out before is still good', async () => {
  const copy = await openTestServer();
  const [a, b] = [await signIn(copy, 'broker', 'a'), await signIn(copy, 'admin', 'b')];
  // A copy of the template is a second history, of an empty feed: what another one gave out may come back, once.
  const lost = order('PO-000012');
  expect(await b.push('orders', [insert(lost)])).toEqual([]);
  expect(await a.push('orders', [insert(order('PO-000012'))])).toHaveLength(1);
  expect((await lease(a, 5)).leases.every(({ first }) => first > 12)).toBe(true);
  await copy.close();
});

test('[NUM-5] a new epoch moves the counter beyond everything that another history may have given out', async () => {
  const [before = ''] = await numbers(pc, 1);
  await beginEpoch(server.db, 'test');
  const rows = await server.db.rows<{ next: number; most: number }>({
    text: `select (series_now(s, now())).next as next, series_limit(now()) as most from series s where key = 'purchase-orders'`,
  });
  expect(rows[0]?.next).toBeGreaterThan(rows[0]?.most ?? 0);
  // The counter and the limit meet again within minutes; until then nothing is leased.
  expect((await lease(pc, 5, (await lease(pc, 0)).leases)).leases.every(({ first }) => first <= n(before))).toBe(true);
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const blocks = await server.db.rows<{ first: number; last: number }>({
    text: `select first, last from series_lease_out('purchase-orders', 20, 'pc', 'u', $1)`,
    values: [at(10)],
  });
  expect(blocks[0]?.first).toBe(rows[0]?.next);
});

describe('the ledger', () => {
  test('[NUM-3] says of every number what became of it', async () => {
    const databaseUrl = await cloneDatabase('template0');
    const own = await openTestServer({ databaseUrl });
    await createDemoAccounts(own.db, hashPassword, undefined);
    const client = await signIn(own, 'broker', 'pc');
    const [block] = (await lease(client, 6)).leases;
    expect(block).toMatchObject({ first: 1, last: 6 });
    const [given, bare, late] = [order('PO-000001'), order(''), order('PO-000003', { supplierId: 'p-never' })];
    const refused = { ...order('PO-000002'), orderedOn: 'soon' };
    await client.push('orders', [insert(given), insert(refused), insert(late), insert(bare)]);
    await until(
      async () => String((await client.pullAll('orders')).find(({ id }) => id === bare.id)?.['number']).startsWith('PO-'),
      'the number came',
    );
    await lease(client, 0, [{ series: 'purchase-orders', first: 1, next: 5 }]);
    const drover = async (...args: string[]): Promise<string[]> => {
      const out: string[] = [];
      const code = await runDrover(['series', ...args], {
        environment: { DATABASE_URL: databaseUrl },
        out: (text) => out.push(text),
        err: (text) => out.push(text),
      });
      return [...out, String(code)];
    };
    const today = new Date().toISOString().slice(0, 10);
    expect(await drover('purchase-orders')).toEqual([
      `PO-000001\torders:${given.id}, by device pc, ${today}`,
      `PO-000002\torders:${refused.id}, which was refused on ${today}; the number stays with it`,
      `PO-000003 to PO-000004\tin the block of device pc since ${today}; taken there before ${today} for a record that has not come`,
      `PO-000005 to PO-000006\tin the block of device pc since ${today}, not used`,
      `PO-000007\torders:${bare.id}, by the server, ${today}`,
      '0',
    ]);
    expect(await drover('PO-000003')).toEqual([`PO-000003\torders:${late.id}, which waits for a record that it refers to`, '0']);
    expect(await drover('po-000099')).toEqual(['PO-000099\tnot given out yet', '0']);
    expect((await drover()).find((line) => line.startsWith('purchase-orders'))).toBe(
      'purchase-orders\tPurchase orders\tnext PO-000008\t2 given\t1 with refused records\t4 in the blocks of 1 devices',
    );
    expect(await drover('226040')).toEqual([
      '"226040" is no number of a series; they look like CR-000012, FO-000012, INV-000012, PO-000012, SO-000012.',
      '2',
    ]);
    await own.close();
  });
});
