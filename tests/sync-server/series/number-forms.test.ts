/** A company changes how its numbers are written, on real Postgres: none of an older form is typed again or given out twice. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import type { SeriesAnswer } from '../../../domain/protocol/admin.ts';
import type { Lease, LeaseAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { createRecord } from '../../../domain/record/record.commands.ts';
import { numberText } from '../../../domain/record/series.ts';
import { hashPassword } from '../../../sync-server/auth/password.ts';
import { runDrover } from '../../../sync-server/cli/drover.ts';
import { DEMO_DESK, createDemoAccounts } from '../../../sync-server/db/demo-accounts.ts';
import type { Server } from '../../../sync-server/server.ts';
import { entries, post, read } from '../admin/admin-kit.ts';
import { type Client, change, cloneDatabase, insert, openTestServer, signIn, until } from '../test-server.ts';

let databaseUrl: string;
let server: Server;
let other: Server;
let admin: Client;
let pc: Client;
let laptop: Client;
beforeAll(async () => {
  // Not a copy of the template: a copy is another history already, and numbers of an earlier one are taken from any device.
  databaseUrl = await cloneDatabase('template0');
  server = await openTestServer({ databaseUrl });
  await createDemoAccounts(server.db, hashPassword, undefined);
  other = await openTestServer({ databaseUrl });
  admin = await signIn(server, 'admin', 'office');
  pc = await signIn(server, 'broker', 'pc');
  laptop = await signIn(other, 'broker', 'laptop');
});
afterAll(async () => {
  await other.close();
  await server.close();
});

const kinds = { 'purchase-orders': 'purchase', 'sales-orders': 'sale', 'freight-orders': 'freight' } as const;
type Key = keyof typeof kinds;
function order(key: Key, number: string): WireDocument {
  const moment = { actor: { userId: 'u', deskId: DEMO_DESK }, now: new Date().toISOString(), w: `w-${randomUUID()}` };
  const lines = [{ lineId: 'l', description: 'Chuck roll', cases: 1 }];
  const decision = createRecord(orderNoun, randomUUID(), { kind: kinds[key], number, orderedOn: '2026-11-20', lines }, moment);
  if (!decision.ok) throw new Error(decision.rejection.message);
  return { ...decision.change.after, _deleted: false };
}
async function block(client: Client, series: Key, size: number): Promise<Lease> {
  const ask = async (holding: readonly Lease[], wanted: readonly unknown[]): Promise<readonly Lease[]> => {
    const body = JSON.stringify({ holding: holding.map(({ series: key, first, next }) => ({ series: key, first, next })), wanted });
    const response = await fetch(`${client.url}/series/leases`, { method: 'POST', headers: client.headers, body });
    return ((await response.json()) as LeaseAnswer).leases;
  };
  const before = await ask([], []);
  const found = (await ask(before, [{ series, size }])).find(
    (one) => one.series === series && !before.some(({ series: key, first }) => key === series && first === one.first),
  );
  if (!found) throw new Error('no block was leased');
  return found;
}
const form = (series: Key, prefix: string, width: number, reason = '') => post(admin, '/admin/series', { series, prefix, width, reason });
/** Both server processes know it. */
const told = (prefix: string) =>
  until(
    async () => JSON.stringify(await (await laptop.get('/me/company')).json()).includes(`"${prefix}"`),
    `${prefix} is known everywhere`,
  );
/** Pushes an order and answers '' or why it was refused. */
async function pushed(client: Client, key: Key, number: string): Promise<string> {
  const one = order(key, number);
  const refused = await client.push('orders', [insert(one)]);
  if (refused.length === 0) return '';
  const entry = (await admin.pullAll('activities')).find((doc) => doc['recordId'] === one.id);
  return String(entry?.['code']);
}

describe('[NUM-1][NUM-2] another prefix and width', () => {
  const series = 'purchase-orders';
  test('blocks keep the form that they were leased in, and no number of any form is typed or given twice', async () => {
    const held = await block(pc, series, 5);
    expect(held).toMatchObject({ prefix: 'PO-', width: 6, first: 1 });
    expect(await pushed(pc, series, 'PO-000001')).toBe('');
    const { status, body } = await form(series, 'P26-', 4, 'a new year');
    expect(status).toBe(200);
    expect((body as unknown as SeriesAnswer).series.find(({ key }) => key === series)).toMatchObject({ prefix: 'P26-', next: 'P26-0006' });
    await told('P26-');
    expect((await entries(server, 'series_changed')).at(-1)).toMatchObject({
      details: {
        series,
        before: { prefix: 'PO-', width: 6 },
        after: { prefix: 'P26-', width: 4 },
        reason: 'a new year',
        by: { name: 'Avery Admin' },
      },
    });

    // What the device holds is final, in the old form; a new block is in the new one.
    expect(await pushed(pc, series, 'PO-000002')).toBe('');
    const fresh = await block(laptop, series, 5);
    expect(fresh).toMatchObject({ prefix: 'P26-', width: 4, first: 6 });
    const own = (n: number): string => numberText(fresh, fresh.first + n);
    expect(await pushed(laptop, series, own(0))).toBe('');

    for (const [text, why] of [
      ['PO-000001', 'number_taken'],
      ['P26-0001', 'number_taken'],
      ['p26-0002', 'number_taken'],
      ['PO-000003', 'number_not_leased'],
      ['P26-0003', 'number_not_leased'],
      ['PO-000500', 'number_not_leased'],
      ['P26-0500', 'number_not_leased'],
    ])
      expect([text, await pushed(laptop, series, text ?? '')]).toEqual([text, why]);
    // The number of another device's block, as that block would not write it.
    expect(await pushed(pc, series, numberText({ prefix: 'PO-', width: 6 }, fresh.first + 1))).toBe('number_not_leased');
    // What no series writes stays free.
    expect(await pushed(laptop, series, '226040')).toBe('');
    expect(await pushed(laptop, series, 'P26-00500')).toBe('');
  });

  test('a record without a number gets one of the new form, and an old number stays on its record through an edit', async () => {
    const [bare] = [order(series, '')];
    await pc.push('orders', [insert(bare)]);
    const numberOfBare = async (): Promise<string> => String((await pc.pullAll('orders')).find(({ id }) => id === bare.id)?.['number']);
    await until(async () => (await numberOfBare()) !== '', 'the number came');
    expect(await numberOfBare()).toMatch(/^P26-\d{4}$/);
    const old = (await pc.pullAll('orders')).find((doc) => doc['number'] === 'PO-000001');
    if (!old) throw new Error('the order is stored');
    expect(await pc.push('orders', [change(old, { ...old, notes: 'edited', w: `w-${randomUUID()}` })])).toEqual([]);
  });

  test('the command line explains every number as it is written, and writes it otherwise', async () => {
    const run = async (...args: string[]): Promise<readonly [number, string]> => {
      const said: string[] = [];
      const say = (text: string): void => void said.push(text);
      const code = await runDrover(['series', ...args], { environment: { DATABASE_URL: databaseUrl }, out: say, err: say });
      return [code, said.join('\n')];
    };
    const [, first] = await run('PO-000001');
    expect(first).toMatch(/^PO-000001\torders:/);
    expect((await run('P26-0001'))[1]).toBe(first);
    const [, all] = await run(series);
    expect(all).toContain(first);
    expect(all).toContain('PO-000003 to PO-000005\tin the block of device pc');
    expect(all).toMatch(/P26-0006\torders:.*by device laptop/);
    expect(await run('set', series, '--width', '5', '--reason', 'more papers')).toEqual([0, '']);
    expect((await run())[1]).toMatch(/purchase-orders\tPurchase orders\tnext P26-\d{5}\t/);
    expect(await run('set', series, '--prefix', 'PO-', '--width', '6')).toEqual([0, '']);
    expect((await run('P26-0001'))[1]).toBe(first);
    expect((await entries(server, 'series_changed')).at(-1)?.details).toMatchObject({
      before: { prefix: 'P26-', width: 5 },
      after: { prefix: 'PO-', width: 6 },
      by: { name: 'command line' },
    });
    for (const [args, words] of [
      [['set', series], 'Say what to set'],
      [['set', 'nothing', '--prefix', 'X-'], 'Choose one of credits, freight-orders'],
      [['set', series, '--width', 'ten'], 'from 1 to 10'],
      [['set', series, '--prefix', 'SO-'], 'begin with SO-'],
    ] as const) {
      const [code, said] = await run(...args);
      expect(code).toBe(2);
      expect(said).toContain(words);
    }
  });
});

describe('[NUM-1] numbers that were typed while nobody watched over their form', () => {
  test('those ahead are passed over, also of a deleted record; those behind stand in the way', async () => {
    const series = 'sales-orders';
    const deleted = order(series, 'TX-0012');
    await pc.push('orders', [insert(order(series, 'TX-0015')), insert(deleted)]);
    await pc.push('orders', [change(deleted, { ...deleted, _deleted: true, w: `w-${randomUUID()}` })]);
    expect((await form(series, 'TX-', 4)).status).toBe(200);
    const held = await block(pc, series, 10);
    expect(held).toMatchObject({ first: 1, last: 10 });
    const next = await block(pc, series, 10);
    expect(next.first).toBe(16);
    await told('TX-');
    expect(await pushed(laptop, series, 'TX-0015')).toBe('number_taken');
    await pc.push('orders', [change({ ...deleted, _deleted: true }, { ...deleted, w: `w-${randomUUID()}` })]);
    expect((await pc.pullAll('orders')).find(({ id }) => id === deleted.id)).toMatchObject({ number: 'TX-0012', _deleted: false });

    expect(await pushed(pc, series, 'AB-7')).toBe('');
    const audited = (await entries(server, 'series_changed')).length;
    expect(await form(series, 'AB-', 1)).toMatchObject({ status: 422, body: { code: 'out_of_bounds', field: 'prefix' } });
    expect(JSON.stringify((await form(series, 'AB-', 1)).body)).toContain('bears the number AB-7 already');
    expect((await entries(server, 'series_changed')).length).toBe(audited);
    expect((await read<SeriesAnswer>(admin, '/admin/series')).series.find(({ key }) => key === series)?.prefix).toBe('TX-');
  });

  test('whatever is typed at the moment of the change: no two records bear one number', async () => {
    const series = 'freight-orders';
    const typed = Array.from({ length: 12 }, (_, i) => `RC-${i + 1}`);
    await Promise.all([
      ...typed.map((number, i) => (i % 2 === 0 ? pc : laptop).push('orders', [insert(order(series, number))])),
      form(series, 'RC-', 1),
    ]);
    await told('RC-');
    const held = await block(pc, series, 30);
    for (let n = held.first; n <= held.last; n += 1) await pc.push('orders', [insert(order(series, numberText(held, n)))]);
    const borne = (await pc.pullAll('orders'))
      .filter((doc) => doc['kind'] === 'freight' && doc._deleted !== true)
      .map((doc) => doc['number']);
    expect(new Set(borne).size).toBe(borne.length);
  });
});

test.each([
  ['PO1', 6, 'prefix'],
  ['', 6, undefined],
  ['=PO-', 6, 'prefix'],
  ['PO -', 6, 'prefix'],
  ['A-VERY-LONG-PREFIX-', 6, 'prefix'],
  ['INV-', 6, 'prefix'],
  ['inv-', 6, 'prefix'],
  ['CM-', 0, 'width'],
  ['CM-', 11, 'width'],
])('%j with %i digits is no form for credit memos', async (prefix, width, field) => {
  const { status, body } = await post(admin, '/admin/series', { series: 'credits', prefix, width, reason: '' });
  expect([status, body['field']]).toEqual(field === undefined ? [400, body['field']] : [422, field]);
});

test('a series that there is not, and somebody without the right', async () => {
  const body = { series: 'none', prefix: 'X-', width: 4, reason: '' };
  expect(await post(admin, '/admin/series', body)).toMatchObject({ status: 404, body: { code: 'unknown_series' } });
  expect((await post(pc, '/admin/series', { ...body, series: 'credits' })).status).toBe(403);
});
