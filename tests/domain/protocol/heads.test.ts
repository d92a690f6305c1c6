import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHeads, writeHeads } from '../../../domain/protocol/heads.ts';

const key = fc.stringMatching(/^[\w-]{1,30}$/);
const position = fc.nat({ max: Number.MAX_SAFE_INTEGER });

test('heads are read as they were written, and fit into a header', () => {
  const collections = fc.array(fc.tuple(key, fc.record({ last: position, scope: key })), { maxLength: 20 }).map((some) => new Map(some));
  fc.assert(
    fc.property(fc.record({ epoch: key, seq: position, collections }), (heads) => {
      const text = writeHeads(heads);
      expect(text).toMatch(/^[\x21-\x7e]+$/);
      expect(readHeads(text)).toEqual(heads);
    }),
  );
});

test('what is no such text says nothing', () => {
  for (const text of [
    '',
    'e1',
    'e1;',
    'e1;x',
    ';1',
    'e1;1;orders',
    'e1;1;orders:2',
    'e1;1;orders:-2:all',
    'e1;1;:2:all',
    'e1;99999999999999999',
  ])
    expect(readHeads(text)).toBeUndefined();
});
