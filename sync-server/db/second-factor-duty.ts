/** From when on a second factor is a duty, by role. */
import type { Runner } from './database.ts';

/** Whether this account has to have one on this day, `YYYY-MM-DD`. */
export async function isFactorDue(runner: Runner, accountId: string, day: string): Promise<boolean> {
  const rows = await runner.rows<{ due: boolean | null }>({
    text: 'select r.second_factor_from <= $2::date as due from accounts a join roles r on r.name = a.role where a.id = $1',
    values: [accountId, day],
  });
  return rows[0]?.due === true;
}

export interface RoleDuty {
  readonly role: string;
  readonly label: string;
  /** `YYYY-MM-DD`; null for no duty. */
  readonly from: string | null;
  /** Accounts that have the role and are not disabled, and those of them that have neither an authenticator app nor a passkey. */
  readonly accounts: number;
  readonly without: number;
}
export const factorDuties = (runner: Runner): Promise<RoleDuty[]> =>
  runner.rows<RoleDuty>({
    text: `select r.name as role, r.label, to_char(r.second_factor_from, 'YYYY-MM-DD') as "from", count(a.id)::int as accounts,
        (count(a.id) filter (where not exists (select from totp_secrets t where t.account_id = a.id and t.confirmed_at is not null)
          and not exists (select from passkeys p where p.account_id = a.id)))::int as without
      from roles r left join accounts a on a.role = r.name and a.disabled_at is null
      group by r.name order by r.label`,
  });
export async function putFactorDuty(runner: Runner, role: string, from: string | null): Promise<void> {
  await runner.rows({ text: 'update roles set second_factor_from = $2::date where name = $1', values: [role, from] });
}

/** Ends what people with this role opened in that way; answers how many sessions that were. */
export async function endSessionsOfRole(runner: Runner, role: string, method: string): Promise<number> {
  const rows = await runner.rows({
    text: `update sessions s set ended_at = clock_timestamp(), ended_why = 'second_factor_due' from accounts a
      where a.id = s.account_id and a.role = $1 and s.method = $2 and s.ended_at is null returning s.id`,
    values: [role, method],
  });
  return rows.length;
}

/** Removes every second factor of an account; answers how many there were. */
export async function removeFactors(runner: Runner, accountId: string): Promise<number> {
  await runner.rows({ text: 'delete from recovery_codes where account_id = $1', values: [accountId] });
  const apps = await runner.rows({ text: 'delete from totp_secrets where account_id = $1 returning account_id', values: [accountId] });
  const passkeys = await runner.rows({ text: 'delete from passkeys where account_id = $1 returning id', values: [accountId] });
  return apps.length + passkeys.length;
}
