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

/** Reads what an inbox entry keeps of a row, as renderer/data/inbox.ts does. */
export function readKept(text: unknown): { readonly mine: Readonly<Record<string, unknown>> } | undefined {
  if (typeof text !== 'string') return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('mine' in value)) return undefined;
  return typeof value.mine === 'object' && value.mine !== null ? { mine: value.mine as Record<string, unknown> } : undefined;
}
