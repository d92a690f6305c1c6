/** Removes entries whose time is over, month by month. Their blocks stay, so what is left can be verified as before. */
import type { By } from '../auth/devices.ts';
import { sealedUpTo } from '../db/audit-blocks.ts';
import { type AuditMonth, closedMonths, dropMonth, keepMonths } from '../db/audit-retention.ts';
import { type Database, LockTimeout, type Runner } from '../db/database.ts';
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
export const purgeable = (db: Database, now: Date): Promise<DueMonth[]> =>
  db.transaction(async (runner) => {
    await keepMonths(runner);
    return dueMonths(runner, now);
  });

/** The same where no month goes meanwhile anyway. */
async function dueMonths(runner: Runner, now: Date): Promise<DueMonth[]> {
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

export interface Purged {
  /** What was due: months without holds went. */
  readonly months: readonly DueMonth[];
  /** How many are still to go, for another call; those that are not sealed too. */
  readonly left: number;
  /** Somebody reads the audit, or a month of it is being purged, for longer than this may wait. */
  readonly busy: boolean;
}
interface Purging {
  readonly by: By;
  readonly reason: string;
  /** No month is begun after this time; absent, all go. */
  readonly msMax?: number;
}

/** Answers the holds for which the month stays, undefined when somebody else has removed it meanwhile. */
async function removeMonth(
  db: Database,
  { log, month, part, from, to }: DueMonth,
  now: Date,
  { by, reason }: Purging,
): Promise<readonly number[] | undefined> {
  return db.transaction(async (runner) => {
    await lockHolds(runner);
    // One may have been placed since, also on a month before this one.
    const due = (await dueMonths(runner, now)).find((one) => one.part === part);
    if (!due || due.holds.length > 0) return due?.holds;
    const details = { log, month, from, to, by: { id: by.id, name: by.name } };
    const { device, address } = by;
    await securityEvent(runner, { kind: 'purged', who: undefined, device, address, at: now, reason, details });
    await dropMonth(runner, due);
    return [];
  });
}

/**
 * Each month in its own transaction, with the event that tells of it. What is not sealed waits. Several may do it at once.
 */
export async function purge(db: Database, now: Date, purging: Purging): Promise<Purged> {
  const begun = performance.now();
  const months: DueMonth[] = [];
  let waiting = 0;
  const due = await purgeable(db, now);
  for (const [index, month] of due.entries()) {
    const left = waiting + due.slice(index).filter(({ holds }) => holds.length === 0).length;
    if (performance.now() - begun > (purging.msMax ?? Infinity)) return { months, left, busy: false };
    if ((await sealedUpTo(db, month.log)) < month.to) {
      waiting += 1;
      continue;
    }
    try {
      const holds = await removeMonth(db, month, now, purging);
      if (holds) months.push({ ...month, holds });
    } catch (cause) {
      if (!(cause instanceof LockTimeout)) throw cause;
      return { months, left, busy: true };
    }
  }
  return { months, left: waiting, busy: false };
}
