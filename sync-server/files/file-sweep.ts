/** What is swept from time to time: uploads that nobody goes on with, and contents that no record names any more. */
import { forgetContent, isUnnamed, logFile, takeStaleUploads, unnamedContents, withContentLock } from '../db/files.ts';
import type { FileDependencies } from './uploads.ts';

/** A device that was switched off over a long weekend still goes on where it stopped. */
export const UPLOAD_DAYS_MAX = 7;
/** Long enough to notice a record that was changed to another file by mistake. */
export const UNNAMED_DAYS_MAX = 30;
const DAY_MS = 86_400_000;
const BATCH = 200;

/** One round; answers how many contents it removed. Several server processes may sweep at once. */
export async function sweepFiles({
  db,
  store,
  names,
  now,
  log,
}: Pick<FileDependencies, 'db' | 'store' | 'names' | 'now' | 'log'>): Promise<number> {
  const at = now();
  const daysAgo = (days: number): string => new Date(at.getTime() - days * DAY_MS).toISOString();
  for (const upload of await takeStaleUploads(db, daysAgo(UPLOAD_DAYS_MAX))) await store.dropUpload(upload);
  const before = daysAgo(UNNAMED_DAYS_MAX);
  let removed = 0;
  for (;;) {
    const found = await unnamedContents(db, names, { now: at.toISOString(), before, limit: BATCH });
    for (const sha256 of found) {
      // Locked, so that nobody links the content while it goes. A crash in between leaves an entry that the next round removes.
      const gone = await withContentLock(db, sha256, async (runner) => {
        if (!(await isUnnamed(runner, names, sha256, before))) return false;
        await store.remove(sha256);
        await forgetContent(runner, sha256);
        await logFile(runner, { what: 'collected', sha256 });
        return true;
      });
      if (gone) removed += 1;
    }
    if (found.length < BATCH) break;
  }
  if (removed > 0) log.info({ removed }, 'contents that no record named were removed');
  return removed;
}
