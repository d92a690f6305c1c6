/** What a writer changed, laid onto a state of which the writer knew only a part. */
import { castDown, stepUpFrom } from '../entity/cast.ts';
import type { Entity } from '../entity/entity.ts';
import { addedBy } from '../entity/rx-schema.ts';

type Values = Readonly<Record<string, unknown>>;

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
const lineIdOf = (value: unknown): string | undefined =>
  isValues(value) && typeof value['lineId'] === 'string' && value['lineId'] !== '' ? value['lineId'] : undefined;
const areLines = (value: unknown): value is readonly Values[] =>
  Array.isArray(value) && value.every((item) => lineIdOf(item) !== undefined);

/** Equality of JSON values; the order of keys means nothing, the order of entries does. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (!isValues(a) || !isValues(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}

/**
 * `kept` with what changes between `seen` and `mine`: what the writer saw and left alone stays as it is kept, and so does
 * what the writer never saw. Lines are followed by their id; any other list is one value.
 */
export function overlay(kept: unknown, seen: unknown, mine: unknown): unknown {
  if (sameValue(seen, mine)) return kept;
  if (isValues(kept) && isValues(seen) && isValues(mine)) {
    const result: Record<string, unknown> = {};
    for (const key of new Set([...Object.keys(kept), ...Object.keys(mine)])) {
      const value = Object.hasOwn(mine, key) || Object.hasOwn(seen, key) ? overlay(kept[key], seen[key], mine[key]) : kept[key];
      if (value !== undefined) result[key] = value;
    }
    return result;
  }
  if (areLines(kept) && areLines(seen) && areLines(mine)) {
    const byId = (lines: readonly Values[]): Map<string | undefined, Values> => new Map(lines.map((line) => [lineIdOf(line), line]));
    const [keptLines, seenLines] = [byId(kept), byId(seen)];
    return mine.map((line) => overlay(keptLines.get(lineIdOf(line)), seenLines.get(lineIdOf(line)), line));
  }
  return mine;
}

/**
 * What a device of an older version wrote, as the entity's own version: a patch over the fields that it knows. `kept` is the
 * newest state that the server holds of the record; without one the steps up decide. Fields that the device does not know
 * are those of `kept`, value for value (I18). Throws what an `up` throws for a document that is not of that version.
 */
export function liftOnto(entity: Entity, version: number, written: Values, kept: Values | undefined): Record<string, unknown> {
  const known: Record<string, unknown> = { ...written };
  for (const change of entity.changes.slice(version)) for (const key of addedBy(change)) delete known[key];
  const mine = stepUpFrom(entity, version, known);
  if (!kept) return mine;
  const seen = stepUpFrom(entity, version, castDown(entity, version, kept));
  return overlay(kept, seen, mine) as Record<string, unknown>;
}
