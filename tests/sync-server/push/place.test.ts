import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Candidate, place } from '../../../sync-server/push/place.ts';

const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const candidates = fc.uniqueArray(
  fc.record({ key: fc.constantFrom(...keys), references: fc.uniqueArray(fc.constantFrom(...keys, 'stored', 'missing')) }),
  {
    selector: ({ key }) => key,
  },
);
const asCandidates = (rows: { key: string; references: string[] }[]): Candidate[] =>
  rows.map(({ key, references }) => ({ key, references: new Set(references) }));

/** The definition itself, by trying every subset: the union of all sets that can stand. */
function largest(rows: Candidate[], stored: ReadonlySet<string>): Set<string> {
  const result = new Set<string>();
  for (let bits = 0; bits < 1 << rows.length; bits += 1) {
    const chosen = rows.filter((_, i) => (bits >> i) & 1);
    const names = new Set(chosen.map(({ key }) => key));
    if (chosen.every(({ references }) => [...references].every((key) => stored.has(key) || names.has(key))))
      for (const name of names) result.add(name);
  }
  return result;
}

test('[SYN-8] what lands is the largest set in which every reference is there', () => {
  fc.assert(
    fc.property(candidates, fc.subarray([...keys, 'stored']), (rows, present) => {
      const stored = new Set(present);
      const all = asCandidates(rows);
      const { land, wait } = place(all, stored);
      expect(new Set(land.map(({ key }) => key))).toEqual(largest(all, stored));
      expect(land.length + wait.length).toBe(all.length);
      for (const { wants } of wait) expect(wants.length).toBeGreaterThan(0);
    }),
    { numRuns: 400 },
  );
});
