/** Accounts as an administrator sees them. */
import type { UserLine } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

/** Which address an account has asked for and not confirmed yet; both are expressions of SQL. */
const newEmailOf = (account: string, now: string): string =>
  `select max(t.data->>'email') from one_time_tokens t
    where t.account_id = ${account} and t.purpose = 'email_change' and t.used_at is null and t.expires_at > ${now}`;

export async function newEmail(runner: Runner, accountId: string, now: string): Promise<string | null> {
  const rows = await runner.rows<{ email: string | null }>({
    text: `select (${newEmailOf('$1', '$2')}) as email`,
    values: [accountId, now],
  });
  return rows[0]?.email ?? null;
}

/** All, or the one with this id or e-mail address; by name. `now` judges invitations and sessions. */
export async function listUsers(runner: Runner, now: string, only?: string): Promise<UserLine[]> {
  return runner.rows<UserLine>({
    text: `select a.id, a.email, (${newEmailOf('a.id', '$1')}) as "newEmail", a.name, a.role, a.created_at as "createdAt",
        array[a.desk_id] || array(select d.desk_id from account_desks d where d.account_id = a.id and d.desk_id <> a.desk_id order by 1) as desks,
        case when a.disabled_at is not null then 'disabled'
          when a.password_hash is not null or exists (select from sessions s where s.account_id = a.id)
            or exists (select from external_identities e where e.account_id = a.id) then 'active'
          else 'invited' end as state,
        (select max(t.expires_at) from one_time_tokens t
          where t.account_id = a.id and t.purpose = 'invitation' and t.used_at is null and t.expires_at > $1) as "invitedUntil",
        (select max(d.last_seen) from devices d where d.account_id = a.id) as "lastSeen",
        (select count(distinct s.device) from sessions s where s.account_id = a.id and s.ended_at is null and s.expires_at > $1) as devices,
        exists (select from totp_secrets t where t.account_id = a.id and t.confirmed_at is not null)
          or exists (select from passkeys p where p.account_id = a.id) as "secondFactor"
      from accounts a where $2::text is null or a.id = $2 or lower(a.email) = lower($2) order by lower(a.name), a.id`,
    values: [now, only ?? null],
  });
}

export async function setDisabled(runner: Runner, id: string, at: string | null): Promise<void> {
  await runner.rows({ text: 'update accounts set disabled_at = $2 where id = $1', values: [id, at] });
}
/** Only of somebody who never came. */
export async function deleteInvited(runner: Runner, id: string): Promise<boolean> {
  const rows = await runner.rows({
    text: `delete from accounts a where a.id = $1 and a.password_hash is null
      and not exists (select from sessions s where s.account_id = a.id) and not exists (select from devices d where d.account_id = a.id)
      and not exists (select from external_identities e where e.account_id = a.id) returning a.id`,
    values: [id],
  });
  return rows.length > 0;
}
