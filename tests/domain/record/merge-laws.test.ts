/** The laws M1 to M11 of a three-way merge, over random states of every entity. */
import { describe, expect, test } from 'vitest';
import { type AnyDocument, allFields } from '../../../domain/entity/entity.ts';
import { validate } from '../../../domain/entity/validate.ts';
import { type RecordState, mergeRecord } from '../../../domain/record/merge.ts';
import { same } from '../../../domain/record/same.ts';
import { nouns } from '../../../domain/registry.ts';
import { type Triple, holdsForAll } from './states.ts';

type Values = Readonly<Record<string, unknown>>;
const merged = ({ entity, base, mine, theirs }: Triple) => mergeRecord(entity, base, mine, theirs);
const stateOf = ({ doc, deleted }: RecordState): RecordState => ({ doc, deleted });

/** Every value of a document by its path; entries of sets and lines of long texts by themselves, rows by their id. */
function leaves(value: unknown, path: string, into: Map<string, unknown>): Map<string, unknown> {
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      if (typeof item === 'object' && item !== null) leaves(item, `${path}.${String((item as Values)['lineId'])}`, into);
      else into.set(`${path}=${String(item)}`, item);
    }
  } else if (typeof value === 'string') for (const line of value.split('\n')) into.set(`${path}=${line}`, line);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) leaves(inner, path === '' ? key : `${path}.${key}`, into);
  } else if (value !== undefined) into.set(`${path}=${String(value)}`, value);
  return into;
}
const leavesOf = (doc: AnyDocument): Map<string, unknown> => leaves(doc, '', new Map());

/** A document without the order of its sets, which means nothing, and of its rows, which is that of who came first. */
const unordered = ({ doc, deleted }: RecordState): { deleted: boolean; doc: Record<string, unknown> } => {
  const nameOf = (item: unknown): string => (typeof item === 'object' ? String((item as Values)['lineId']) : String(item));
  const sorted = (value: unknown): unknown =>
    Array.isArray(value) ? (value as unknown[]).toSorted((a, b) => nameOf(a).localeCompare(nameOf(b))).map(inRow) : value;
  const inRow = (row: unknown): unknown =>
    typeof row === 'object' && row !== null ? Object.fromEntries(Object.entries(row).map(([key, value]) => [key, sorted(value)])) : row;
  return { deleted, doc: inRow(doc) as Record<string, unknown> };
};
/** The same values under keys in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

describe('the laws of the merge', () => {
  test('[SYN-6] M1: what nobody else touched becomes mine', () => {
    holdsForAll(({ entity, base, mine }) => {
      expect(mergeRecord(entity, base, mine, base)).toEqual({ ...stateOf(mine), clashes: [] });
    });
  });

  test('[SYN-6] M2: what I did not touch stays theirs', () => {
    holdsForAll(({ entity, base, theirs }) => {
      expect(mergeRecord(entity, base, base, theirs)).toEqual({ ...stateOf(theirs), clashes: [] });
    });
  });

  test('[SYN-6] M3: what both made the same is the same', () => {
    holdsForAll(({ entity, base, mine }) => {
      expect(mergeRecord(entity, base, mine, mine)).toEqual({ ...stateOf(mine), clashes: [] });
    });
  });

  test('[SYN-6] M4: the order of keys changes nothing', () => {
    holdsForAll((triple) => {
      const turned = (state: RecordState): RecordState => ({ ...state, doc: reversed(state.doc) as AnyDocument });
      const { entity, base, mine, theirs } = triple;
      const [one, other] = [merged(triple), mergeRecord(entity, turned(base), turned(mine), turned(theirs))];
      expect(stateOf(other)).toEqual(stateOf(one));
      expect(new Set(other.clashes.map((clash) => clash.path))).toEqual(new Set(one.clashes.map((clash) => clash.path)));
    });
  });

  test('[SYN-6] M5: merged a second time, nothing changes', () => {
    holdsForAll((triple) => {
      const once = merged(triple);
      expect(stateOf(merged({ ...triple, theirs: stateOf(once) }))).toEqual(stateOf(once));
    });
  });

  test('[SYN-6] M6: every value comes from one of the three', () => {
    holdsForAll((triple) => {
      const known = new Map([triple.base, triple.mine, triple.theirs].flatMap((state) => [...leavesOf(state.doc)]));
      expect([...leavesOf(merged(triple).doc).keys()].filter((leaf) => !known.has(leaf))).toEqual([]);
    });
  });

  test('[SYN-6] M7: each value that I changed is in the result, or named as a clash with its value', () => {
    holdsForAll((triple) => {
      const { entity, base, mine } = triple;
      const result = merged(triple);
      const kept = leavesOf(result.doc);
      for (const { path, mine: value } of result.clashes) leaves(value, path, kept);
      const fields = allFields(entity);
      const isComputed = (leaf: string): boolean => {
        const [first = '', , third = ''] = leaf.replace(/=.*$/su, '').split('.');
        const f = fields[first];
        return first !== 'importedRaw' && (f?.computed === true || f?.fields?.[third]?.computed === true);
      };
      const before = leavesOf(base.doc);
      const lost = [...leavesOf(mine.doc).keys()].filter((leaf) => !before.has(leaf) && !kept.has(leaf) && !isComputed(leaf));
      // What I emptied is empty, or named.
      const named = result.clashes.map((clash) => clash.path);
      for (const key of Object.keys(fields)) {
        const emptied = base.doc[key] !== undefined && mine.doc[key] === undefined && result.doc[key] !== undefined;
        if (emptied && same(triple.theirs.doc[key], base.doc[key]) && !named.includes(key)) lost.push(key);
      }
      expect(lost).toEqual([]);
    });
  });

  test('[SYN-6] M8: rows keep ids of their own, and a list has one order', () => {
    holdsForAll((triple) => {
      for (const value of Object.values(merged(triple).doc)) {
        if (!Array.isArray(value)) continue;
        const ids = (value as Values[]).map((row) => (typeof row === 'object' ? row['lineId'] : row));
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).not.toContain(undefined);
      }
    });
  });

  test('[SYN-6] M9: of sound states the merged one is sound too', () => {
    holdsForAll((triple) => {
      expect(validate(triple.entity, triple.mine.doc)).toEqual([]);
      expect(validate(triple.entity, merged(triple).doc)).toEqual([]);
    });
  });

  test('[SYN-6] M10: fields of a newer version survive, in the record and in its rows', () => {
    holdsForAll((triple) => {
      const later = (values: Values): Values => ({
        ...Object.fromEntries(
          Object.entries(values).map(([key, value]) => [
            key,
            Array.isArray(value)
              ? (value as unknown[]).map((row) => (typeof row === 'object' && row !== null ? { ...row, newer: 1 } : row))
              : value,
          ]),
        ),
        newer: { of: 'later' },
      });
      const theirs = { ...triple.theirs, doc: later(triple.theirs.doc) as AnyDocument };
      const { doc } = merged({ ...triple, theirs });
      expect(doc['newer']).toEqual({ of: 'later' });
      for (const [key, value] of Object.entries(doc)) {
        if (!Array.isArray(value)) continue;
        const stored = theirs.doc[key];
        const storedIds = Array.isArray(stored) ? (stored as Values[]).map((row) => row['lineId']) : [];
        for (const row of value as Values[]) {
          if (typeof row === 'object' && storedIds.includes(row['lineId'])) expect(row['newer']).toBe(1);
        }
      }
    });
  });

  test('[SYN-6] M11: where nothing clashes it does not matter who came first', () => {
    let clean = 0;
    holdsForAll((triple) => {
      const one = merged(triple);
      const other = mergeRecord(triple.entity, triple.base, triple.theirs, triple.mine);
      expect(other.clashes.length === 0).toBe(one.clashes.length === 0);
      if (one.clashes.length > 0) return;
      const computed = Object.entries(allFields(triple.entity)).filter(([, f]) => f.computed);
      const [a, b] = [unordered(one), unordered(other)];
      for (const [key] of computed) {
        delete a.doc[key];
        delete b.doc[key];
      }
      expect(b).toEqual(a);
      clean += 1;
    }, 1500);
    expect(clean).toBeGreaterThan(20);
  });
});

describe('fields that belong together', () => {
  test.each(nouns.map((noun) => [noun.entity.collection, noun.entity] as const))('of %s exist, once, at one place', (_name, entity) => {
    const fields = allFields(entity);
    const paths = (entity.together ?? []).flat();
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) {
      const [first = '', inner] = path.split('.');
      const f = inner === undefined ? fields[first] : fields[first]?.fields?.[inner];
      expect(f, path).toBeDefined();
      expect(f?.computed, path).toBe(false);
      expect(['set', 'refs', 'lines', 'group'], path).not.toContain(f?.kind);
    }
    for (const unit of entity.together ?? []) expect(new Set(unit.map((path) => path.split('.').slice(0, -1).join('.'))).size).toBe(1);
  });
});
