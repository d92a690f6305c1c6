/** Who accounts are in other systems. */
import type { Runner } from './database.ts';

export async function accountOfIdentity(runner: Runner, issuer: string, subject: string): Promise<string | undefined> {
  const rows = await runner.rows<{ id: string }>({
    text: 'select account_id as id from external_identities where issuer = $1 and subject = $2',
    values: [issuer, subject],
  });
  return rows[0]?.id;
}
/** Whether the account is somebody else there already. */
export async function hasIdentityAt(runner: Runner, issuer: string, accountId: string): Promise<boolean> {
  const rows = await runner.rows({
    text: 'select 1 from external_identities where issuer = $1 and account_id = $2',
    values: [issuer, accountId],
  });
  return rows.length > 0;
}
export async function linkIdentity(
  runner: Runner,
  link: { readonly issuer: string; readonly subject: string; readonly accountId: string },
  now: string,
): Promise<void> {
  await runner.rows({
    text: 'insert into external_identities (issuer, subject, account_id, linked_at) values ($1, $2, $3, $4)',
    values: [link.issuer, link.subject, link.accountId, now],
  });
}
