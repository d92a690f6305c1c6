/** Random conditions, viewers and documents, with everything that could tell SQL from TypeScript: nulls, absent fields, other types. */
import fc from 'fast-check';
import { type AccessField, type Condition, type Viewer, accessFields } from '../../../domain/access/condition.ts';

/** Few values, so that comparisons are often true; some that are easily taken for something else. */
const value = fc.constantFrom('a', 'b', 'c', '', 'null', '5', 'true', 'A', "o'b", '%', '"', '\\', '{a}', 'ä', '😀');
const field = fc.constantFrom<AccessField[]>(...accessFields);
const values = fc.array(value, { maxLength: 4 });

export const viewers: fc.Arbitrary<Viewer> = fc.record({ accountId: value, desks: fc.array(value, { maxLength: 3 }) });

export const conditions: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ is: fc.constantFrom('mine' as const, 'my_desks' as const), field }),
    fc.record({ is: fc.constant('in' as const), field, values }),
    fc.record({ is: fc.constantFrom('all' as const, 'none' as const) }),
    fc.record({ is: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ is: fc.constant('not' as const), of: tie('tree') }),
  ),
})).tree;

const held = fc.oneof({ arbitrary: value, weight: 6 }, fc.constantFrom<unknown[]>(null, 5, true, false, 1.5, [], ['a'], {}, { a: 'a' }));
export const documents: fc.Arbitrary<Record<string, unknown>> = fc.record(
  Object.fromEntries(accessFields.map((name) => [name, held])) as Record<AccessField, typeof held>,
  { requiredKeys: [] },
);
