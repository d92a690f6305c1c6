/** Rows that are no records and no audit, and are needed only for devices that come back: pruned when none can be away that long. */
import type { Runner } from './database.ts';

export interface Pruned {
  readonly settled: number;
  readonly accessChanges: number;
  readonly servedScopes: number;
}

async function removed(runner: Runner, text: string, before: string): Promise<number> {
  const [row] = await runner.rows<{ count: number }>({
    text: `with gone as (${text} returning 1) select count(*) from gone`,
    values: [before],
  });
  return row?.count ?? 0;
}

/**
 * Removes what is older than this ISO instant. Settled rows: a row that is sent again after that is merged a second time.
 * Moves of records: a device that comes back after that is told of them by its daily check, not by its first pull; whole months
 * of the feed go. Scopes: whoever comes back with one is served everything anew.
 */
export async function pruneBookkeeping(runner: Runner, before: string): Promise<Pruned> {
  return {
    settled: await removed(runner, 'delete from settled where at < $1', before),
    accessChanges: await removed(
      runner,
      `delete from access_changes where seq < (select max(from_seq) from audit_months
        where log = 'audit' and month <= date_trunc('month', $1::timestamptz at time zone 'utc'))`,
      before,
    ),
    servedScopes: await removed(runner, 'delete from served_scopes where served_on < $1::timestamptz::date', before),
  };
}
