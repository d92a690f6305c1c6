/** Months whose time is over, and taking them out whole. */
import type { AuditLog } from '../audit/block.ts';
import type { Runner } from './database.ts';

export interface AuditMonth {
  readonly log: AuditLog;
  /** First day of the month, as a date. */
  readonly month: string;
  /** First and last position in it. */
  readonly from: number;
  readonly to: number;
  readonly part: string;
}
/** Months that are closed, the oldest first; the newest of a log never is. */
export async function closedMonths(runner: Runner): Promise<AuditMonth[]> {
  return runner.rows<AuditMonth>({
    text: `select log, month::text as month, from_seq as "from", next - 1 as to, part
      from (select *, lead(from_seq) over (partition by log order by month) as next from audit_months) m where next is not null order by month, log`,
  });
}

/** Until the transaction ends no month goes, so that what is listed can be looked at. */
export const keepMonths = (runner: Runner): Promise<unknown[]> => runner.rows({ text: 'lock table audit_months in share mode' });

/** The month's entries are gone when the transaction commits; what seals them stays. */
export async function dropMonth(runner: Runner, { log, month, to, part }: AuditMonth): Promise<void> {
  // Whoever writes waits behind this for who reads.
  await runner.rows({ text: `set local lock_timeout = '2s'` });
  await runner.rows({ text: 'lock table audit_months in row exclusive mode' });
  // The name comes from audit_months, which only migrations and audit_turn write.
  await runner.rows({ text: `drop table "${part.replaceAll('"', '""')}"` });
  await runner.rows({ text: 'delete from audit_months where log = $1 and month = $2', values: [log, month] });
  if (log === 'audit') await runner.rows({ text: 'delete from applied where seq <= $1', values: [to] });
}
