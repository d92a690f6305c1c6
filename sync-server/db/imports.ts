/** Imports that have come, by the event that each of them left, and what is there of them. */
import type { ImportLine } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

/** The newest first. */
export async function importsSeen(runner: Runner, limit: number): Promise<Omit<ImportLine, 'records'>[]> {
  return runner.rows<Omit<ImportLine, 'records'>>({
    text: `select details->>'importId' as id, at, coalesce(account_id, '') as "accountId", account_name as "accountName", device
      from security_events where kind = 'imported' order by seq desc limit $1`,
    values: [limit],
  });
}

export interface ImportCount {
  readonly id: string;
  readonly live: number;
  readonly deleted: number;
}
/** Records of the collection that one of these imports wrote last. Looks at every record: nobody asks often. */
export async function countImported(runner: Runner, collection: string, ids: readonly string[]): Promise<ImportCount[]> {
  return runner.rows<ImportCount>({
    text: `select doc->>'importId' as id, count(*) filter (where not deleted) as live, count(*) filter (where deleted) as deleted
      from "${collection}" where doc->>'importId' = any($1) group by 1`,
    values: [ids],
  });
}
