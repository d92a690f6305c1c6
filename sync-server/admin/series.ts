/** Changing how the numbers of a series are written: judged, and written with its entry in one transaction. */
import { type NumberForm, formProblem } from '../../domain/record/series.ts';
import type { SeriesBody } from '../../domain/protocol/admin.ts';
import type { By } from '../auth/devices.ts';
import type { CompanyWatch } from '../company/company-watch.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { allForms, lockSeries, reform } from '../db/series.ts';

interface SeriesDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly company: Pick<CompanyWatch, 'look'>;
}
export type SeriesOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'unknown_series'; readonly known: readonly string[] }
  | { readonly kind: 'out_of_bounds'; readonly field: 'prefix' | 'width'; readonly problem: string };

/** From now on in every server process; blocks that devices hold already keep the form that they were leased in. */
export async function changeSeries(
  { db, now, company }: SeriesDependencies,
  { series, prefix, width, reason }: SeriesBody,
  by: By,
): Promise<SeriesOutcome> {
  const after: NumberForm = { prefix, width };
  const outcome = await db.transaction(async (runner): Promise<SeriesOutcome> => {
    const all = await lockSeries(runner);
    const stored = all.find(({ key }) => key === series);
    if (!stored) return { kind: 'unknown_series', known: all.map(({ key }) => key) };
    const before: NumberForm = { prefix: stored.prefix, width: stored.width };
    if (before.prefix === prefix && before.width === width) return { kind: 'done' };
    const problem = formProblem(series, after, await allForms(runner));
    if (problem) return { kind: 'out_of_bounds', ...problem };
    const inTheWay = await reform(runner, series, after);
    if (inTheWay !== undefined) {
      const words = `A record bears the number ${inTheWay} already, which the series would come to have given out. Choose another prefix.`;
      return { kind: 'out_of_bounds', field: 'prefix', problem: words };
    }
    const details = { series, before, after, reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'series_changed', who: undefined, device: by.device, address: by.address, at: now(), details });
    return { kind: 'done' };
  });
  await company.look();
  return outcome;
}
