/** Tokens that are used once, within a short time. Stored as hashes only. */
import type { Runner } from './database.ts';

export type Purpose =
  | 'invitation'
  | 'password_reset'
  | 'email_change'
  | 'email_stop'
  | 'second_factor'
  | 'second_factor_setup'
  | 'second_factor_kept'
  | 'passkey_registration'
  | 'passkey_sign_in'
  | 'oidc'
  | 'handover';

export interface OneTimeToken {
  readonly tokenHash: string;
  readonly purpose: Purpose;
  readonly accountId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly expiresAt: string;
}
const columns = 'token_hash as "tokenHash", purpose, account_id as "accountId", data, expires_at as "expiresAt"';

export async function addOneTimeToken(runner: Runner, token: OneTimeToken): Promise<void> {
  await runner.rows({
    text: 'insert into one_time_tokens (token_hash, purpose, account_id, data, expires_at) values ($1, $2, $3, $4, $5)',
    values: [token.tokenHash, token.purpose, token.accountId, JSON.stringify(token.data), token.expiresAt],
  });
}
/** Looks without using it. undefined when it is unknown, used, expired, or for something else. */
export async function findOneTimeToken(
  runner: Runner,
  tokenHash: string,
  purposes: readonly Purpose[],
  now: string,
): Promise<OneTimeToken | undefined> {
  const rows = await runner.rows<OneTimeToken>({
    text: `select ${columns} from one_time_tokens where token_hash = $1 and purpose = any($2) and used_at is null and expires_at > $3`,
    values: [tokenHash, purposes, now],
  });
  return rows[0];
}
/** Of several that ask at the same time one gets it. */
export async function takeOneTimeToken(
  runner: Runner,
  tokenHash: string,
  purposes: readonly Purpose[],
  now: string,
): Promise<OneTimeToken | undefined> {
  const rows = await runner.rows<OneTimeToken>({
    text: `update one_time_tokens set used_at = $3 where token_hash = $1 and purpose = any($2) and used_at is null and expires_at > $3 returning ${columns}`,
    values: [tokenHash, purposes, now],
  });
  return rows[0];
}
/** What was handed out for this before counts no more. */
export async function voidOneTimeTokens(runner: Runner, accountId: string, purposes: readonly Purpose[]): Promise<void> {
  await runner.rows({
    text: 'delete from one_time_tokens where account_id = $1 and purpose = any($2) and used_at is null',
    values: [accountId, purposes],
  });
}
/** Whatever was handed out to this account counts no more. */
export async function voidEveryOneTimeToken(runner: Runner, accountId: string): Promise<void> {
  await runner.rows({ text: 'delete from one_time_tokens where account_id = $1 and used_at is null', values: [accountId] });
}
export async function dropOldOneTimeTokens(runner: Runner, before: string): Promise<void> {
  await runner.rows({ text: 'delete from one_time_tokens where expires_at < $1', values: [before] });
}
