/**
 * Reads values of which one may be lost. Larger ones lie in files of their own (Chromium: from 64 KiB on). Where such a file is
 * gone or cut off, every request that touches the value fails, and one for several values answers none of them.
 */
import type { Table } from 'dexie';

const ofOneValue = new Set(['NotReadableError', 'UnknownError', 'DataError']);

type Values = Table<unknown, number>;
export interface ValueReader {
  /** The value; undefined as well where it alone cannot be read while others can. */
  one(table: Values, key: number): Promise<unknown>;
  /** What `together` answers, or else these values one by one. */
  some(table: Values, keys: readonly number[], together: PromiseLike<unknown[]>): Promise<unknown[]>;
}

/** `probe` reads something small, and rejects where nothing of the database can be read. */
export function makeValueReader(probe: () => PromiseLike<unknown>): ValueReader {
  const one: ValueReader['one'] = async (table, key) => {
    try {
      return await table.get(key);
    } catch (error) {
      if (!(error instanceof Error) || !ofOneValue.has(error.name)) throw error;
      await probe();
      return undefined;
    }
  };
  return {
    one,
    async some(table, keys, together) {
      try {
        return await together;
      } catch {
        // Each fails once more by itself, or is answered.
        const values: unknown[] = [];
        for (const key of keys) values.push(await one(table, key));
        return values;
      }
    },
  };
}
