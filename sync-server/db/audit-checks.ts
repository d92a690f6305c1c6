/** Reading for `drover audit verify`: purges that were written down, and live documents against their last entries. */
import type { AuditLog } from '../audit/block.ts';
import type { Runner } from './database.ts';

export interface PurgeNote {
  readonly log: AuditLog;
  /** The last position that was removed. */
  readonly to: number;
  /** When, as an ISO instant, and by whom. */
  readonly at: string;
  readonly by: string;
  readonly seq: number;
}
export async function purgesNoted(runner: Runner): Promise<PurgeNote[]> {
  return runner.rows<PurgeNote>({
    text: `select details->>'log' as log, (details->>'to')::bigint as to, at, account_name as by, seq from security_events where kind = 'purged' order by seq`,
  });
}

/** Says an entry in words, for whoever looks for it; undefined when there is none. */
export async function describeEntry(runner: Runner, log: AuditLog, seq: number): Promise<string | undefined> {
  const text =
    log === 'audit'
      ? `select format('%s of %s %s by %s, %s', command, collection, id, coalesce(nullif(actor_name, ''), actor), to_char(at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"')) as what from audit where seq = $1`
      : `select format('%s of %s, %s', kind, coalesce(nullif(account_name, ''), account_id, 'nobody known'), to_char(at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS "UTC"')) as what from security_events where seq = $1`;
  return (await runner.rows<{ what: string }>({ text, values: [seq] }))[0]?.what;
}

/** The first entry that lies outside of all positions that were ever given: beyond the head, or before the first. */
export async function firstOutside(runner: Runner, log: AuditLog, head: number): Promise<number | undefined> {
  const rows = await runner.rows<{ seq: number | null }>({
    text: `select min(seq) as seq from ${log} where seq > $1 or seq < 1`,
    values: [head],
  });
  return rows[0]?.seq ?? undefined;
}
/** The first position after `from`, up to the head, that no entry has. */
export async function firstHole(runner: Runner, from: number, head: number): Promise<number | undefined> {
  const rows = await runner.rows<{ seq: number | null }>({
    text: `select min(s.seq) as seq from generate_series($1::bigint, $2::bigint) s(seq) where not exists (select from audit a where a.seq = s.seq)`,
    values: [from, head],
  });
  return rows[0]?.seq ?? undefined;
}

export interface LiveRow {
  readonly id: string;
  /** Position of the last entry, or that the document names where there is none. */
  readonly seq: number;
  readonly doc: Readonly<Record<string, unknown>> | null;
  readonly deleted: boolean | null;
  readonly schemaVersion: number | null;
  /** The document's own position and write id. */
  readonly own: string | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly kind: string | null;
  /** Position and write id of the last entry. */
  readonly entry: string | null;
  /** Personal values are gone from the entry. */
  readonly forgotten: boolean | null;
}
/** Of Postgres and of database.ts, for a text that is no JSON. */
const NO_JSON: ReadonlySet<unknown> = new Set(['22P02', 'unstorable_text']);
/**
 * Documents that are not their last entry, and records that have entries and no document. Those with `seq` up to `purged`
 * have none any more. A document that was brought to a newer shape in place differs too; the caller knows the shapes.
 * `unreadable` when a last entry holds something else than JSON; nothing more can be asked in the same transaction then.
 */
export async function differingRows(
  runner: Runner,
  collection: string,
  purged: number,
  after: string,
  limit: number,
): Promise<LiveRow[] | 'unreadable'> {
  try {
    return await runner.rows<LiveRow>({
      text: `with last as materialized (select id, max(seq) as seq from audit where collection = $1 group by id)
      select coalesce(t.id, l.id) as id, coalesce(l.seq, t.seq) as seq, t.doc, t.deleted, t.schema_version as "schemaVersion", t.seq || ' ' || t.w as own,
        a.after::jsonb as after, a.kind, a.seq || ' ' || a.w as entry, a.whom_hash is not null as forgotten
      from "${collection}" t full join last l on l.id = t.id left join audit a on a.seq = l.seq
      where coalesce(l.seq, t.seq) > $2 and coalesce(t.id, l.id) > $3
        and (t.id is null or a.seq is null or a.collection <> $1 or a.id <> t.id or a.w <> t.w or a.seq <> t.seq or a.after::jsonb <> t.doc or (a.kind = 'delete') <> t.deleted)
      order by 1 limit $4`,
      values: [collection, purged, after, limit],
    });
  } catch (cause) {
    if (NO_JSON.has((cause as { code?: unknown }).code)) return 'unreadable';
    throw cause;
  }
}
