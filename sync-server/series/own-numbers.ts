/** Looks before the writing call which accepted rows bear a number that is not theirs (NUM-2). */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Problem } from '../../domain/entity/problem.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type NumberForms, notOwnNumber, numberOf } from '../../domain/record/series.ts';
import type { Runner } from '../db/database.ts';
import { type Standing, standings } from '../db/series.ts';

export interface Bearer {
  readonly key: string;
  readonly noun: Noun;
  readonly doc: AnyDocument;
  readonly deleted: boolean;
  /** What is stored of the record now. */
  readonly stored?: AnyDocument;
  readonly device: string;
}

/**
 * Its own is a number that the record has already, that lies in a block of the device, or that a history which was lost may
 * have given out. An import brings numbers along that the series has not come to.
 */
function fault(standing: Standing, { key, doc, device }: Bearer): 'not_leased' | 'taken' | undefined {
  if (standing.owner !== null) return standing.owner === key ? undefined : 'taken';
  if (standing.device === device || standing.isEarlier) return undefined;
  const isImport = standing.device === null && standing.isAhead && doc.importId !== undefined;
  return isImport ? undefined : 'not_leased';
}

/** By key of the bearer: what is wrong with its number. Of two that bear the same one in one push, the first keeps it. */
export async function findForeignNumbers(runner: Runner, bearers: readonly Bearer[], forms: NumberForms): Promise<Map<string, Problem>> {
  const problems = new Map<string, Problem>();
  const bearing = bearers.flatMap((bearer) => {
    const { noun, doc, stored, deleted } = bearer;
    const own = deleted ? undefined : numberOf(noun, doc, forms);
    const before = stored && numberOf(noun, stored, forms);
    return own && !(before?.series === own.series && before.n === own.n) ? [{ ...bearer, own }] : [];
  });
  if (bearing.length === 0) return problems;
  const known = await standings(
    runner,
    bearing.map(({ own }) => own.series.key),
    bearing.map(({ own }) => own.n),
  );
  const byNumber = new Map(known.map((standing) => [`${standing.series} ${standing.n}`, standing]));
  const first = new Map<string, string>();
  for (const bearer of bearing) {
    const { series, n } = bearer.own;
    const at = `${series.key} ${n}`;
    const standing = byNumber.get(at);
    const holder = first.get(at) ?? bearer.key;
    const why = holder === bearer.key ? standing && fault(standing, bearer) : 'taken';
    if (why) problems.set(bearer.key, notOwnNumber(series, String((bearer.doc as Readonly<Record<string, unknown>>)[series.field]), why));
    else first.set(at, bearer.key);
  }
  return problems;
}
