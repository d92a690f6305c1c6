/** Legal holds, and what they stand in the way of: purging refused changes and the audit, and forgetting somebody. */
import type { HoldLine } from '../../domain/protocol/admin.ts';
import type { Person } from './audit-forget.ts';
import type { AuditMonth } from './audit-retention.ts';
import type { Runner } from './database.ts';

const columns = `h.number, h.collection, h.id, h.reason, h.placed_at as "placedAt", h.placed_by as "placedBy",
  h.lifted_at as "liftedAt", h.lifted_by as "liftedBy", h.lifted_reason as "liftedReason"`;

/** Those that stand first, then the newest. */
export async function listHolds(runner: Runner): Promise<HoldLine[]> {
  return runner.rows<HoldLine>({
    text: `select ${columns} from legal_holds h order by h.lifted_at is not null, h.number desc`,
  });
}
/** undefined when there is one already. */
export async function addHold(
  runner: Runner,
  hold: Pick<HoldLine, 'collection' | 'id' | 'reason' | 'placedAt' | 'placedBy'>,
): Promise<HoldLine | undefined> {
  const rows = await runner.rows<HoldLine>({
    text: `insert into legal_holds as h (collection, id, reason, placed_at, placed_by) values ($1, $2, $3, $4, $5)
      on conflict (collection, id) where lifted_at is null do nothing returning ${columns}`,
    values: [hold.collection, hold.id, hold.reason, hold.placedAt, hold.placedBy],
  });
  return rows[0];
}
/** undefined when there is none that stands. */
export async function liftHold(
  runner: Runner,
  number: number,
  { at, by, reason }: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<HoldLine | undefined> {
  const rows = await runner.rows<HoldLine>({
    text: `update legal_holds h set lifted_at = $2, lifted_by = $3, lifted_reason = $4 where h.number = $1 and h.lifted_at is null returning ${columns}`,
    values: [number, at, by, reason],
  });
  return rows[0];
}

/** Until the transaction ends nobody places a hold, so that none comes while a purge runs. */
export async function lockHolds(runner: Runner): Promise<void> {
  // Whoever waits for a long purge is told so instead.
  await runner.rows({ text: `set local lock_timeout = '5s'` });
  await runner.rows({ text: 'lock table legal_holds in share row exclusive mode' });
  await runner.rows({ text: 'set local lock_timeout = default' });
}

/** A refused row is held with its record, and with every record whose id stands anywhere in it. */
const held = `exists (select from legal_holds h where h.lifted_at is null
  and ((h.collection = r.collection and h.id = r.id) or strpos(r.doc::text, '"' || h.id || '"') > 0))`;

export interface PurgeCount {
  readonly due: number;
  readonly held: number;
}
/** Refused rows that were closed before then: those that may go, and those that a hold keeps. */
export async function countRefusals(runner: Runner, before: string): Promise<PurgeCount> {
  const rows = await runner.rows<PurgeCount>({
    text: `select count(*) filter (where not ${held}) as due, count(*) filter (where ${held}) as held
      from refused r join refusals_closed c on c.number = r.number where c.at < $1`,
    values: [before],
  });
  return rows[0] ?? { due: 0, held: 0 };
}
export async function deleteRefusals(runner: Runner, before: string): Promise<number> {
  const rows = await runner.rows<{ number: number }>({
    text: `delete from refused r using refusals_closed c where c.number = r.number and c.at < $1 and not ${held} returning r.number`,
    values: [before],
  });
  return rows.length;
}

/** Numbers of the holds for which this month of the audit is kept: of records that its entries changed or name. */
export async function holdsOnMonth(runner: Runner, { log, part }: AuditMonth): Promise<number[]> {
  if (log !== 'audit') return [];
  const rows = await runner.rows<{ number: number }>({
    // The name comes from audit_months, which only migrations and audit_turn write.
    text: `select h.number from legal_holds h where h.lifted_at is null and exists (select from "${part.replaceAll('"', '""')}" a
      where (a.collection = h.collection and a.id = h.id) or strpos(a.after, '"' || h.id || '"') > 0) order by h.number`,
  });
  return rows.map(({ number }) => number);
}
/** Numbers of the holds that keep what is known of a person: of the record itself, or of one that the account changed. */
export async function holdsOnPerson(runner: Runner, person: Person): Promise<number[]> {
  const rows = await runner.rows<{ number: number }>(
    'account' in person
      ? {
          text: `select h.number from legal_holds h where h.lifted_at is null and exists (select from audit a
            where a.actor = $1 and a.collection = h.collection and a.id = h.id) order by h.number`,
          values: [person.account],
        }
      : {
          text: 'select h.number from legal_holds h where h.lifted_at is null and h.collection = $1 and h.id = $2',
          values: [person.collection, person.id],
        },
  );
  return rows.map(({ number }) => number);
}
