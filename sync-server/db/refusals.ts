/** Refused rows of everybody, and what administrators have done about them. */
import type { RefusalLine } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

export interface StoredRefusal extends Omit<RefusalLine, 'message' | 'title'> {
  readonly problems: unknown;
  readonly doc: Readonly<Record<string, unknown>>;
}
export interface RefusalFilter {
  readonly number?: number;
  readonly account?: string;
  readonly collection?: string;
  /** Only those that nobody has closed. */
  readonly open: boolean;
  /** Below this number; for the next page. */
  readonly before?: number;
  readonly limit: number;
}
/** The newest first. */
export async function listRefusals(runner: Runner, filter: RefusalFilter): Promise<StoredRefusal[]> {
  return runner.rows<StoredRefusal>({
    text: `select r.number, r.collection, r.id, r.code, r.problems, r.doc, r.deleted, r.actor as "accountId", coalesce(a.name, r.actor) as "accountName",
        r.device, r.at, c.at as "closedAt", c.by_name as "closedBy", c.reason as "closedReason",
        h.to_name as "handedTo", h.at as "handedAt", h.by_name as "handedBy"
      from refused r left join accounts a on a.id = r.actor left join refusals_closed c on c.number = r.number
        left join refusals_handed h on h.number = r.number
      where ($1::bigint is null or r.number = $1) and ($2::text is null or r.actor = $2) and ($3::text is null or r.collection = $3)
        and (not $4 or c.number is null) and ($5::bigint is null or r.number < $5)
      order by r.number desc limit $6`,
    values: [filter.number ?? null, filter.account ?? null, filter.collection ?? null, filter.open, filter.before ?? null, filter.limit],
  });
}

export interface Closing {
  readonly number: number;
  readonly at: string;
  readonly by: string;
  readonly byName: string;
  readonly reason: string;
}
/** Answers false when it was closed before. */
export async function closeRefusal(runner: Runner, { number, at, by, byName, reason }: Closing): Promise<boolean> {
  const rows = await runner.rows({
    text: `insert into refusals_closed (number, at, by_id, by_name, reason) values ($1, $2, $3, $4, $5) on conflict do nothing returning number`,
    values: [number, at, by, byName, reason],
  });
  return rows.length > 0;
}
/** Answers false when it was open. */
export async function reopenRefusal(runner: Runner, number: number): Promise<boolean> {
  const rows = await runner.rows({ text: 'delete from refusals_closed where number = $1 returning number', values: [number] });
  return rows.length > 0;
}

/** The whole of what was refused, with what names the entry in its author's inbox. */
export interface RefusedRow {
  readonly w: string;
  readonly digest: string;
  readonly base: Readonly<Record<string, unknown>> | null;
}
export async function refusedRow(runner: Runner, number: number): Promise<RefusedRow | undefined> {
  const rows = await runner.rows<RefusedRow>({ text: 'select w, digest, base from refused where number = $1', values: [number] });
  return rows[0];
}

export interface Handing {
  readonly number: number;
  readonly at: string;
  readonly by: string;
  readonly byName: string;
  readonly to: string;
  readonly toName: string;
}
/** Of several handings the newest stands here; the audit has them all. */
export async function noteHanding(runner: Runner, { number, at, by, byName, to, toName }: Handing): Promise<void> {
  await runner.rows({
    text: `insert into refusals_handed (number, at, by_id, by_name, to_id, to_name) values ($1, $2, $3, $4, $5, $6)
      on conflict (number) do update set at = excluded.at, by_id = excluded.by_id, by_name = excluded.by_name, to_id = excluded.to_id, to_name = excluded.to_name`,
    values: [number, at, by, byName, to, toName],
  });
}
