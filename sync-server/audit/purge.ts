/** Removes entries whose time is over, month by month. Their blocks stay, so what is left can be verified as before. */
import { sealedUpTo } from '../db/audit-blocks.ts';
import { type AuditMonth, closedMonths, dropMonth } from '../db/audit-retention.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { isOldEnough } from './retention.ts';

/** The first instant after the month. */
function endOf(month: string): string {
  const end = new Date(`${month}T00:00:00.000Z`);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return end.toISOString();
}

/** Those that may go by now. */
export async function purgeable(db: Database, now: Date): Promise<AuditMonth[]> {
  return (await closedMonths(db)).filter(({ month }) => isOldEnough(endOf(month), now));
}

/** Each month in its own transaction, with the event that tells of it; answers those that went. What is not sealed stays. */
export async function purge(db: Database, now: Date, reason: string): Promise<AuditMonth[]> {
  const gone: AuditMonth[] = [];
  for (const month of await purgeable(db, now)) {
    if ((await sealedUpTo(db, month.log)) < month.to) continue;
    await db.transaction(async (runner) => {
      const { log, from, to } = month;
      const details = { log, month: month.month, from, to };
      await securityEvent(runner, { kind: 'purged', who: undefined, device: 'cli', address: '', at: now, reason, details });
      await dropMonth(runner, month);
    });
    gone.push(month);
  }
  return gone;
}
