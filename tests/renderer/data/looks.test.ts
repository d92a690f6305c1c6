import { afterEach, expect, test } from 'vitest';
import { type Rights, rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { NOTHING_AROUND } from '../../../domain/record/around.ts';
import type { Draft } from '../../../domain/record/record.commands.ts';
import { nouns } from '../../../domain/registry.ts';
import type { Desk } from '../../../renderer/data/desk.ts';
import { lookOnDesk } from '../../../renderer/data/looks.ts';
import { submit } from '../../../renderer/data/submit.ts';
import { freshDesk } from './desk-kit.ts';

const desks: Desk[] = [];
afterEach(async () => {
  await Promise.all(desks.splice(0).map((desk) => desk.close()));
});
const who = { userId: 'me', deskId: 'desk-main' };
const rights = (role: string): Rights =>
  rightsOf(seedRoles.find(({ name }) => name === role)?.grants ?? [], { accountId: 'me', desks: ['desk-main'] });
const open = async (): Promise<Desk> => {
  const desk = await freshDesk({ memory: true, nouns });
  desks.push(desk);
  return desk;
};
async function save(desk: Desk, collection: string, draft: Draft, role = 'broker', asOf?: string): Promise<AnyDocument> {
  const answer = await submit(desk, { collection, command: 'create', draft }, { ...who, rights: rights(role) }, asOf);
  if (!answer.ok) throw new Error(answer.rejection.code);
  return answer.document;
}
const line = { lineId: 's', description: 'Trim', loads: 1, price: 100_000, priceUnit: 'load' };
const sale = (customerId: string, more: Draft = {}): Draft => ({
  kind: 'sale',
  number: 'S 1',
  orderedOn: '2026-09-04',
  stage: 'agreed',
  customerId,
  lines: [line],
  ...more,
});

test('[R15] a sale beyond the credit is refused on the device, by what lies on it, and kept with the instant until which it knew everything', async () => {
  const desk = await open();
  const customer = await save(desk, 'parties', { name: 'Lone Star', roles: ['customer'], creditLimit: 1_900 });
  const invoice = { kind: 'invoice', name: 'I 1', partyId: customer.id, amount: 500, issuedOn: '2026-09-01' };
  const paper = await save(desk, 'receivables', invoice);
  const asOf = '2026-09-05T08:00:00.000Z';
  expect(await save(desk, 'orders', sale(customer.id), 'broker', asOf)).toMatchObject({ creditAsOf: asOf, totalAmount: 1_000 });
  await expect(save(desk, 'orders', sale(customer.id), 'broker', asOf)).rejects.toThrow('approval_needed');
  await expect(save(desk, 'orders', sale(customer.id), 'manager', asOf)).rejects.toThrow('reason_needed');
  expect(await save(desk, 'orders', sale(customer.id, { stageReason: 'paid today' }), 'manager', asOf)).toMatchObject({ stage: 'agreed' });
  expect(await save(desk, 'orders', sale(customer.id, { stage: 'offer' }))).not.toHaveProperty('creditAsOf');
  const deletion = { collection: 'receivables', command: 'delete', id: paper.id } as const;
  expect((await submit(desk, deletion, { ...who, rights: rights('broker') })).ok).toBe(true);
  await expect(save(desk, 'orders', sale(customer.id, { lines: [{ ...line, price: 1_000 }] }))).rejects.toThrow('approval_needed');
});

test('[R10] a sale below the floor is refused on the device by the purchase that its allocations name', async () => {
  const desk = await open();
  const bought = await save(desk, 'orders', {
    kind: 'purchase',
    number: 'P 1',
    orderedOn: '2026-09-03',
    lines: [{ ...line, cases: 10, price: 110_000 }],
  });
  const boughtLine = (bought['lines'] as readonly { readonly lineId: string }[])[0]?.lineId ?? '';
  const allocations = [{ lineId: 'a', orderLineId: 's', otherOrderId: bought.id, otherLineId: boughtLine, cases: 10 }];
  const sold = sale('', { lines: [{ ...line, cases: 10 }], allocations });
  await expect(save(desk, 'orders', sold)).rejects.toThrow('approval_needed');
  expect(await save(desk, 'orders', { ...sold, lines: [{ ...line, cases: 10, price: 110_000 }] })).toMatchObject({ stage: 'agreed' });
});

test('looks at nothing where nothing is asked', async () => {
  const desk = await open();
  const around = await lookOnDesk(desk, () => [], 'now');
  expect(around.asOf).toBe('now');
  expect(NOTHING_AROUND.found({ collection: 'orders', by: 'id', value: 'x' })).toEqual([]);
});
