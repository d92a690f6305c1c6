/**
 * Gives numbers to stored records that came without one, because their device had no block left. A change of its own in the
 * feed, so that every device gets it like any other, and what its author goes on editing merges with it.
 */
import { randomUUID } from 'node:crypto';
import { type CollectedSeries, numberText } from '../../domain/record/series.ts';
import type { Database } from '../db/database.ts';
import { assignNumber, unnumbered } from '../db/series.ts';
import type { Apply } from '../push/apply-queue.ts';

const PAGE = 100;
const SERVER = 'server';

export interface AssignDependencies {
  readonly db: Database;
  readonly apply: Apply;
  readonly series: readonly CollectedSeries[];
  readonly now: () => Date;
}

async function assignPage({ db, apply, now }: AssignDependencies, series: CollectedSeries): Promise<{ wrote: boolean; more: boolean }> {
  const records = await unnumbered(db, series, PAGE);
  const at = now().toISOString();
  let wrote = false;
  for (const { key, collection, field, doc, version, ...form } of records) {
    const n = await assignNumber(db, key, collection, doc.id);
    if (n === undefined) return { wrote, more: false };
    const w = `s-${randomUUID()}`;
    const numbered = { ...doc, [field]: numberText(form, n), w, modifiedAt: at };
    const common = { n: 0, collection, id: doc.id, doc: numbered, w, deleted: false, version, actor: doc.modifiedBy, device: SERVER, at };
    const write = { ...common, before: doc, kind: 'update', command: 'number' } as const;
    // Somebody else changed the record meanwhile: the next look finds it with its number kept for it.
    const { moved } = await apply({ writes: [write], parks: [], unparks: [], refusals: [], settles: [] });
    if (moved.length === 0) wrote = true;
  }
  return { wrote, more: records.length === PAGE && wrote };
}

/** Goes once through what waits for a number; true when something was written. */
async function assignNumbers(dependencies: AssignDependencies): Promise<boolean> {
  let changed = false;
  for (const series of dependencies.series) {
    for (let more = true; more; ) {
      const page = await assignPage(dependencies, series);
      changed ||= page.wrote;
      ({ more } = page);
    }
  }
  return changed;
}

/** Assigns on `poke`; however often it is asked for meanwhile, once more afterwards. */
export function keepNumbering(
  dependencies: AssignDependencies,
  onWritten: () => void,
  onError: (error: Error) => void,
): { poke(): void; finished(): Promise<void> } {
  let running: Promise<void> | undefined;
  let again = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await assignNumbers(dependencies).then((changed) => changed && onWritten(), onError);
    } while (again);
  };
  return {
    poke() {
      again = true;
      running ??= run().finally(() => {
        running = undefined;
      });
    },
    finished: () => running ?? Promise.resolve(),
  };
}
