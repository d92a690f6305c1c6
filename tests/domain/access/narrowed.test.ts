import { expect, test } from 'vitest';
import { ALL } from '../../../domain/access/condition.ts';
import { contains, narrowedTo } from '../../../domain/access/narrowed.ts';
import type { Grant } from '../../../domain/access/rights.ts';

const grant = (permission: Grant['permission']): Grant => ({ permission, when: ALL });

test('a permission contains itself, and that of all contains that of one', () => {
  expect(contains('*:read', 'orders:read')).toBe(true);
  expect(contains('orders:read', 'orders:read')).toBe(true);
  expect(contains('orders:read', '*:read')).toBe(false);
  expect(contains('orders:read', 'orders:update')).toBe(false);
  expect(contains('orders:read', 'lots:read')).toBe(false);
  expect(contains('*:read', 'users:read')).toBe(false);
});

test('grants never grow: a key of all has what its owner has, a key of one has that one', () => {
  const owner: Grant[] = [grant('*:read'), { ...grant('orders:update'), fields: ['note'] }];
  expect(narrowedTo(owner, ['*:read', '*:update', '*:delete'])).toEqual(owner);
  expect(narrowedTo(owner, ['orders:read', 'lots:read'])).toEqual([grant('orders:read'), grant('lots:read')]);
  expect(narrowedTo(owner, ['orders:update'])).toEqual([{ ...grant('orders:update'), fields: ['note'] }]);
  expect(narrowedTo(owner, ['lots:update'])).toEqual([]);
  expect(narrowedTo(owner, [])).toEqual([]);
  expect(narrowedTo(owner, ['users:read', 'audit:read'])).toEqual([]);
});
