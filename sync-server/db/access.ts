/** Roles, the desks of accounts, and the scopes by which accounts were served. */
import type { Scope } from '../../domain/access/condition.ts';
import type { Role } from '../../domain/access/rights.ts';
import type { Runner } from './database.ts';

/** Writes the roles that come with Drover, but for those that were changed by hand. */
export async function putSeedRoles(runner: Runner, roles: readonly Role[]): Promise<void> {
  await runner.rows({
    text: `insert into roles (name, label, grants) select name, label, grants from jsonb_to_recordset($1::jsonb) r(name text, label text, grants jsonb)
      on conflict (name) do update set label = excluded.label, grants = excluded.grants
        where not roles.edited and (roles.label, roles.grants) is distinct from (excluded.label, excluded.grants)`,
    values: [JSON.stringify(roles)],
  });
}

export async function accessVersion(runner: Runner): Promise<number> {
  const rows = await runner.rows<{ version: number }>({ name: 'access-version', text: 'select version from access_version' });
  return rows[0]?.version ?? 0;
}

export interface StoredAccess {
  readonly version: number;
  /** Null for an account that does not exist. */
  readonly role: string | null;
  readonly disabled: boolean;
  readonly desks: readonly string[];
  /** As stored; `readGrants` says what of it counts. */
  readonly grants: unknown;
  /** Of these the API key that was asked for may use only what it names; null when none was asked for. */
  readonly only: readonly string[] | null;
}
/** One statement, so that role, desks and version belong together. */
export async function readAccess(runner: Runner, accountId: string, keyId: string | null = null): Promise<StoredAccess> {
  const rows = await runner.rows<StoredAccess>({
    name: 'read-access',
    text: `select v.version, a.role, a.disabled_at is not null as disabled, r.grants,
        array(select a.desk_id where a.desk_id <> '' union select d.desk_id from account_desks d where d.account_id = a.id order by 1) as desks,
        case when $2::text is not null then array(select unnest(k.permissions) from api_keys k
          where k.id = $2 and k.account_id = a.id and k.revoked_at is null) end as only
      from access_version v left join accounts a on a.id = $1 left join roles r on r.name = a.role`,
    values: [accountId, keyId],
  });
  const row = rows[0];
  if (!row) throw new Error('access_version has no row; the migrations have not run');
  return row;
}

export interface ServedScope {
  readonly collection: string;
  readonly key: string;
  readonly scope: Scope;
}
/** Must be stored before anything is served by these scopes. */
export async function noteScopes(runner: Runner, accountId: string, scopes: readonly ServedScope[]): Promise<void> {
  await runner.rows({
    name: 'note-scopes',
    text: `insert into served_scopes (account_id, collection, key, scope)
      select $1, collection, key, scope from jsonb_to_recordset($2::jsonb) s(collection text, key text, scope jsonb)
      on conflict (account_id, collection, key) do update set served_on = current_date where served_scopes.served_on < current_date`,
    values: [accountId, JSON.stringify(scopes)],
  });
}

/** Those of the keys by which this account was served once. */
export async function servedScopes(
  runner: Runner,
  accountId: string,
  collection: string,
  keys: readonly string[],
): Promise<Map<string, Scope>> {
  const rows = await runner.rows<{ key: string; scope: Scope }>({
    name: 'served-scopes',
    text: 'select key, scope from served_scopes where account_id = $1 and collection = $2 and key = any($3)',
    values: [accountId, collection, keys],
  });
  return new Map(rows.map(({ key, scope }) => [key, scope]));
}

export interface AccountChange {
  readonly name?: string;
  readonly role?: string;
  /** The first is the one that new records belong to. */
  readonly desks?: readonly [string, ...string[]];
}
/** False when there is no such account; throws when the role does not exist. `account`: its id, or its e-mail address. */
export async function changeAccount(runner: Runner, account: string, { name, role, desks }: AccountChange): Promise<boolean> {
  const [home = null] = desks ?? [];
  const rows = await runner.rows<{ id: string }>({
    text: `with changed as (
        update accounts set role = coalesce($2, role), desk_id = coalesce($3, desk_id), name = coalesce($5, name)
          where id = $1 or lower(email) = lower($1) returning id
      ), gone as (
        delete from account_desks where $4::text[] is not null and account_id in (select id from changed) and desk_id <> all ($4)
      ), come as (
        insert into account_desks (account_id, desk_id) select id, desk from changed, unnest($4::text[]) desk on conflict do nothing
      )
      select id from changed`,
    values: [account, role ?? null, home, desks ?? null, name ?? null],
  });
  return rows.length > 0;
}

export async function roleNames(runner: Runner): Promise<string[]> {
  return (await runner.rows<{ name: string }>({ text: 'select name from roles order by name' })).map(({ name }) => name);
}
