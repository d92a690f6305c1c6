/** Where Chromium writes what goes to IndexedDB. */
import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The log of LevelDB that the browser writes to, with its path; undefined before it stored anything. */
export function logOf(profile: string): string | undefined {
  const above = join(profile, 'Default', 'IndexedDB');
  const [store] = readdirSync(above).filter((name) => name.endsWith('.leveldb'));
  const logs = store === undefined ? [] : readdirSync(join(above, store)).filter((name) => /^\d+\.log$/.test(name));
  const last = logs.sort().at(-1);
  return store === undefined || last === undefined ? undefined : join(above, store, last);
}

const BLOCK = 32_768;
const HEAD = 7;
const WHOLE = 1;
const FIRST = 2;
/**
 * Leaves the log as a process does that died in the middle of a write: the head of a record of 1,000 bytes, and half of it. Where the
 * block has less room the record is the first part of one, as LevelDB would have begun it: one whose head reaches beyond its block
 * is what no death leaves, and has the browser throw everything away at the very next start.
 */
export function tear(log: string): void {
  const left = BLOCK - (statSync(log).size % BLOCK);
  const length = Math.min(1000, left - HEAD);
  if (length <= 0) return;
  const part = Buffer.alloc(HEAD + Math.floor(length / 2), 'x');
  part.fill(0, 0, HEAD);
  part.writeUInt16LE(length, 4);
  part[6] = length < 1000 ? FIRST : WHOLE;
  appendFileSync(log, part);
}
