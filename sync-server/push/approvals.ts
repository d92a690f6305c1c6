/**
 * Judges which of the rows that may land need somebody's approval. What a rule looks at is read for all rows of a push at once;
 * the rows see each other, those that came before them in the push like what is stored.
 */
import type { Company } from '../../domain/access/company.ts';
import type { Rights } from '../../domain/access/rights.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Approved, approve } from '../../domain/record/approval.ts';
import { type Around, isFoundBy, lookAround } from '../../domain/record/around.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Runner } from '../db/database.ts';
import { readLooks } from '../db/looks.ts';

export interface Judged {
  readonly noun: Noun;
  readonly before: AnyDocument | undefined;
  readonly after: AnyDocument;
  readonly deleted: boolean;
  readonly rights: Rights;
}
type Ones = readonly Pick<Judged, 'noun' | 'after'>[];

const keyOf = ({ noun, after }: Pick<Judged, 'noun' | 'after'>): string => `${noun.entity.collection}:${after.id}`;

/** What is stored, with these rows in the place of what they replace. Those that are only named by their id need no turn. */
function overlaid(around: Around, named: Ones, landed: Ones): Around {
  const over = (ones: Ones, look: Parameters<Around['found']>[0]): readonly AnyDocument[] => {
    const own = ones.filter(({ noun }) => noun.entity.collection === look.collection).map(({ after }) => after);
    const replaced = new Set(own.map(({ id }) => id));
    return [...around.found(look).filter(({ id }) => !replaced.has(id)), ...own.filter((one) => isFoundBy(look, one))];
  };
  return { ...around, found: (look) => over(look.by === 'id' ? named : landed, look) };
}

/** In the order of the rows. `at`: now, as the server stamps it. */
export async function judgeApprovals(
  runner: Runner,
  rows: readonly Judged[],
  { company, at }: { readonly company: Company | undefined; readonly at: string },
): Promise<Approved[]> {
  const living = rows.filter(({ deleted }) => !deleted);
  const stored = await lookAround(
    (around) => {
      const all = overlaid(around, living, living);
      return living.flatMap(({ noun, after, before }) => noun.looks?.(after, before, all) ?? []);
    },
    (looks) => readLooks(runner, looks),
  );
  const landed = new Map<string, Judged>();
  return rows.map((row): Approved => {
    const { noun, before, after, deleted, rights } = row;
    if (deleted) return { ok: true, after };
    const around = overlaid(stored, living, [...landed.values()]);
    const approved = approve(noun, before, after, { rights, company, around, at });
    if (approved.ok && noun.looks) landed.set(keyOf(row), row);
    return approved;
  });
}
