/** Random documents of any entity, and random changes of them, for the laws of the merge. */
import {
  assert,
  type Arbitrary,
  constant,
  constantFrom,
  integer,
  property,
  record,
  shuffledSubarray,
  tuple,
  array,
  boolean,
} from 'fast-check';
import { type AnyDocument, type Entity, allFields } from '../../../domain/entity/entity.ts';
import type { Field, Fields } from '../../../domain/entity/field.ts';
import type { RecordState } from '../../../domain/record/merge.ts';
import { nouns } from '../../../domain/registry.ts';

type Values = Record<string, unknown>;

const texts: Readonly<Record<string, readonly string[]>> = {
  email: ['a@b.co', 'c@d.co'],
  phone: ['620 227 5831', '620 227 5832'],
  url: ['https://a.example', 'https://b.example'],
  timezone: ['America/Chicago', 'America/Denver'],
};
/** Few values, so that two sides often agree and often clash. */
function valueOf(f: Field): Arbitrary<unknown> {
  const words = texts[f.format ?? ''] ?? ['a', 'b', 'c'];
  switch (f.kind) {
    case 'text':
      if (f.long === true)
        return array(constantFrom('one', 'two', 'three', 'four'), { minLength: 1, maxLength: 5 }).map((l) => l.join('\n'));
      return constantFrom(...words);
    case 'choice':
      return constantFrom(...Object.keys(f.options ?? {}).slice(0, 3));
    case 'set':
      return shuffledSubarray(f.options ? Object.keys(f.options).slice(0, 4) : [...words], { minLength: f.required || !f.present ? 1 : 0 });
    case 'refs':
      return shuffledSubarray(['r-1', 'r-2', 'r-3'], { minLength: f.required || !f.present ? 1 : 0 });
    case 'flag':
      return boolean();
    case 'date':
      return constantFrom('2026-09-04', '2026-09-05', '2026-09-06');
    case 'instant':
      return constantFrom('2026-09-04T14:00:00.000Z', '2026-09-05T14:00:00.000Z');
    case 'ref':
      return constantFrom('r-1', 'r-2', 'r-3');
    case 'group':
      return valuesOf(f.fields ?? {});
    case 'lines':
      return shuffledSubarray(['l-1', 'l-2', 'l-3', 'l-4'], { minLength: f.required || !f.present ? 1 : 0 }).chain((ids) =>
        tuple(...ids.map((lineId) => valuesOf(f.fields ?? {}).map((row) => ({ lineId, ...row })))),
      );
    case 'integer':
    case 'cents':
    case 'price':
    case 'weight':
    case 'percent':
      return integer({ min: 1, max: 3 }).map((n) => Math.min(f.most ?? n, Math.max(f.least ?? n, 0) + n));
  }
}
const valuesOf = (fields: Fields): Arbitrary<Values> =>
  record(
    Object.fromEntries(
      Object.entries(fields).map(([key, f]) => [
        key,
        f.present ? valueOf(f) : integer({ max: 2, min: 0 }).chain((n) => (n === 0 ? constant(undefined) : valueOf(f))),
      ]),
    ),
  ).map((values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));

type Dice = () => number;
function dice(numbers: readonly number[]): Dice {
  let at = 0;
  return () => numbers[(at += 1) % numbers.length] ?? 0;
}

/** `from` with some of what `other` has instead; rows of lists go, come, change and move one by one. */
function mixed(fields: Fields, from: Values, other: Values, roll: Dice): Values {
  const result: Values = {};
  for (const key of Object.keys(fields)) {
    const [a, b, f] = [from[key], other[key], fields[key]];
    const changed = roll() % 4 === 0;
    const value = f?.kind === 'lines' && changed ? mixedRows(f, a, b, roll) : changed ? b : a;
    if (value !== undefined) result[key] = value;
  }
  return result;
}
function mixedRows(f: Field, from: unknown, other: unknown, roll: Dice): Values[] {
  const [own, others] = [(from ?? []) as Values[], (other ?? []) as Values[]];
  const ids = new Set(own.map((row) => row['lineId']));
  const rows = own.flatMap((row) => {
    if (roll() % 6 === 0) return [];
    const source = others.find(({ lineId }) => lineId === row['lineId']);
    return [source && roll() % 2 === 0 ? { lineId: row['lineId'], ...mixed(f.fields ?? {}, row, source, roll) } : row];
  });
  rows.push(...others.filter((row) => !ids.has(row['lineId']) && roll() % 2 === 0));
  if (rows.length === 0 && (f.required || !f.present)) return own;
  return roll() % 5 === 0 ? rows.toReversed() : rows;
}

export interface Triple {
  readonly entity: Entity;
  readonly base: RecordState;
  readonly mine: RecordState;
  readonly theirs: RecordState;
}
/** A state, and two that were made from it. */
const triples: Arbitrary<Triple> = constantFrom(...nouns).chain(({ entity }) => {
  const fields = allFields(entity);
  const numbers = array(integer({ min: 0, max: 1000 }), { minLength: 40, maxLength: 200 });
  const deleted = constantFrom(false, false, false, true);
  return tuple(valuesOf(fields), valuesOf(fields), valuesOf(fields), numbers, numbers, deleted, deleted, deleted).map(
    ([values, one, two, first, second, was, isMine, isTheirs]) => {
      const named = (document: Values): AnyDocument => ({ ...document, id: 'record-1' }) as unknown as AnyDocument;
      return {
        entity,
        base: { doc: named(values), deleted: was },
        mine: { doc: named(mixed(fields, values, one, dice(first))), deleted: isMine },
        theirs: { doc: named(mixed(fields, values, two, dice(second))), deleted: isTheirs },
      };
    },
  );
});

/** Asks a law of many triples of states of all entities. */
export function holdsForAll(law: (triple: Triple) => void, numRuns = 400): void {
  assert(property(triples, law), { numRuns, endOnFailure: true });
}
