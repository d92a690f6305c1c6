/** Sales that somebody has to approve: the server judges them by what it has stored, whatever client they come from. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PullAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { nounOf } from '../../../domain/registry.ts';
import { readLooks } from '../../../sync-server/db/looks.ts';
import type { Server } from '../../../sync-server/server.ts';
import { plainRoles, record } from '../access/rights-kit.ts';
import { type Client, change, insert, openTestServer, signIn } from '../test-server.ts';

let server: Server;
let broker: Client;
let admin: Client;
beforeAll(async () => {
  server = await openTestServer();
  await plainRoles(server);
  broker = await signIn(server, 'broker');
  admin = await signIn(server, 'admin', 'admin-pc');
});
afterAll(() => server.close());

const VERSION = nounOf('orders')?.entity.version ?? 0;
const ours = { deskId: 'desk-main' };
const load = (lineId: string, amount: number) => ({ lineId, description: 'Trim', loads: 1, price: amount * 100, priceUnit: 'load' });
const customer = (id: string, more: Record<string, unknown>) => record('parties', id, { name: id, roles: ['customer'], ...more });
const invoice = (id: string, partyId: string, amount: number) =>
  record('receivables', id, { kind: 'invoice', name: id, partyId, amount, issuedOn: '2026-09-01', ...ours });
const sale = (id: string, customerId: string, amount: number, more: Record<string, unknown> = {}) =>
  record('orders', id, {
    kind: 'sale',
    number: id,
    stage: 'agreed',
    orderedOn: '2026-09-04',
    customerId,
    lines: [load('s', amount)],
    ...ours,
    ...more,
  });
const purchase = (id: string, amount: number) =>
  record('orders', id, { kind: 'purchase', number: id, orderedOn: '2026-09-04', lines: [{ ...load('b', amount), cases: 10 }], ...ours });

const stored = async (id: string): Promise<WireDocument | undefined> => {
  const page = (await (await admin.get(`/sync/orders/${VERSION}/pull?lwt=0&id=&limit=1000`)).json()) as PullAnswer;
  return page.documents.find((one) => one.id === id);
};
const refusals = (id: string) =>
  server.db.rows<{ code: string; problems: { message: string }[] }>({
    text: 'select code, problems from refused where id = $1 order by at',
    values: [id],
  });
const codes = async (id: string): Promise<string[]> => (await refusals(id)).map(({ code }) => code);

describe('[R15] beyond the credit of the customer', () => {
  test('a sale is refused without the permission, and lands with it and a reason that is in the audit', async () => {
    await broker.push('parties', [insert(customer('c-1', { creditLimit: 1_000 }))]);
    await broker.push('receivables', [insert(invoice('i-1', 'c-1', 400))]);
    expect(await broker.push('orders', [insert(sale('s-1', 'c-1', 600))], VERSION)).toEqual([]);
    const more = sale('s-2', 'c-1', 1);
    expect(await broker.push('orders', [insert(more)], VERSION)).toMatchObject([{ id: 's-2', _deleted: true }]);
    expect(await codes('s-2')).toEqual(['approval_needed']);
    expect(JSON.stringify(await refusals('s-2'))).not.toMatch(/\d{3}/u);

    const offer = sale('s-3', 'c-1', 1, { stage: 'offer' });
    expect(await broker.push('orders', [insert(offer)], VERSION)).toEqual([]);
    const agree = async (fields: Record<string, unknown>) => change((await stored('s-3')) ?? offer, { stage: 'agreed', ...fields });
    await admin.push('orders', [await agree({})], VERSION);
    expect(await codes('s-3')).toEqual(['reason_needed']);
    expect(await admin.push('orders', [await agree({ stageReason: 'paid by wire today' })], VERSION)).toEqual([]);
    expect((await admin.audit('orders', 's-3'))[0]).toMatchObject({ reason: 'paid by wire today', actorName: 'Avery Admin' });
    expect(await stored('s-3')).not.toHaveProperty('creditFlaggedAt');
  });

  test('sales of one push count for each other, in their order', async () => {
    const push = [insert(sale('p-1', 'c-2', 600)), insert(sale('p-2', 'c-2', 600)), insert(sale('p-3', 'c-2', 400))];
    await broker.push('parties', [insert(customer('c-2', { creditLimit: 1_000 }))]);
    expect(await broker.push('orders', push, VERSION)).toMatchObject([{ id: 'p-2', _deleted: true }]);
    expect(await codes('p-2')).toEqual(['approval_needed']);
  });

  test('what the device could not know flags the sale, once however often it is sent; the approval takes the flag away', async () => {
    await broker.push('parties', [insert(customer('c-3', { creditLimit: 1_000 }))]);
    const asOf = new Date(Date.now() - 60_000).toISOString();
    await admin.push('receivables', [insert(invoice('i-3', 'c-3', 900))]);
    const sold = sale('f-1', 'c-3', 600, { creditAsOf: asOf });
    const [answer] = await broker.push('orders', [insert(sold)], VERSION);
    expect(answer).toMatchObject({ id: 'f-1', stage: 'agreed', _deleted: false, creditAsOf: asOf });
    expect(String(answer?.['creditFlaggedAt']) > asOf).toBe(true);
    expect(await broker.push('orders', [insert(sold)], VERSION)).toMatchObject([{ id: 'f-1', w: answer?.w }]);
    expect(await admin.audit('orders', 'f-1')).toHaveLength(1);
    expect(await codes('f-1')).toEqual([]);

    const now = async () => (await stored('f-1')) ?? sold;
    await broker.push('orders', [change(await now(), { sealNumber: '7', creditFlaggedAt: undefined })], VERSION);
    expect(await stored('f-1')).toMatchObject({ sealNumber: '7', creditFlaggedAt: answer?.['creditFlaggedAt'] });
    await admin.push('orders', [change(await now(), { stageReason: 'agreed with the owner' })], VERSION);
    expect(await stored('f-1')).not.toHaveProperty('creditFlaggedAt');
    expect((await admin.audit('orders', 'f-1'))[0]).toMatchObject({ reason: 'agreed with the owner' });
  });

  test('a client that does not say until when it knew everything is judged by what is stored', async () => {
    await broker.push('parties', [insert(customer('c-4', { creditHold: true }))]);
    expect(await broker.push('orders', [insert(sale('h-1', 'c-4', 1, { creditAsOf: undefined }))], VERSION)).toMatchObject([
      { id: 'h-1', _deleted: true },
    ]);
  });
});

describe('[R10] below the margin floor', () => {
  const from = (id: string) => [{ lineId: 'a', orderLineId: 's', otherOrderId: id, otherLineId: 'b', cases: 10 }];
  const sold = (id: string, bought: string, amount: number, more: Record<string, unknown> = {}) =>
    sale(id, '', amount, { lines: [{ ...load('s', amount), cases: 10 }], allocations: from(bought), ...more });

  test('a sale is refused by the purchase that comes with it, and by the floor of the company', async () => {
    const push = [insert(sold('m-1', 'b-1', 999)), insert(purchase('b-1', 1_000)), insert(sold('m-2', 'b-1', 1_000))];
    expect((await broker.push('orders', push, VERSION)).map(({ id }) => id)).toEqual(['m-1']);
    expect(await codes('m-1')).toEqual(['approval_needed']);
    expect((await refusals('m-1'))[0]?.problems[0]?.message).toContain('its margin is below the floor');
    const raised = { key: 'margin_floor_basis_points', value: 100, reason: 'a test' };
    const answer = await fetch(`${server.url}/admin/settings`, { method: 'POST', headers: admin.headers, body: JSON.stringify(raised) });
    expect(answer.status).toBe(200);
    await broker.push('orders', [insert(sold('m-3', 'b-1', 1_000))], VERSION);
    expect(await codes('m-3')).toEqual(['approval_needed']);
    await admin.push('orders', [insert(sold('m-4', 'b-1', 1_000, { stageReason: 'to open the account' }))], VERSION);
    expect(await stored('m-4')).toMatchObject({ stage: 'agreed' });
  });
});

test('[R15] looks find live records by id and by reference, each its own', async () => {
  const find = (looks: Parameters<typeof readLooks>[1]) =>
    readLooks(server.db, looks).then((found) => found.map((documents) => documents.map(({ id }) => id).sort()));
  const papers = { collection: 'receivables', by: 'partyId' };
  expect(
    await find([
      { collection: 'parties', by: 'id', value: 'c-1' },
      { ...papers, value: 'c-1' },
      { ...papers, value: 'c-3', where: { kind: ['invoice'] } },
      { ...papers, value: 'c-3', where: { kind: ['payment'] } },
      { collection: 'parties', by: 'id', value: 'nobody' },
    ]),
  ).toEqual([['c-1'], ['i-1'], ['i-3'], [], []]);
});
