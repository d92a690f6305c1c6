/**
 * Has the browser leave the log that it found. Chromium keeps IndexedDB in LevelDB and goes on in the log of the time before
 * (`reuse_logs`). A process that died in the middle of a write leaves a torn record at its end. The next start passes over that; but
 * what is then written behind it makes it damage in the middle, and the start after that throws all data of this origin away,
 * without a word. Tried with Chromium 156 (tests/browser/storage-kill.e2e.ts).
 *
 * Where the log before holds some 4 MB a new one begins, and the old one goes. So that much is written: in pieces that stay in the log
 * (larger values get files of their own), that no other write waits long for, and that cannot be compressed.
 */
import type { Disk } from './disk.ts';

const PIECE = 48_000;
/** Of one transaction. */
const PIECES = 8;
const TIMES = 13;
/** Bytes that have to be free: what is left on a nearly full device is for what people write. */
const ROOM = 64 * 1024 * 1024;

/** False where the browser tells that there is too little. */
async function hasRoom(): Promise<boolean> {
  const storage = 'storage' in navigator ? navigator.storage : undefined;
  const { quota, usage } = (await storage?.estimate()) ?? {};
  return quota === undefined || usage === undefined || quota - usage >= ROOM;
}

/** Does nothing where there is little room. Ends early when the disk is to be closed. Rejects as writes do. */
export async function beginFreshLog(disk: Pick<Disk, 'fill'>, isClosed: () => boolean): Promise<void> {
  if (!(await hasRoom())) return;
  const pieces = () => Array.from({ length: PIECES }, () => crypto.getRandomValues(new Uint8Array(PIECE)));
  for (let time = 0; time < TIMES && !isClosed(); time += 1) await disk.fill(pieces());
  if (!isClosed()) await disk.fill(Array.from({ length: PIECES }, () => undefined));
}
