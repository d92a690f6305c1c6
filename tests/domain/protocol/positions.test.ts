import fc from 'fast-check';
import { expect, test } from 'vitest';
import { POSITIONS_MAX, readPositions, writePositions } from '../../../domain/protocol/positions.ts';

const position = fc.nat({ max: Number.MAX_SAFE_INTEGER });

test('positions are read as they were written, and fit into a header that proxies take', () => {
  const at = fc.array(position, { minLength: 1, maxLength: POSITIONS_MAX });
  fc.assert(
    fc.property(fc.record({ epoch: fc.stringMatching(/^[\w-]{1,30}$/), at }), (positions) => {
      const text = writePositions(positions);
      expect(text).toMatch(/^[\x21-\x7e]{1,4000}$/);
      expect(readPositions(text, positions.at.length)).toEqual(positions);
    }),
  );
});

test('what is no such text, or tells of another number of rows, says nothing', () => {
  for (const text of ['', 'e1', 'e1;', ';1', 'e1;x', 'e1;-1', 'e1;1,2', 'e1;1.5', 'e1;99999999999999999'])
    expect(readPositions(text, 1)).toBeUndefined();
});
