/** Counters of failed sign-ins, shared by all server processes. What they mean is auth/brake.ts. */
import type { Runner } from './database.ts';

export interface BrakeRow {
  readonly failures: number;
  readonly countingSince: string;
  readonly blockedUntil: string | null;
  readonly blocks: number;
}

/** The counter of this key, made if it is missing, and locked until the transaction ends. */
export async function lockBrake(runner: Runner, key: string, now: string): Promise<BrakeRow> {
  await runner.rows({
    name: 'brake-make',
    text: 'insert into brakes (key, failures, counting_since) values ($1, 0, $2) on conflict do nothing',
    values: [key, now],
  });
  const rows = await runner.rows<BrakeRow>({
    name: 'brake-lock',
    text: `select failures, counting_since as "countingSince", blocked_until as "blockedUntil", blocks from brakes where key = $1 for update`,
    values: [key],
  });
  // A sweep may have taken a fresh one away between the two statements; it counted nothing.
  return rows[0] ?? { failures: 0, countingSince: now, blockedUntil: null, blocks: 0 };
}
export async function putBrake(runner: Runner, key: string, row: BrakeRow): Promise<void> {
  await runner.rows({
    name: 'brake-put',
    text: `insert into brakes (key, failures, counting_since, blocked_until, blocks) values ($1, $2, $3, $4, $5)
      on conflict (key) do update set failures = excluded.failures, counting_since = excluded.counting_since,
        blocked_until = excluded.blocked_until, blocks = excluded.blocks`,
    values: [key, row.failures, row.countingSince, row.blockedUntil, row.blocks],
  });
}
/** What an attempt that succeeded is given back: all of its account's failures, its own one of the network address. */
export async function dropBrake(runner: Runner, key: string): Promise<void> {
  await runner.rows({ text: 'delete from brakes where key = $1', values: [key] });
}
export async function lowerBrake(runner: Runner, key: string): Promise<void> {
  await runner.rows({ text: 'update brakes set failures = greatest(failures - 1, 0) where key = $1', values: [key] });
}
/** Counters that nobody has touched since `before`, so that made-up addresses do not fill the table. */
export async function dropOldBrakes(runner: Runner, before: string): Promise<void> {
  await runner.rows({
    text: 'delete from brakes where counting_since < $1 and (blocked_until is null or blocked_until < $1)',
    values: [before],
  });
}
