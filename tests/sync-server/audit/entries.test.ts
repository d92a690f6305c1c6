import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CLOCK_HEADER } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { syntheticNouns } from '../synthetic-nouns.ts';
import { nouns } from '../../../domain/registry.ts';
import { type Client, change, document, insert, openTestServer, signIn, until } from '../test-server.ts';
import { made } from './made.ts';

let server: Server;
let broker: Client;
beforeAll(async () => {
  server = await openTestServer({ nouns: [...nouns, ...syntheticNouns] });
  broker = await signIn(server, 'broker', 'desk-pc');
});
afterAll(() => server.close());

interface Entry {
  readonly actor_name: string;
  readonly device: string;
  readonly address: string;
  readonly request: string;
  readonly at: string;
  readonly device_at: string | null;
  readonly reason: string;
  readonly command: string;
}
const entriesOf = (id: string) => server.db.rows<Entry>({ text: 'select * from audit where id = $1 order by seq', values: [id] });
interface Event {
  readonly kind: string;
  readonly account_name: string;
  readonly device: string;
  readonly address: string;
  readonly request: string;
  readonly device_at: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}
const eventsOf = (kind: string) =>
  server.db.rows<Event>({ text: 'select * from security_events where kind = $1 order by seq', values: [kind] });

test('[SYN-9] an entry says who by the name of that time, on which device, from where, by which request, and by both clocks', async () => {
  const modifiedAt = '2026-03-04T05:06:07.000Z';
  await broker.push('ranches', [insert(document('e-1', { name: 'Bar K', modifiedAt }))]);
  await server.db.rows({ text: `update accounts set name = 'Blair Married' where name = 'Blair Broker'` });
  const [entry] = await entriesOf('e-1');
  const [told] = await broker.audit('ranches', 'e-1');
  await server.db.rows({ text: `update accounts set name = 'Blair Broker' where name = 'Blair Married'` });
  expect(entry).toMatchObject({
    actor_name: 'Blair Broker',
    device: 'desk-pc',
    address: '127.0.0.1',
    device_at: modifiedAt,
    command: 'create',
  });
  expect(entry?.request).toMatch(/^[0-9a-f-]{36}$/);
  expect(entry?.at).not.toBe(modifiedAt);
  expect(told).toMatchObject({ actorName: 'Blair Broker', deviceAt: modifiedAt, reason: '' });
});

test('[SYN-9] the entries of one push have salts of their own, and each two of them', async () => {
  await broker.push(
    'ranches',
    ['salt-1', 'salt-2', 'salt-3'].map((id) => insert(document(id, { name: 'Same' }))),
  );
  const salts = await server.db.rows<{ salt: string }>({
    text: `select encode(unnest(array[who_salt, whom_salt]), 'hex') as salt from audit where id like 'salt-%'`,
  });
  expect(new Set(salts.map(({ salt }) => salt)).size).toBe(6);
  for (const { salt } of salts) expect(salt).toMatch(/^[0-9a-f]{32}$/);
});

test('[SYN-9] a state stands in its entry word for word, with what tells of a person at its end', async () => {
  const id = randomUUID();
  const fields = {
    name: 'Zoë 日本',
    phone: '+1 620 555 0101',
    notes: '{"phone":"none"}',
    company: 'Zürich “Meat” & Söhne',
    jobTitle: undefined,
  };
  const sent = insert(made(broker, 'contacts', id, fields));
  expect(await broker.push('contacts', [sent])).toEqual([]);
  const [stored] = (await broker.pullAll('contacts')).filter((doc) => doc.id === id);
  if (!stored) throw new Error('the contact was not stored');
  expect(await broker.push('contacts', [change(stored, { phone: undefined, company: 'Söhne' })])).toEqual([]);
  const entries = await server.db.rows<{ before: string | null; before_whom: number; after: string; after_whom: number }>({
    text: 'select before, before_whom, after, after_whom from audit where id = $1 order by seq',
    values: [id],
  });
  const cut = (state: string, whom: number): unknown =>
    JSON.parse(
      `${Buffer.from(state)
        .subarray(0, Buffer.byteLength(state) - 1 - whom)
        .toString()}}`,
    );
  const [first, second] = entries;
  if (!first || !second?.before) throw new Error('there are two entries');
  const { _deleted: _, name, notes, phone, ...open } = stored;
  expect(JSON.parse(first.after)).toEqual({ ...open, name, notes, phone });
  expect(cut(first.after, first.after_whom)).toEqual(open);
  expect([first.before, first.before_whom]).toEqual([null, 0]);
  expect(JSON.parse(second.before)).toEqual(JSON.parse(first.after));
  expect(cut(second.before, second.before_whom)).toEqual(open);
  expect(cut(second.after, second.after_whom)).toMatchObject({ company: 'Söhne' });
  expect(JSON.stringify(cut(second.after, second.after_whom))).not.toMatch(/Zoë|phone/);
});

test('[SYN-9] a record that waited for its parent keeps the request that brought it, and a clock that is none is left out', async () => {
  await broker.push('animals', [insert(document('e-a', { ranchId: 'e-2', tag: 'T1', modifiedAt: 'yesterday' }))]);
  const [{ request } = { request: undefined }] = await server.db.rows<{ request: string }>({
    text: `select origin->>'request' as request from parked where id = 'e-a'`,
  });
  await broker.push('ranches', [insert(document('e-2', { name: 'Parent' }))]);
  expect(await entriesOf('e-a')).toMatchObject([{ request, address: '127.0.0.1', device_at: null }]);
  expect((await entriesOf('e-2'))[0]?.request).not.toBe(request);
});

test('the reason that stands in the field for it is told beside the change that wrote it', async () => {
  const id = randomUUID();
  expect(await broker.push('lots', [insert(made(broker, 'lots', id, { code: 'L-1' }))])).toEqual([]);
  const [stored] = (await broker.pullAll('lots')).filter((doc) => doc.id === id);
  if (!stored) throw new Error('the lot was not stored');
  expect(await broker.push('lots', [change(stored, { holdReason: 'Temperature above 40 F' })])).toEqual([]);
  const [held] = (await broker.pullAll('lots')).filter((doc) => doc.id === id);
  if (!held) throw new Error('the lot is gone');
  expect(await broker.push('lots', [change(held, { code: 'L-2' })])).toEqual([]);
  expect((await entriesOf(id)).map(({ reason }) => reason)).toEqual(['', 'Temperature above 40 F', '']);
});

test('a refused row is an event with its author, and the same row again is none', async () => {
  const bad = insert(document('e-3', { name: 17 }));
  await broker.push('ranches', [bad]);
  await broker.push('ranches', [bad]);
  const refused = (await eventsOf('change_refused')).filter(({ details }) => details['id'] === 'e-3');
  expect(refused).toMatchObject([{ account_name: 'Blair Broker', device: 'desk-pc', address: '127.0.0.1', details: { code: 'invalid' } }]);
  expect(refused[0]?.request).toMatch(/^[0-9a-f-]{36}$/);
});

test('an import is one event, however many rows and pushes it has', async () => {
  const importId = randomUUID();
  for (const n of [1, 2, 3])
    await broker.push('parties', [insert(document(randomUUID(), { name: `Imported ${n}`, roles: ['supplier'], importId }))]);
  expect(await eventsOf('imported')).toMatchObject([{ account_name: 'Blair Broker', details: { importId } }]);
});

test('an event of a request names it, with the clock of the device', async () => {
  const headers = { 'content-type': 'application/json', 'x-drover-device': 'wrong-clock', [CLOCK_HEADER]: '2031-01-01T00:00:00.000Z' };
  const body = JSON.stringify({ email: 'broker@drover.example', password: 'not this one' });
  const answer = await fetch(`${server.url}/auth/login`, { method: 'POST', headers, body });
  expect(answer.status).toBe(401);
  await until(async () => (await eventsOf('sign_in_failed')).length > 0, 'the failure is written down');
  expect((await eventsOf('sign_in_failed')).at(-1)).toMatchObject({
    device: 'wrong-clock',
    device_at: '2031-01-01T00:00:00.000Z',
    request: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test('a database that was put back is an event', async () => {
  // This one is a copy of the template, which its first write noticed.
  expect(await eventsOf('database_restored')).toMatchObject([{ details: { why: expect.stringContaining('another database') } }]);
});

test('entries cannot be changed or removed, not even in a partition', async () => {
  const [{ part } = { part: '' }] = await server.db.rows<{ part: string }>({ text: `select part from audit_months where log = 'audit'` });
  for (const text of [
    `update audit set actor = 'x'`,
    `update ${part} set actor = 'x'`,
    'delete from audit',
    `delete from ${part}`,
    'truncate audit',
    `begin; set local drover.forget = 'yes'; update audit set actor = 'x'; commit`,
    `begin; set local drover.forget = 'yes'; update audit set after = '{}', actor_name = 'x', who_hash = null; commit`,
  ])
    await expect(server.db.rows({ text }), text).rejects.toThrow('append-only');
});
