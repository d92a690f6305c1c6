import { isDeepStrictEqual } from 'node:util';
import { hiddenFields } from './sim-users.ts';

type Values = Readonly<Record<string, unknown>>;
const isNothing = (value: unknown): boolean => value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
const filledAt = (part: Values, key: string, whole: Values | undefined): Values =>
  isNothing(part[key]) && !isNothing(whole?.[key]) ? { ...part, [key]: whole?.[key] } : part;

/** `part` with what stands in its place in `whole`, where the part has nothing in a field that somebody may not see. */
export function filledFrom(collection: string, part: Values, whole: Values): Values {
  let result = part;
  for (const path of hiddenFields[collection] ?? []) {
    const [key = '', inner] = path.split('.');
    const [rows, others] = [result[key], whole[key]];
    if (inner === undefined) result = filledAt(result, key, whole);
    else if (Array.isArray(rows) && Array.isArray(others)) {
      const byId = new Map((others as Values[]).map((row) => [row['lineId'], row]));
      result = { ...result, [key]: (rows as Values[]).map((row) => filledAt(row, inner, byId.get(row['lineId']))) };
    }
  }
  return result;
}

const valuesAt = (values: Values, path: string): unknown => {
  const [key = '', inner] = path.split('.');
  const value = values[key];
  if (inner === undefined || !Array.isArray(value)) return isNothing(value) ? undefined : value;
  return Object.fromEntries((value as Values[]).map((row) => [row['lineId'], isNothing(row[inner]) ? undefined : row[inner]]));
};
/** The fields that somebody may not see and that this write has left as they were. */
export const leftAlone = (collection: string, before: Values, after: Values): string[] =>
  (hiddenFields[collection] ?? []).filter((path) => isDeepStrictEqual(valuesAt(before, path), valuesAt(after, path)));

/** Reads what an inbox entry keeps of a row, as renderer/data/inbox.ts does. */
export function readKept(text: unknown): { readonly mine: Readonly<Record<string, unknown>> } | undefined {
  if (typeof text !== 'string') return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('mine' in value)) return undefined;
  return typeof value.mine === 'object' && value.mine !== null ? { mine: value.mine as Record<string, unknown> } : undefined;
}
