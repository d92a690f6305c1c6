/** Reads what an inbox entry keeps of a row, as renderer/data/inbox.ts does. */
export function readKept(text: unknown): { readonly mine: Readonly<Record<string, unknown>> } | undefined {
  if (typeof text !== 'string') return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('mine' in value)) return undefined;
  return typeof value.mine === 'object' && value.mine !== null ? { mine: value.mine as Record<string, unknown> } : undefined;
}
