/** Imports that have come, by the event that each of them left, and what is there of them. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { ImportLine } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

/** The newest first; only the one of this id, where it is given. */
export async function importsSeen(runner: Runner, limit: number, id?: string): Promise<Omit<ImportLine, 'records'>[]> {
  return runner.rows<Omit<ImportLine, 'records'>>({
    text: `select details->>'importId' as id, at, coalesce(account_id, '') as "accountId", account_name as "accountName", device
      from security_events where kind = 'imported' and ($2::text is null or details->>'importId' = $2) order by seq desc limit $1`,
    values: [limit, id ?? null],
  });
}

/** What an import wrote of a record, by the audit. */
export interface ImportedEntry {
  readonly seq: number;
  readonly collection: string;
  readonly id: string;
  readonly w: string;
  /** What was stored before; null where the import made the record. */
  readonly before: AnyDocument | null;
  readonly wasDeleted: boolean;
}
/**
 * Entries by which records came to this import, in the order of the feed, after this position. What somebody changed later keeps
 * the import's id, so only the step to it counts. Reads the audit from the month of the import on; nothing of it lies before. Only
 * states in which the id stands are taken apart.
 */
export async function importedEntries(
  runner: Runner,
  { id, at, after, limit }: { readonly id: string; readonly at: string; readonly after: number; readonly limit: number },
): Promise<ImportedEntry[]> {
  return runner.rows<ImportedEntry>({
    text: `select seq, collection, id, w, before::jsonb as before, kind = 'restore' as "wasDeleted" from audit
      where seq > $3 and seq >= coalesce(
          (select max(from_seq) from audit_months where log = 'audit' and month <= date_trunc('month', $2::timestamptz at time zone 'utc')), 0)
        and strpos(after, to_json($1::text)::text) > 0 and after::jsonb->>'importId' = $1 and before::jsonb->>'importId' is distinct from $1
      order by seq limit $4`,
    values: [id, at, after, limit],
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
