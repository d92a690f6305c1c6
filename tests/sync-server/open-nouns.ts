/** The nouns of tests belong to no role by themselves: opens them to every role. Whoever tests rights states them. */
import { actions } from '../../domain/access/rights.ts';
import type { Runner } from '../../sync-server/db/database.ts';

export async function openNouns(runner: Runner, collections: readonly string[]): Promise<void> {
  const grants = collections.flatMap((collection) =>
    actions.map((action) => ({ permission: `${collection}:${action}`, when: { is: 'all' } })),
  );
  await runner.rows({
    text: `update roles set edited = true, grants = grants || $1::jsonb`,
    values: [JSON.stringify(grants)],
  });
}
