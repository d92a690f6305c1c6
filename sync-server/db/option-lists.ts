/** The option lists that the company has changed. What is not stored is as the program has it. */
import type { Option } from '../../domain/access/option-lists.ts';
import type { Runner } from './database.ts';

export interface StoredList {
  readonly list: string;
  readonly options: readonly Option[];
  readonly revision: number;
  readonly changedAt: string;
  readonly changedBy: string;
}
export const storedLists = (runner: Runner): Promise<StoredList[]> =>
  runner.rows<StoredList>({
    text: 'select list, options, revision, changed_at as "changedAt", changed_by as "changedBy" from company_options',
  });
/** Until the transaction ends nobody else changes a list. */
export const lockLists = (runner: Runner): Promise<unknown[]> =>
  runner.rows({ text: 'lock table company_options in share row exclusive mode' });
export async function putList(runner: Runner, { list, options, revision, changedAt, changedBy }: StoredList): Promise<void> {
  await runner.rows({
    text: `insert into company_options (list, options, revision, changed_at, changed_by) values ($1, $2, $3, $4, $5)
      on conflict (list) do update set options = excluded.options, revision = excluded.revision, changed_at = excluded.changed_at,
        changed_by = excluded.changed_by`,
    values: [list, JSON.stringify(options), revision, changedAt, changedBy],
  });
}
