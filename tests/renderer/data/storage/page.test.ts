import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutPages, decodeRow, documentsIn, encodeBody, packColumn, packedAt } from '../../../../renderer/data/storage/page.ts';
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
        const counts = cutPages(lengths, { pageChars: Infinity, rowChars }).flat();
        const rows = encodeBody(owner, { counts, lengths }, texts);
        const places = placesIn(segmentsOf(7, rows.length, rows), { counts, lengths });
        expect(places.map(({ segment: { text = '' }, from, length }) => text.slice(from, from + length))).toEqual(texts);
        const read = rows.map(decodeRow);
        expect(read.flatMap((row) => documentsIn(row.text, 0, row.lengths))).toEqual(documents);
        expect(read.map((row) => [row.owner, row.row, row.first])).toEqual(
          rows.map((_, i) => [owner, i, counts.slice(0, i).reduce((sum, count) => sum + count, 0)]),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('documents cut into pages', () => {
  const lengthsOf = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 300 })), { maxLength: 60 });
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  it('fill their rows and end with one, but for the last; a long document lies alone', () => {
    fc.assert(
      fc.property(lengthsOf, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 400 }), (lengths, rowChars, pageChars) => {
        const pages = cutPages(lengths, { pageChars, rowChars });
        expect(sum(pages.flat())).toBe(lengths.length);
        let at = 0;
        const cut = pages.map((counts) => counts.map((count) => lengths.slice(at, (at += count))));
        const rows = cut.flat();
        for (const [i, row] of rows.entries()) {
          const next = rows[i + 1];
          // Full, or the last one, or before a document that takes a row of its own.
          expect(sum(row) >= rowChars || !next || (next[0] ?? 0) >= rowChars).toBe(true);
          expect(row.length === 1 || sum(row.slice(0, -1)) < rowChars).toBe(true);
          expect(row.length === 1 || row.every((length) => length < rowChars)).toBe(true);
        }
        for (const [i, page] of cut.entries()) {
          expect(i === cut.length - 1 || sum(page.flat()) >= pageChars).toBe(true);
          expect(sum(page.slice(0, -1).flat())).toBeLessThan(pageChars);
          expect(page.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
