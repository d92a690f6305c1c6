import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packColumn, packedAt } from '../../../../renderer/data/storage/page.ts';

describe('a column of a page', () => {
  it('gives back every value in its place, few different ones or many, over the disk', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.constantFrom('a', 'b', ''),
      fc.integer({ min: 0, max: 3 }),
      fc.string(),
      fc.double({ noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        const plain = JSON.parse(JSON.stringify(values)) as unknown[];
        const stored = JSON.parse(JSON.stringify(packColumn(plain))) as ReturnType<typeof packColumn>;
        expect(plain.map((_, position) => packedAt(stored, position))).toEqual(plain);
        expect(packedAt(stored, values.length)).toBeUndefined();
      }),
    );
  });

  it('keeps a choice once a page', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 'supplier_location' : 'plant'));
    expect(JSON.stringify(packColumn(values)).length).toBeLessThan(300);
  });
});
