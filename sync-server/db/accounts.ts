/** Accounts, refresh tokens and signing keys. Passwords and tokens are stored as hashes only. */
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import type { Runner } from './database.ts';

export interface Account extends SignedInUser {
  readonly passwordHash: string;
  readonly disabled: boolean;
}
const columns = 'id, email, name, role, desk_id as "deskId", password_hash as "passwordHash", disabled_at is not null as disabled';

export async function accountByEmail(runner: Runner, email: string): Promise<Account | undefined> {
  const rows = await runner.rows<Account>({
    name: 'account-by-email',
    text: `select ${columns} from accounts where lower(email) = lower($1)`,
    values: [email],
  });
  return rows[0];
}
export async function accountById(runner: Runner, id: string): Promise<Account | undefined> {
  const rows = await runner.rows<Account>({ name: 'account-by-id', text: `select ${columns} from accounts where id = $1`, values: [id] });
  return rows[0];
}
/** Makes the account or renews its name, role, desk and password; the e-mail address identifies it. */
export async function putAccount(runner: Runner, account: SignedInUser & { readonly passwordHash: string }): Promise<void> {
  await runner.rows({
    text: `insert into accounts (id, email, name, role, desk_id, password_hash) values ($1, $2, $3, $4, $5, $6)
      on conflict (lower(email)) do update set name = excluded.name, role = excluded.role, desk_id = excluded.desk_id, password_hash = excluded.password_hash`,
    values: [account.id, account.email, account.name, account.role, account.deskId, account.passwordHash],
  });
}

export interface RefreshToken {
  readonly tokenHash: string;
  readonly family: string;
  readonly accountId: string;
  readonly device: string;
  readonly expiresAt: string;
  readonly usedAt: string | null;
  readonly revokedAt: string | null;
}
export async function addRefreshToken(runner: Runner, token: Omit<RefreshToken, 'usedAt' | 'revokedAt'>, now: string): Promise<void> {
  await runner.rows({
    text: 'insert into refresh_tokens (token_hash, family, account_id, device, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)',
    values: [token.tokenHash, token.family, token.accountId, token.device, now, token.expiresAt],
  });
}
/** Locked until the transaction ends, so that two refreshes with one token are judged one after the other. */
export async function lockRefreshToken(runner: Runner, tokenHash: string): Promise<RefreshToken | undefined> {
  const rows = await runner.rows<RefreshToken>({
    text: `select token_hash as "tokenHash", family, account_id as "accountId", device, expires_at as "expiresAt", used_at as "usedAt", revoked_at as "revokedAt"
      from refresh_tokens where token_hash = $1 for update`,
    values: [tokenHash],
  });
  return rows[0];
}
export async function markRefreshTokenUsed(runner: Runner, tokenHash: string, now: string): Promise<void> {
  await runner.rows({ text: 'update refresh_tokens set used_at = coalesce(used_at, $2) where token_hash = $1', values: [tokenHash, now] });
}
export async function revokeFamily(runner: Runner, family: string, now: string): Promise<void> {
  await runner.rows({ text: 'update refresh_tokens set revoked_at = coalesce(revoked_at, $2) where family = $1', values: [family, now] });
}
export async function dropExpiredTokens(runner: Runner, now: string): Promise<void> {
  await runner.rows({ text: 'delete from refresh_tokens where expires_at < $1', values: [now] });
}

export interface SigningKey {
  readonly kid: string;
  readonly secret: string;
}
/** The newest key signs; all verify. The first start of a database makes the first one. */
export async function signingKeys(runner: Runner, fresh: SigningKey): Promise<SigningKey[]> {
  await runner.rows({
    text: 'insert into signing_keys (kid, secret) select $1, $2 where not exists (select from signing_keys)',
    values: [fresh.kid, fresh.secret],
  });
  return runner.rows<SigningKey>({ text: 'select kid, secret from signing_keys order by created_at desc, kid' });
}
