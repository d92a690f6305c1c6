/**
 * Chromium keeps larger values of IndexedDB in files of their own. Where such a file is gone or cut off, every request that
 * touches the value fails: `NotReadableError: Data lost due to missing file`, or `UnknownError: Failed to read large IndexedDB
 * value` (both seen with Chromium 156). Here as much is done to chosen rows of the stand-in.
 */
import { IDBKeyRange as FakeRange, IDBObjectStore as FakeStore } from 'fake-indexeddb';

const lost = new Map<string, Set<number | 'all'>>();
/** From now on this row of this table cannot be read, or none of it. */
export function loseValue(table: string, key: number | 'all'): void {
  const keys = lost.get(table) ?? new Set();
  keys.add(key);
  lost.set(table, keys);
}
/** All can be read again. */
export const findLost = (): void => lost.clear();

function touches(table: string, query: unknown): boolean {
  const keys = lost.get(table);
  if (!keys) return false;
  if (keys.has('all')) return true;
  // A key, a range, all, or the newest form of `getAll`, which names its range.
  const range = typeof query === 'object' && query !== null && 'query' in query ? query.query : query;
  return [...keys].some(
    (key) => range === key || range === undefined || range === null || (range instanceof FakeRange && range.includes(key)),
  );
}
for (const method of ['get', 'getAll'] as const) {
  const own = Reflect.get(FakeStore.prototype, method) as (...args: unknown[]) => unknown;
  Reflect.set(FakeStore.prototype, method, function read(this: { readonly name: string }, ...args: unknown[]): unknown {
    if (touches(this.name, args[0])) throw new DOMException('Data lost due to missing file', 'NotReadableError');
    return Reflect.apply(own, this, args);
  });
}
