import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStorable } from '../../../sync-server/db/apply.ts';

/** Texts of any UTF-16 units, often of those that matter: NUL, halves of pairs, and escapes that are only written out. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom('\0', '\ud83d', '\ude00', '\ud83d\ude00', '\\', '\\u0000', '\\ud83d', 'u0000'),
    ),
    { maxLength: 4 },
  )
  .map((units) => units.join(''));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));

describe('what Postgres can hold as it is', () => {
  test('is what JSON writes without an escape for NUL or for half of a surrogate pair', () => {
    fc.assert(
      fc.property(value, (one) => {
        // Pairs of backslashes are backslashes that were typed; what follows an odd one is an escape.
        const escapes = JSON.stringify(one).replaceAll('\\\\', '');
        expect(isStorable(one)).toBe(!/\\u(?:0000|d[89a-f][0-9a-f]{2})/i.test(escapes));
      }),
      { numRuns: 2000 },
    );
  });
});
