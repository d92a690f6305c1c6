/** Roles, one statement a function. Every change of one moves access_version by its trigger. */
import type { Runner } from './database.ts';

export interface StoredRole {
  readonly name: string;
  readonly label: string;
  /** As stored; `readGrants` says what of it counts. */
  readonly grants: unknown;
  /** Changed by hand. */
  readonly edited: boolean;
  /** Moves with each change. */
  readonly revision: number;
  /** Accounts that have it and are not disabled. */
  readonly accounts: number;
}
const columns = `r.name, r.label, r.grants, r.edited, r.revision::float8 as revision,
  (select count(*)::int from accounts a where a.role = r.name and a.disabled_at is null) as accounts`;

export const listRoles = (runner: Runner): Promise<StoredRole[]> =>
  runner.rows<StoredRole>({ text: `select ${columns} from roles r order by r.name` });

export async function roleByName(runner: Runner, name: string): Promise<StoredRole | undefined> {
  return (await runner.rows<StoredRole>({ text: `select ${columns} from roles r where r.name = $1`, values: [name] }))[0];
}
/** Until the transaction ends nobody else changes a role, so that two changes cannot together leave nobody to change them. */
export const lockRoles = (runner: Runner): Promise<unknown[]> => runner.rows({ text: 'lock table roles in share row exclusive mode' });

export async function putRole(
  runner: Runner,
  role: { readonly name: string; readonly label: string; readonly grants: readonly unknown[]; readonly edited: boolean },
): Promise<void> {
  await runner.rows({
    text: `insert into roles (name, label, grants, edited) values ($1, $2, $3, $4)
      on conflict (name) do update set label = excluded.label, grants = excluded.grants, edited = excluded.edited, revision = roles.revision + 1`,
    values: [role.name, role.label, JSON.stringify(role.grants), role.edited],
  });
}
export async function dropRole(runner: Runner, name: string): Promise<void> {
  await runner.rows({ text: 'delete from roles where name = $1', values: [name] });
}
/** Accounts, disabled ones too: each has a role. */
export async function accountsWith(runner: Runner, role: string): Promise<number> {
  const rows = await runner.rows<{ n: number }>({ text: 'select count(*)::int as n from accounts where role = $1', values: [role] });
  return rows[0]?.n ?? 0;
}
