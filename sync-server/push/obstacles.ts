/** Looks before the writing call what stands in the way of rows that were decided: values and numbers that belong to others. */
import type { Problem } from '../../domain/entity/problem.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { NumberForms } from '../../domain/record/series.ts';
import type { Runner } from '../db/database.ts';
import { findForeignNumbers } from '../series/own-numbers.ts';
import type { Acceptance, Seen } from './decide-push.ts';
import { findTaken } from './unique-values.ts';

interface Decided {
  readonly key: string;
  readonly row: { readonly noun: Noun; readonly device: string };
  readonly acceptance: Acceptance;
  readonly stored?: Seen['stored'];
}
export interface Obstacle {
  readonly code: string;
  readonly problem: Problem;
  /** Another row of the same push may clear it away: worth another look afterwards. */
  readonly mayMove: boolean;
}

/** By key of the row. */
export async function findObstacles(runner: Runner, landings: readonly Decided[], forms: NumberForms = {}): Promise<Map<string, Obstacle>> {
  const claims = landings.map(({ key, row: { noun, device }, acceptance, stored }) => ({
    key,
    noun,
    device,
    ...acceptance,
    // What a deleted record bears may never have become its own.
    ...(stored && !stored.deleted ? { stored: stored.doc } : {}),
  }));
  const taken = await findTaken(runner, claims);
  const foreign = await findForeignNumbers(runner, claims, forms);
  return new Map([
    ...[...taken].map(([key, { problem, holderMayMove }]): [string, Obstacle] => [
      key,
      { code: 'not_unique', problem, mayMove: holderMayMove },
    ]),
    ...[...foreign].map(([key, problem]): [string, Obstacle] => [key, { code: problem.code, problem, mayMove: false }]),
  ]);
}
