import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Condition,
  type Viewer,
  accessFields,
  anyOf,
  evaluate,
  isCondition,
  isWithin,
  resolve,
} from '../../../domain/access/condition.ts';
import { conditions, documents, viewers } from './arbitrary-condition.ts';

/** The meaning, written a second time and without any simplification. */
function means(condition: Condition, document: Record<string, unknown>, viewer: Viewer): boolean {
  const has = (field: string, values: readonly string[]): boolean => values.some((value) => document[field] === value);
  if (condition.is === 'and') return !condition.of.some((part) => !means(part, document, viewer));
  if (condition.is === 'or') return condition.of.some((part) => means(part, document, viewer));
  if (condition.is === 'not') return !means(condition.of, document, viewer);
  if (condition.is === 'mine') return has(condition.field, [viewer.accountId]);
  if (condition.is === 'my_desks') return has(condition.field, viewer.desks);
  if (condition.is === 'in') return has(condition.field, condition.values);
  return condition.is === 'all';
}

test('[SYN-7] a condition means the same after it was resolved and simplified', () => {
  fc.assert(
    fc.property(conditions, documents, viewers, (condition, document, viewer) => {
      expect(evaluate(condition, document, viewer)).toBe(means(condition, document, viewer));
    }),
    { numRuns: 3000 },
  );
});

test('[SYN-7] a union reaches what one of its parts reaches', () => {
  fc.assert(
    fc.property(fc.array(conditions, { maxLength: 4 }), documents, viewers, (parts, document, viewer) => {
      const scopes = parts.map((part) => resolve(part, viewer));
      expect(isWithin(anyOf(scopes), document)).toBe(scopes.some((scope) => isWithin(scope, document)));
    }),
  );
});

test('[SYN-7] people who reach the same have the same scope, in whatever order it was stated', () => {
  const one = resolve(
    {
      is: 'or',
      of: [
        { is: 'my_desks', field: 'deskId' },
        { is: 'in', field: 'kind', values: ['b', 'a'] },
      ],
    },
    {
      accountId: 'x',
      desks: ['d2', 'd1'],
    },
  );
  const other = resolve(
    {
      is: 'or',
      of: [{ is: 'in', field: 'kind', values: ['a', 'b', 'a'] }, { is: 'or', of: [{ is: 'my_desks', field: 'deskId' }] }, { is: 'none' }],
    },
    { accountId: 'y', desks: ['d1', 'd2'] },
  );
  expect(JSON.stringify(one)).toBe(JSON.stringify(other));
});

test.each<[string, Condition, Record<string, unknown>, boolean]>([
  ['an absent field is among no values', { is: 'in', field: 'deskId', values: [''] }, {}, false],
  ['null is among no values', { is: 'in', field: 'deskId', values: ['null', ''] }, { deskId: null }, false],
  ['an absent field is outside of all values', { is: 'not', of: { is: 'in', field: 'deskId', values: ['a'] } }, {}, true],
  ['an empty text is a text', { is: 'in', field: 'deskId', values: [''] }, { deskId: '' }, true],
  ['a number is no text', { is: 'in', field: 'deskId', values: ['5'] }, { deskId: 5 }, false],
  ['and of nothing is true', { is: 'and', of: [] }, {}, true],
  ['or of nothing is false', { is: 'or', of: [] }, {}, false],
  ['in nothing is false', { is: 'in', field: 'kind', values: [] }, { kind: 'a' }, false],
  ['whoever has no desk is of no desk', { is: 'my_desks', field: 'deskId' }, { deskId: '' }, false],
])('[SYN-7] %s', (_, condition, document, expected) => {
  expect(evaluate(condition, document, { accountId: 'me', desks: [] })).toBe(expected);
});

test('a stored condition is taken for one only when it is of this version, and every one of this version is', () => {
  fc.assert(
    fc.property(conditions, (condition) => {
      expect(isCondition(JSON.parse(JSON.stringify(condition)))).toBe(true);
    }),
  );
  const deep = Array.from({ length: 20 }).reduce<unknown>((of) => ({ is: 'not', of }), { is: 'all' });
  for (const other of [
    undefined,
    null,
    'all',
    [],
    {},
    { is: 'ALL' },
    { is: 'in', field: 'notes', values: ['x'] },
    { is: 'in', field: 'kind', values: [1] },
    { is: 'in', field: 'kind' },
    { is: 'mine' },
    { is: 'and', of: { is: 'all' } },
    { is: 'not', of: [] },
    { is: 'in', field: '__proto__', values: [] },
    deep,
  ])
    expect(isCondition(other)).toBe(false);
  expect(accessFields).toContain('ownerId');
});
