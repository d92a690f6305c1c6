/** Where Chromium writes what goes to IndexedDB. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The log of LevelDB that the browser writes to, with its path; undefined before it stored anything. */
export function logOf(profile: string): string | undefined {
  const above = join(profile, 'Default', 'IndexedDB');
  const [store] = readdirSync(above).filter((name) => name.endsWith('.leveldb'));
  const logs = store === undefined ? [] : readdirSync(join(above, store)).filter((name) => /^\d+\.log$/.test(name));
  const last = logs.sort().at(-1);
  return store === undefined || last === undefined ? undefined : join(above, store, last);
}
