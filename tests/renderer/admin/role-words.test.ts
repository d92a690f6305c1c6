import { describe, expect, test } from 'vitest';
import { ALL } from '../../../domain/access/condition.ts';
import { seedRoles } from '../../../domain/access/seeds.ts';
import type { Grant } from '../../../domain/access/rights.ts';
import { changesOf, concerned, deedOf, reachOf, withReach } from '../../../renderer/admin/role-words.ts';

const labels = (collection: string): string => ({ orders: 'Orders', parties: 'Parties' })[collection] ?? collection;
const broker = seedRoles.find(({ name }) => name === 'broker')?.grants ?? [];

describe('a role in a matrix', () => {
  test('says how far each permission reaches, and does not claim to draw what it cannot', () => {
    expect(reachOf(broker, 'orders:read')).toBe('ours');
    expect(reachOf(broker, 'parties:read')).toBe('all');
    expect(reachOf(broker, 'users:read')).toBe('none');
    expect(reachOf(broker, 'activities:update')).toBe('special');
    expect(reachOf([{ permission: 'orders:read', when: ALL, without: ['lines.price'] }], 'orders:read')).toBe('all');
  });

  test('a cell that reaches further, or is emptied and filled again, is limited to the same fields', () => {
    const as: readonly Grant[] = [{ permission: 'orders:read', when: ALL, without: ['lines.price'] }];
    expect(withReach(as, 'orders:read', 'mine', as)).toMatchObject([{ when: { is: 'mine' }, without: ['lines.price'] }]);
    expect(withReach(withReach(as, 'orders:read', 'none', as), 'orders:read', 'all', as)).toEqual(as);
    const two: readonly Grant[] = [
      { permission: 'lots:update', when: ALL, fields: ['note'], without: ['cost', 'boxingCost'] },
      { permission: 'lots:update', when: { is: 'mine', field: 'ownerId' }, fields: ['origin'], without: ['cost'] },
    ];
    expect(withReach(two, 'lots:update', 'all', two)).toEqual([
      { permission: 'lots:update', when: ALL, without: ['cost'], fields: ['note', 'origin'] },
    ]);
  });

  test('changes in one cell leave every other grant as it is', () => {
    const after = withReach(broker, 'orders:read', 'none', broker);
    expect(after).toEqual(broker.filter(({ permission }) => permission !== 'orders:read'));
    for (const reach of ['mine', 'ours', 'all'] as const)
      expect(reachOf(withReach(after, 'orders:read', reach, broker), 'orders:read')).toBe(reach);
    const special = withReach(withReach(broker, 'activities:update', 'none', broker), 'activities:update', 'special', broker);
    const of = (grants: readonly Grant[]) => grants.filter(({ permission }) => permission === 'activities:update');
    expect(of(special)).toEqual(of(broker));
  });
});

describe('a change of a role in words', () => {
  test.each([
    ['orders:read', 'none', 'They may no longer see orders. What they may not see leaves their devices.'],
    ['orders:read', 'all', 'They may see orders, all of them; until now of their desks and their own.'],
    [
      'parties:read',
      'ours',
      'They may see parties, of their desks and their own; until now all of them. What they may not see leaves their devices.',
    ],
    ['orders:approve_credit', 'all', 'They may let an order through although the customer is over the credit limit, all of them.'],
    ['users:invite', 'all', 'They may invite people.'],
  ] as const)('%s to %s', (permission, reach, sentence) => {
    expect(changesOf(broker, withReach(broker, permission, reach, broker), labels)).toEqual([sentence]);
  });

  test('is nothing when a cell is put back', () => {
    const there = withReach(broker, 'orders:read', 'none', broker);
    expect(changesOf(broker, withReach(there, 'orders:read', 'ours', broker), labels)).toEqual([]);
  });

  test('names whom it concerns', () => {
    expect(concerned([], 0)).toBe('Nobody has this role at the moment.');
    expect(concerned(['Blair'], 1)).toBe('This concerns Blair, at once, wherever they are signed in.');
    expect(concerned(['Blair', 'Nora'], 2)).toBe('This concerns Blair and Nora, at once, wherever they are signed in.');
    expect(concerned(['Blair', 'Nora'], 5)).toBe('This concerns Blair, Nora and 3 others, at once, wherever they are signed in.');
    expect(concerned([], 3)).toBe('This concerns 3 people, at once.');
  });

  test('every permission of the closed list has words', () => {
    for (const { grants } of seedRoles) for (const { permission } of grants) expect(deedOf(permission, labels)).not.toContain(':');
  });
});
