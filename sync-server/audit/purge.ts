/** Removes entries whose time is over, month by month. Their blocks stay, so what is left can be verified as before. */
import { sealedUpTo } from '../db/audit-blocks.ts';
import { type AuditMonth, closedMonths, dropMonth } from '../db/audit-retention.ts';
import type { Database, Runner } from '../db/database.ts';
import { holdsOnMonth, lockHolds } from '../db/holds.ts';
import { securityEvent } from '../db/security-events.ts';
import { isOldEnough } from './retention.ts';

/** The first instant after the month. */
function endOf(month: string): string {
  const end = new Date(`${month}T00:00:00.000Z`);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return end.toISOString();
}

/** A month whose time is over, and the legal holds for which it stays. */
export interface DueMonth extends AuditMonth {
  readonly holds: readonly number[];
}

/** Months whose time is over by now, the oldest first. What comes after a held one stays with it: only the oldest end goes. */
export async function purgeable(runner: Runner, now: Date): Promise<DueMonth[]> {
  const kept = new Map<AuditMonth['log'], readonly number[]>();
  const due: DueMonth[] = [];
  for (const month of await closedMonths(runner)) {
    if (!isOldEnough(endOf(month.month), now)) continue;
    const holds = kept.get(month.log) ?? (await holdsOnMonth(runner, month));
    if (holds.length > 0) kept.set(month.log, holds);
    due.push({ ...month, holds });
  }
  return due;
}

/**
 * Each month in its own transaction, with the event that tells of it. Answers what was due: those without holds went, but for
 * what is not sealed, which stays and is not answered.
 */
export async function purge(db: Database, now: Date, reason: string): Promise<DueMonth[]> {
  const done: DueMonth[] = [];
  for (const due of await purgeable(db, now)) {
    if ((await sealedUpTo(db, due.log)) < due.to) continue;
    const holds = await db.transaction(async (runner) => {
      await lockHolds(runner);
      // One may have been placed since, also on a month before this one.
      const still = (await purgeable(runner, now)).find(({ part }) => part === due.part)?.holds ?? [];
      if (still.length > 0) return still;
      const { log, from, to, month } = due;
      const details = { log, month, from, to };
      await securityEvent(runner, { kind: 'purged', who: undefined, device: 'cli', address: '', at: now, reason, details });
      await dropMonth(runner, due);
      return still;
    });
    done.push({ ...due, holds });
  }
  return done;
}
