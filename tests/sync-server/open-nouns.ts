/** The nouns of tests belong to no role by themselves: opens them to every role. Whoever tests rights states them. */
import { recordActions } from '../../domain/access/permissions.ts';
import { rightsOf } from '../../domain/access/rights.ts';
import { ALL } from '../../domain/access/condition.ts';
import type { Access, AccountAccess } from '../../sync-server/access/access.ts';
import type { Runner } from '../../sync-server/db/database.ts';

export async function openNouns(runner: Runner, collections: readonly string[]): Promise<void> {
  const grants = collections.flatMap((collection) =>
    recordActions.map((action) => ({ permission: `${collection}:${action}`, when: { is: 'all' } })),
  );
  await runner.rows({
    text: `update roles set edited = true, grants = grants || $1::jsonb`,
    values: [JSON.stringify(grants)],
  });
}

const everything = recordActions.map((action) => ({ permission: `*:${action}` as const, when: ALL }));
const mayAll = (reach: string): Promise<AccountAccess> =>
  Promise.resolve({
    reach,
    version: Number.MAX_SAFE_INTEGER,
    rights: rightsOf(everything, { accountId: reach, desks: [] }),
    read: () => ({ key: 'all', scope: ALL }),
    mayRead: () => true,
  });
/** For tests of parts of the server whose authors have no accounts. */
export const openToAll: Pick<Access, 'at' | 'now'> = { at: mayAll, now: mayAll };
