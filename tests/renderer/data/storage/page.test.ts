import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRow, documentsIn, encodeBody, packColumn, packedAt, rowCounts } from '../../../../renderer/data/storage/page.ts';
import { placesIn, segmentsOf } from '../../../../renderer/data/storage/segment.ts';

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

describe('the body of a page', () => {
  it('gives back every document by its place and by its row alone, whatever the rows hold', () => {
    const owner = { number: 3, name: 'loads\n"', version: 1, primary: 'id' };
    const some = fc.array(fc.record({ id: fc.string(), note: fc.string({ unit: 'binary', maxLength: 60 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 400 }), (documents, rowChars) => {
        const texts = documents.map((document) => JSON.stringify(document));
        const lengths = texts.map(({ length }) => length);
        const counts = rowCounts(lengths, rowChars);
        const rows = encodeBody(owner, { counts, lengths }, texts);
        const places = placesIn(segmentsOf(7, rows.length, rows), { counts, lengths });
        expect(places.map(({ segment: { text = '' }, from, length }) => text.slice(from, from + length))).toEqual(texts);
        const read = rows.map(decodeRow);
        expect(read.flatMap((row) => documentsIn(row.text, 0, row.lengths))).toEqual(documents);
        expect(read.map((row) => [row.owner, row.row, row.first])).toEqual(
          rows.map((_, i) => [owner, i, counts.slice(0, i).reduce((sum, count) => sum + count, 0)]),
        );
        // Rows are filled, and only a document that is longer alone is in a longer one.
        for (const [i, { lengths: own }] of read.entries()) {
          const chars = own.reduce((sum, length) => sum + length, 0);
          expect(own.length === 1 || chars <= rowChars).toBe(true);
          expect(i + 1 === rows.length || chars + (read[i + 1]?.lengths[0] ?? 0) > rowChars).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
