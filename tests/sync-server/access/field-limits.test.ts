/** What a role may not see of a record does not travel, by whatever way one asks, and what its holder sends is a patch. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Grant } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { DigestAnswer, LostAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import { putRole } from '../../../sync-server/db/roles.ts';
import type { Server } from '../../../sync-server/server.ts';
import { type Client, beginHistory, change, insert, openStream, openTestServer, signIn, until } from '../test-server.ts';
import { mirrorOf, order, plainRoles, put, record } from './rights-kit.ts';

let server: Server;
let admin: Client;
let field: Client;
beforeAll(async () => {
  server = await openTestServer();
  admin = await signIn(server, 'admin');
  field = await signIn(server, 'field');
});
afterAll(() => server.close());
beforeEach(async () => {
  await plainRoles(server);
  await put(server, 'field', { role: 'field', desks: ['east'] });
});

/** Digits that stand nowhere else. */
const COST = 918_273_645;
const costs = { cost: COST, costUnit: 'lb', boxingCost: COST, storageCost: COST, totalCost: COST };
let number = 0;
const fresh = (): string => `f-${(number += 1)}`;
const lot = (id: string, more: Record<string, unknown> = {}) =>
  record('lots', id, { code: id, deskId: 'east', ownerId: 'someone', ...more });
const deal = (id: string, more: Record<string, unknown> = {}) =>
  order(id, 'east', {
    lines: [
      { lineId: 'l1', description: 'Trim', referencePrice: COST, referencePriceUnit: 'lb', price: 20_000, priceUnit: 'lb', netWeight: 100 },
    ],
    charges: [{ lineId: 'c1', kind: 'linehaul', amount: COST }],
    ...more,
  });
async function stored(collection: string, id: string): Promise<WireDocument> {
  const found = (await admin.pullAll(collection)).find((one) => one.id === id);
  if (!found) throw new Error(`${collection}/${id} is not stored`);
  return found;
}
const seen = async (collection: string, id: string): Promise<WireDocument> => {
  const found = (await field.pullAll(collection)).find((one) => one.id === id);
  if (!found) throw new Error(`${collection}/${id} is not seen`);
  return found;
};
const entriesOf = async (id: string): Promise<WireDocument[]> =>
  (await field.pullAll('activities')).filter((one) => one['recordId'] === id);
const fieldRole = seedRoles.find(({ name }) => name === 'field');
if (!fieldRole) throw new Error('there is no role of field');
const openField = (without: readonly string[] | undefined): Promise<void> =>
  putRole(server.db, {
    ...fieldRole,
    edited: true,
    grants: fieldRole.grants.map((grant): Grant => {
      if (!grant.permission.startsWith('lots:')) return grant;
      const { without: _, ...rest } = grant;
      return without ? { ...rest, without } : rest;
    }),
  });

describe('[SYN-7] a hidden field does not travel', () => {
  test('by pull, stream, read, digest, audit or history, and both sides still compare equal', async () => {
    const [a, b] = [fresh(), fresh()];
    const stream = await openStream(field, '/sync/stream?collections=lots,orders');
    await admin.push('lots', [insert(lot(a, costs))]);
    await admin.push('orders', [insert(deal(b))]);
    await until(() => stream.frames.flatMap(({ documents }) => documents).length === 2, 'both have come over the stream');
    stream.close();
    const heard = stream.frames.flatMap(({ documents }) => documents);
    const pulled = [await seen('lots', a), await seen('orders', b)];
    expect(pulled).toEqual(heard);
    expect(pulled[0]).toMatchObject({ code: a, _deleted: false });
    expect(pulled[1]).toMatchObject({ lines: [{ lineId: 'l1', price: 20_000, amount: 200 }] });
    const read = await fetch(`${server.url}/sync/lots/0/read`, {
      method: 'POST',
      headers: field.headers,
      body: JSON.stringify({ ids: [a] }),
    });
    const texts = [JSON.stringify([heard, pulled, await field.audit('lots', a), await field.audit('orders', b)]), await read.text()];
    expect(texts.join('')).toContain(a);
    expect(texts.join('')).not.toContain(String(COST));
    expect(Object.keys(pulled[0] ?? {}).filter((key) => key.toLowerCase().includes('cost'))).toEqual([]);
    const digest = async (who: Client): Promise<DigestAnswer> =>
      (await (await who.get('/sync/digest?collections=lots')).json()) as DigestAnswer;
    await put(server, 'field', { role: 'admin' });
    const whole = await digest(field);
    await put(server, 'field', { role: 'field' });
    expect(await digest(field)).toEqual(whole);
    expect(JSON.stringify(await stored('lots', a))).toContain(String(COST));
  });

  test('to a device that asks for what a restored server has lost', async () => {
    const id = fresh();
    await admin.push('lots', [insert(lot(id, costs))]);
    const until = Number((await server.db.rows<{ seq: number }>({ text: 'select seq from feed_head' }))[0]?.seq);
    await beginHistory(server, admin);
    const body = JSON.stringify({ until, states: [{ id, w: 'never-heard-of' }] });
    const answer = await fetch(`${server.url}/sync/lots/0/known`, { method: 'POST', headers: field.headers, body });
    const { lost } = (await answer.json()) as LostAnswer;
    expect(lost).toMatchObject([{ id, base: { code: id } }]);
    expect(JSON.stringify(lost)).not.toContain(String(COST));
  });
});

describe('[SYN-7] what somebody sends who lacks a field', () => {
  test('changes what was changed and leaves the hidden fields as they are, also of rows', async () => {
    const [a, b] = [fresh(), fresh()];
    await admin.push('lots', [insert(lot(a, costs))]);
    await admin.push('orders', [insert(deal(b))]);
    const edited = change(await seen('lots', a), { notes: 'opened at the dock', netWeight: 4_000 });
    expect(await field.push('lots', [edited])).toEqual([]);
    // A repetition, and one more edit on top of the own one.
    expect(await field.push('lots', [edited])).toEqual([]);
    expect(await field.push('lots', [change(edited.newDocumentState, { notes: 'and closed' })])).toEqual([]);
    expect(await stored('lots', a)).toMatchObject({ ...costs, notes: 'and closed', netWeight: 4_000 });
    const mine = await seen('orders', b);
    const lines = (mine['lines'] as Record<string, unknown>[]).map((line) => ({ ...line, receivedWeight: 99 }));
    expect(await field.push('orders', [change(mine, { lines: [...lines, { lineId: 'l2', description: 'Found on the truck' }] })])).toEqual(
      [],
    );
    expect(await stored('orders', b)).toMatchObject({
      charges: [{ amount: COST }],
      totalAmount: COST + 200,
      lines: [{ referencePrice: COST, receivedWeight: 99 }, { description: 'Found on the truck' }],
    });
    expect(await entriesOf(a)).toEqual([]);
    expect((await admin.audit('lots', a)).map(({ kind }) => kind)).toEqual(['update', 'update', 'insert']);
  });

  test('is merged with what others changed meanwhile, and the answer shows no more than a pull', async () => {
    const id = fresh();
    await admin.push('lots', [insert(lot(id, costs))]);
    const base = await seen('lots', id);
    await admin.push('lots', [change(await stored('lots', id), { totalCost: COST + 1, description: 'renamed' })]);
    const [answer] = await field.push('lots', [change(base, { notes: 'mine' })]);
    expect(answer).toEqual(await seen('lots', id));
    expect(answer).toMatchObject({ notes: 'mine', description: 'renamed' });
    expect(await stored('lots', id)).toMatchObject({ notes: 'mine', description: 'renamed', totalCost: COST + 1, cost: COST });
    // A clash tells both sides of the field that clashes, and nothing of the hidden ones.
    const other = await seen('lots', id);
    await admin.push('lots', [change(await stored('lots', id), { holdReason: 'lab' })]);
    await field.push('lots', [change(other, { holdReason: 'temperature' })]);
    const [entry] = await entriesOf(id);
    expect(entry).toMatchObject({ kind: 'clash', fieldNames: ['holdReason'] });
    expect(JSON.stringify(entry)).toContain('temperature');
    expect(JSON.stringify(entry)).not.toMatch(new RegExp(`${COST}|${COST + 1}`));
  });

  test('is refused row by row when it gives a hidden field a value; the rest lands, and the author keeps the own words only', async () => {
    const [a, b, c] = [fresh(), fresh(), fresh()];
    await admin.push('lots', [insert(lot(a, costs)), insert(lot(b, costs))]);
    const [one, two] = [await seen('lots', a), await seen('lots', b)];
    const answers = await field.push('lots', [
      change(one, { totalCost: 5 }),
      change(two, { notes: 'lands' }),
      insert(lot(c, { boxingCost: 77 })),
    ]);
    expect(answers.map(({ id }) => id)).toEqual([a, c]);
    expect(answers[0]).toEqual(one);
    expect(await stored('lots', a)).toMatchObject(costs);
    expect(await stored('lots', b)).toMatchObject({ ...costs, notes: 'lands' });
    expect((await admin.pullAll('lots')).some(({ id }) => id === c)).toBe(false);
    const [entry] = await entriesOf(a);
    expect(entry).toMatchObject({ kind: 'refusal', code: 'field_not_permitted', fieldNames: ['totalCost'] });
    expect(JSON.parse(String(entry?.['keptContent']))).toMatchObject({ mine: { totalCost: 5 } });
    expect(JSON.stringify(entry)).not.toContain(String(COST));
    expect(await entriesOf(c)).toMatchObject([{ code: 'field_not_permitted', fieldNames: ['boxingCost'] }]);
    // Nor is it taken in when the author brings the refused record back as it was: that would lose the value without a word.
    const standIn = answers[1];
    if (!standIn) throw new Error('nothing stands for the refused record');
    const restored = { ...standIn, w: 'w-brought-back', _deleted: false };
    expect(await field.push('lots', [{ newDocumentState: restored, assumedMasterState: standIn }])).toMatchObject([
      { id: c, _deleted: true },
    ]);
    // Without a cost it may be made.
    expect(await field.push('lots', [insert(lot(fresh()))])).toEqual([]);
  });

  test('may hold what was seen before the rights were narrowed, as long as it was left alone', async () => {
    await openField(undefined);
    const id = fresh();
    await admin.push('lots', [insert(lot(id, costs))]);
    const whole = await seen('lots', id);
    expect(whole).toMatchObject(costs);
    await plainRoles(server);
    expect(await field.push('lots', [change(whole, { notes: 'on the old copy' })])).toEqual([]);
    expect(await stored('lots', id)).toMatchObject({ ...costs, notes: 'on the old copy' });
  });

  test('leaves alone what its author was given to see while the change waited', async () => {
    const id = fresh();
    await admin.push('lots', [insert(lot(id, costs))]);
    const base = await seen('lots', id);
    await openField(undefined);
    expect(await field.push('lots', [change(base, { notes: 'on the partial copy' })])).toEqual([]);
    expect(await stored('lots', id)).toMatchObject({ ...costs, notes: 'on the partial copy' });
    // What is stored, sent again because the answer was lost, or by a device that did not come to note it, is no other word on it.
    await plainRoles(server);
    const again = change(await seen('lots', id), { notes: 'closed' });
    await field.push('lots', [again]);
    const whole = await stored('lots', id);
    await openField(undefined);
    expect(await field.push('lots', [again])).toEqual([]);
    expect(await field.push('lots', [insert(again.newDocumentState)])).toEqual([]);
    expect(await stored('lots', id)).toEqual(whole);
    expect(await entriesOf(id)).toEqual([]);
    expect(await server.db.rows({ text: 'select 1 from settled where id = $1', values: [id] })).toEqual([]);
  });

  test('comes back whole when it waited and was refused, also the fields that its author may not see any more; those of others do not', async () => {
    const [a, b] = [fresh(), fresh()];
    await admin.push('lots', [insert(lot(b, costs))]);
    await openField(undefined);
    const edited = change(await seen('lots', b), { partyId: 'nobody-yet', boxingCost: 55 });
    await field.push('lots', [insert(lot(a, { partyId: 'nobody-yet', totalCost: 77 })), edited]);
    await plainRoles(server);
    const other = { partyId: 'nor-this-one' };
    await admin.push('lots', [insert(lot(a, other)), change(await stored('lots', b), other)]);
    const kept = async (id: string): Promise<unknown> => JSON.parse(String((await entriesOf(id))[0]?.['keptContent']));
    expect(await kept(a)).toMatchObject({ mine: { partyId: 'nobody-yet', totalCost: 77 } });
    expect(await kept(b)).toMatchObject({ mine: { partyId: 'nobody-yet', boxingCost: 55 } });
    expect(JSON.stringify(await entriesOf(b))).not.toContain(String(COST));
  });
});

test('[SYN-7] fields that a role gains or loses come and leave at once, on connected devices too', async () => {
  const id = fresh();
  await admin.push('lots', [insert(lot(id, costs)), insert(lot(fresh(), { ...costs, deskId: 'north' }))]);
  const device = mirrorOf(field, 'lots');
  await device.pull();
  expect(device.held.get(id)).not.toHaveProperty('cost');
  const stream = await openStream(field, '/sync/stream?collections=lots');
  const marks = (): string[] => stream.frames.flatMap(({ documents, checkpoint }) => (documents.length === 0 ? [checkpoint.id] : []));
  const told = (times: number, what: string): Promise<void> => until(() => marks().length === times, what);

  await openField(['cost']);
  await told(1, 'the stream tells of more fields');
  const came = await device.pull(2);
  expect(came.map((one) => one.id)).toContain(id);
  expect(device.held.get(id)).toMatchObject({ totalCost: COST });
  expect(device.held.get(id)).not.toHaveProperty('cost');
  expect(await device.pull()).toEqual([]);

  await plainRoles(server);
  await told(2, 'the stream tells of fewer fields');
  await device.pull();
  expect(JSON.stringify([...device.held.values()])).not.toContain(String(COST));
  // Another desk is no other view of what both reach: only the difference comes.
  await put(server, 'field', { desks: ['east', 'north'] });
  await told(3, 'the stream tells of another desk');
  expect((await device.pull()).map((one) => one['deskId'])).toEqual(['north']);
  stream.close();
});
