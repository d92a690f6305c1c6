import { expect, test } from 'vitest';
import { locksOf, mayNot } from '../../../domain/access/locks.ts';
import { type Grant, rightsOf } from '../../../domain/access/rights.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { AnyDocument } from '../../../domain/entity/entity.ts';
import { permitted } from '../../../domain/record/permitted.ts';
import { changeRecord, createRecord, deleteRecord, restoreRecord } from '../../../domain/record/record.commands.ts';
import { nounOf } from '../../../domain/registry.ts';
import { made, moment } from '../sample.ts';

const noun = (collection: string) => {
  const found = nounOf(collection);
  if (!found) throw new Error(`there are no ${collection}`);
  return found;
};
const [orders, lots] = [noun('orders'), noun('lots')];
const rights = (role: string) =>
  rightsOf(seedRoles.find(({ name }) => name === role)?.grants ?? [], { accountId: 'account-1', desks: ['desk-1'] });
const draft = {
  kind: 'purchase',
  number: 'P 1',
  lines: [{ lineId: 'l1', description: 'Trim', price: 20_000, priceUnit: 'lb', netWeight: 100 }],
};
const order = (more: Partial<AnyDocument> = {}): AnyDocument => ({ ...made(orders, draft), ...more });

test('[SYN-7] a form knows what is closed before anything is typed, and why', () => {
  const field = locksOf(rights('field'), orders.entity, order());
  expect(field.whole).toBeUndefined();
  expect(field.reason('notes')).toBeUndefined();
  expect(field.reason('charges')).toBe('Your role does not show you "Charges".');
  expect(field.reason('lines.referencePrice')).toMatch(/does not show you "Reference price"/);
  expect(field.reason('lines.price')).toBeUndefined();
  expect([field.isHidden('charges'), field.isHidden('charges.amount'), field.isHidden('lines.price')]).toEqual([true, true, false]);
  expect(locksOf(rights('field'), orders.entity, order({ deskId: 'north', ownerId: 'x' })).whole).toMatch(
    /not one of the orders that you may change/,
  );
  expect(locksOf(rights('read_only'), orders.entity, order()).reason('notes')).toMatch(/does not allow you to change orders/);
  expect(locksOf(rights('field'), orders.entity, undefined).whole).toMatch(/not allow you to create orders/);
  expect(locksOf(rights('field'), lots.entity, undefined).reason('totalCost')).toMatch(/does not allow you to change "Total cost"/);
  expect(locksOf(undefined, orders.entity, undefined).reason('notes')).toBeUndefined();
  const some: Grant[] = [
    { permission: 'orders:read', when: { is: 'all' } },
    { permission: 'orders:update', when: { is: 'all' }, fields: ['notes'] },
  ];
  const notes = locksOf(rightsOf(some, { accountId: 'a', desks: [] }), orders.entity, order());
  expect([notes.reason('notes'), notes.reason('number')]).toEqual([undefined, 'Your role does not allow you to change "Order number".']);
});

test('[SYN-7] a button knows whether it may be used', () => {
  expect(mayNot(rights('broker'), orders.entity, 'create')).toBeUndefined();
  expect(mayNot(rights('field'), orders.entity, 'create')).toMatch(/not allow you to create orders/);
  expect(mayNot(rights('field'), noun('locations').entity, 'import')).toMatch(/not allow you to import locations/);
  expect(mayNot(rights('broker'), orders.entity, 'delete', order())).toBeUndefined();
  expect(mayNot(rights('broker'), orders.entity, 'delete', order({ deskId: 'north', ownerId: 'x' }))).toMatch(/delete this order/);
  expect(mayNot(undefined, orders.entity, 'delete')).toBeUndefined();
});

test('[SYN-7] the device refuses what the server would refuse, by the same check', () => {
  const judged = (role: string, decision: Parameters<typeof permitted>[1], tombstone?: AnyDocument) =>
    permitted(orders, decision, { rights: rights(role) }, tombstone ? { tombstone } : {});
  const code = (decision: ReturnType<typeof judged>) => (decision.ok ? 'ok' : decision.rejection.code);
  expect(code(judged('broker', createRecord(orders, 'o-1', draft, moment())))).toBe('ok');
  expect(code(judged('field', createRecord(orders, 'o-1', draft, moment())))).toBe('not_permitted');
  expect(code(judged('field', changeRecord(orders, order(), { notes: 'seen' }, moment())))).toBe('ok');
  expect(code(judged('broker', changeRecord(orders, order(), { deskId: 'north', ownerId: 'x' }, moment())))).toBe('not_permitted');
  expect(code(judged('logistics', deleteRecord(orders, order(), [], moment())))).toBe('not_permitted');
  expect(code(judged('logistics', restoreRecord(orders, order(), moment()), order()))).toBe('not_permitted');
  expect(code(judged('broker', restoreRecord(orders, order(), moment()), order()))).toBe('ok');
  expect(code(permitted(orders, createRecord(orders, 'o-1', draft, moment()), {}))).toBe('ok');
});

test('[SYN-7] what cannot be seen is not computed from what is missing', () => {
  const { charges: _, totalAmount: _total, ...seen } = order({ charges: [{ lineId: 'c', kind: 'fuel', amount: 500 }] });
  const decision = permitted(orders, changeRecord(orders, seen, { notes: 'x' }, moment()), { rights: rights('field') });
  expect(decision).toMatchObject({ ok: true, change: { after: { notes: 'x', totalWeight: 100 } } });
  expect(decision.ok && Object.hasOwn(decision.change.after, 'totalAmount')).toBe(false);
});
