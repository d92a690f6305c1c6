/** Numbers about the database, for whoever looks after the server. */
import type { DatabaseHealth } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

export async function databaseHealth(runner: Runner): Promise<DatabaseHealth> {
  const rows = await runner.rows<DatabaseHealth>({
    text: `select current_setting('server_version') as version, pg_database_size(current_database()) as bytes,
        (select count(*) from pg_stat_activity where datname = current_database()) as connections,
        current_setting('max_connections')::int as "connectionsMax", pg_postmaster_start_time() as "startedAt",
        (select seq from feed_head) as position, (select count(*) from parked) as waiting, (select min(at) from parked) as "waitingSince",
        (select count(*) from refused r where not exists (select from refusals_closed c where c.number = r.number)) as refusals,
        (select count(*) from sessions where ended_at is null and expires_at > clock_timestamp()) as sessions`,
  });
  const [row] = rows;
  if (!row) throw new Error('the database told nothing of itself');
  return row;
}
