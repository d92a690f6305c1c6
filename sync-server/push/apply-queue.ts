/**
 * Group commit. The feed has one lock, so pushes are written one after the other anyway; what arrives while one call is
 * under way goes together in the next one, and shares its parsing, planning and commit.
 */
import type { PersonalFields } from '../../domain/record/personal.ts';
import { type Applied, type Batch, applyBatch } from '../db/apply.ts';
import { DatabaseFault, type Runner } from '../db/database.ts';
import { keyOf } from './references.ts';

/** Writes a batch, alone or with others; answers and fails as if it had been alone. */
export type Apply = (batch: Batch) => Promise<Applied>;

interface Waiting {
  readonly batch: Batch;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * The lock is held for about 40 us a row; other processes wait for it meanwhile. Half of what twenty devices send at once, so that
 * the other half is decided while Postgres writes.
 */
const ROWS_MAX = 750;
/** Room for the row numbers of one batch (see PARKED_FROM in push-rows.ts); ROWS_MAX times this fits a Postgres integer. */
const NUMBERS = 2_000_000;

const rowsOf = ({ writes, parks, unparks, refusals, settles }: Batch): number =>
  writes.length + parks.length + unparks.length + refusals.length + settles.length;
const recordsOf = ({ writes, parks, unparks, settles }: Batch): string[] =>
  [...writes, ...parks, ...unparks, ...settles].map(({ collection, id }) => keyOf(collection, id));

/** Splits off what goes into the next call: first come, first served, each record once, never nothing. */
export function nextGroup<Item extends { readonly batch: Batch }>(waiting: readonly Item[]): { group: Item[]; rest: Item[] } {
  const group: Item[] = [];
  const rest: Item[] = [];
  const taken = new Set<string>();
  let rows = 0;
  for (const item of waiting) {
    const records = recordsOf(item.batch);
    const fits = group.length === 0 || (rows + rowsOf(item.batch) <= ROWS_MAX && !records.some((key) => taken.has(key)));
    (fits ? group : rest).push(item);
    if (!fits) continue;
    rows += rowsOf(item.batch);
    for (const key of records) taken.add(key);
  }
  return { group, rest };
}

interface Numbered {
  readonly n: number | null;
  readonly along?: number;
  readonly claims?: number;
}
function shiftedRow<Row extends Numbered>(row: Row, by: number): Row {
  const { n, along, claims } = row;
  return {
    ...row,
    n: n === null ? null : n + by,
    ...(along === undefined ? {} : { along: along + by }),
    ...(claims === undefined ? {} : { claims: claims + by }),
  };
}

/** One batch of many: the rows of the batch at place i are numbered from i * NUMBERS, so their order stays. */
export function joined(batches: readonly Batch[]): Batch {
  const shifted = <Row extends Numbered>(rowsIn: (batch: Batch) => readonly Row[]): Row[] =>
    batches.flatMap((batch, i) => rowsIn(batch).map((row) => shiftedRow(row, i * NUMBERS)));
  return {
    writes: shifted((batch) => batch.writes),
    parks: shifted((batch) => batch.parks),
    unparks: shifted((batch) => batch.unparks),
    refusals: shifted((batch) => batch.refusals),
    settles: shifted((batch) => batch.settles),
  };
}

/** What the answer of a joined batch means for each of its parts. */
export function partsOfAnswer({ moved, awaited, ...feed }: Applied, count: number): Applied[] {
  const own = (numbers: readonly number[], i: number): number[] =>
    numbers.filter((n) => Math.floor(n / NUMBERS) === i).map((n) => n - i * NUMBERS);
  return Array.from({ length: count }, (_, i) => ({ ...feed, moved: own(moved, i), awaited: own(awaited, i) }));
}

async function settle(apply: Apply, { batch, resolve, reject }: Waiting): Promise<void> {
  await apply(batch).then(resolve, reject);
}

async function writeGroup(apply: Apply, group: readonly Waiting[]): Promise<void> {
  const [first, ...others] = group;
  if (!first) return;
  if (others.length === 0) return settle(apply, first);
  let applied: Applied;
  try {
    applied = await apply(joined(group.map(({ batch }) => batch)));
  } catch (cause) {
    if (cause instanceof DatabaseFault) for (const { reject } of group) reject(cause);
    // Some row of some batch cannot be written; nothing was. Alone, each finds out whether it was the one.
    else for (const waiting of group) await settle(apply, waiting);
    return;
  }
  const parts = partsOfAnswer(applied, group.length);
  for (const [i, { resolve }] of group.entries()) resolve(parts[i] ?? applied);
}

/** The queue of this process. A batch that finds it empty is written at once. */
export function openApplyQueue(runner: Runner, personal: PersonalFields): Apply {
  const apply: Apply = (batch) => applyBatch(runner, batch, personal);
  let waiting: Waiting[] = [];
  let working = false;
  async function work(): Promise<void> {
    if (working) return;
    working = true;
    while (waiting.length > 0) {
      const { group, rest } = nextGroup(waiting);
      waiting = rest;
      await writeGroup(apply, group);
    }
    working = false;
  }
  return (batch) =>
    new Promise((resolve, reject) => {
      waiting.push({ batch, resolve, reject });
      void work();
    });
}
