/**
 * The second fence around documents (SYN-7): what is handed out is read by a role of the database that owns nothing, writes
 * nothing and sees of each collection only what the scope of the session lets through, whatever the statement asks for. The
 * first one is the condition in the statement itself. Without a scope the role sees nothing.
 */
import type { Scope } from '../../domain/access/condition.ts';
import { pathOf } from './condition-path.ts';
import type { Runner, SettableDatabase } from './database.ts';

/** Of the whole cluster; in each database it has only what that one grants. */
export const READER = 'drover_reader';
const POLICY = 'drover_within_scope';
const settingOf = (collection: string): string => `drover.scope_${collection}`;

/** Codes of Postgres for what the owner of the database may not do, and for two servers doing it at once. */
const FORBIDDEN = '42501';
const ALREADY = new Set(['42710', '23505']);
const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : '');

async function makeRole(runner: Runner): Promise<void> {
  const found = await runner.rows({ text: 'select from pg_roles where rolname = $1', values: [READER] });
  if (found.length === 0) {
    await runner.rows({ text: `create role ${READER} nologin noinherit` }).catch((cause: unknown) => {
      if (!ALREADY.has(codeOf(cause))) throw cause;
    });
  }
  const [may] = await runner.rows<{ may: boolean }>({ text: `select pg_has_role(current_user, '${READER}', 'member') as may` });
  if (may?.may !== true) await runner.rows({ text: `grant ${READER} to current_user` });
}

/** Makes role, grants and policies as far as they are missing. The caller holds the migration lock. False where the database does not let it. */
export async function buildFence(runner: Runner, collections: readonly string[]): Promise<boolean> {
  try {
    await makeRole(runner);
    const [schema] = await runner.rows<{ name: string }>({ text: 'select quote_ident(current_schema()) as name' });
    await runner.rows({ text: `grant usage on schema ${schema?.name ?? 'public'} to ${READER}` });
    await runner.rows({ text: `grant select on feed_head, access_version, access_changes to ${READER}` });
    const standing = await runner.rows<{ name: string }>({
      text: 'select tablename as name from pg_policies where schemaname = current_schema() and policyname = $1',
      values: [POLICY],
    });
    const fenced = new Set(standing.map(({ name }) => name));
    for (const collection of collections.filter((one) => !fenced.has(one))) {
      await runner.rows({ text: `grant select on "${collection}" to ${READER}` });
      await runner.rows({
        text: `create policy ${POLICY} on "${collection}" for select to ${READER}
          using (doc @@ (select nullif(current_setting('${settingOf(collection)}', true), '')::jsonpath))`,
      });
      await runner.rows({ text: `alter table "${collection}" enable row level security` });
    }
    return true;
  } catch (cause) {
    if (codeOf(cause) === FORBIDDEN) return false;
    throw cause;
  }
}

/** Runs statements that hand out documents of this collection; the database shows them nothing beyond the scope. */
export type ReadAs = (collection: string, scope: Scope) => Runner;

/** `readers`: a database opened as READER. */
export const fencedBy =
  (readers: Pick<SettableDatabase, 'with'>): ReadAs =>
  (collection, scope) =>
    readers.with(settingOf(collection), pathOf(scope));
