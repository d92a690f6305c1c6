/** Accounts and signing keys. Passwords are stored as hashes only. */
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import type { Runner } from './database.ts';

export interface Account extends SignedInUser {
  /** Null for whoever was invited and has not come yet, and for whoever signs in through another system only. */
  readonly passwordHash: string | null;
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
/** Locked until the transaction ends, so that what is decided about it is decided one after the other. */
export async function lockAccount(runner: Runner, id: string): Promise<Account | undefined> {
  return (await runner.rows<Account>({ text: `select ${columns} from accounts where id = $1 for update`, values: [id] }))[0];
}
/** Makes the account or renews its name, role, desk and password; the e-mail address identifies it. */
export async function putAccount(runner: Runner, account: SignedInUser & { readonly passwordHash: string }): Promise<void> {
  await runner.rows({
    text: `insert into accounts (id, email, name, role, desk_id, password_hash) values ($1, $2, $3, $4, $5, $6)
      on conflict (lower(email)) do update set name = excluded.name, role = excluded.role, desk_id = excluded.desk_id, password_hash = excluded.password_hash`,
    values: [account.id, account.email, account.name, account.role, account.deskId, account.passwordHash],
  });
}
/** There is no role of this name. */
export class UnknownRole extends Error {
  constructor(role: string, cause: unknown) {
    super(`there is no role "${role}"`, { cause });
    this.name = 'UnknownRole';
  }
}
/** Codes of Postgres for a foreign key and for a check. */
const ROLE_REFUSED = new Set(['23503', '23514']);

/** Makes an account without a password, or renews one that has none yet. Throws UnknownRole. */
export async function addAccount(
  runner: Runner,
  { id, email, name, role, deskId }: Pick<Account, 'id' | 'email' | 'name' | 'deskId'> & { readonly role: string },
): Promise<Account> {
  try {
    const rows = await runner.rows<Account>({
      text: `insert into accounts (id, email, name, role, desk_id) values ($1, $2, $3, $4, $5)
        on conflict (lower(email)) do update set name = excluded.name, role = excluded.role, desk_id = excluded.desk_id
          where accounts.password_hash is null returning ${columns}`,
      values: [id, email, name, role, deskId],
    });
    const [account] = rows;
    if (!account) throw new Error('the account has a password by now');
    return account;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && ROLE_REFUSED.has(String(cause.code))) throw new UnknownRole(role, cause);
    throw cause;
  }
}
export async function setPassword(runner: Runner, id: string, passwordHash: string): Promise<void> {
  await runner.rows({ text: 'update accounts set password_hash = $2 where id = $1', values: [id, passwordHash] });
}
/** Answers false when another account has this address, in whatever spelling. */
export async function setEmail(runner: Runner, id: string, email: string): Promise<boolean> {
  const rows = await runner.rows({
    text: `update accounts set email = $2 where id = $1 and not exists (select from accounts a where lower(a.email) = lower($2) and a.id <> $1)
      returning id`,
    values: [id, email],
  });
  return rows.length > 0;
}
/** The same password under today's cost. Unless the password was changed meanwhile. */
export async function rehashPassword(runner: Runner, id: string, oldHash: string, newHash: string): Promise<void> {
  await runner.rows({
    text: 'update accounts set password_hash = $3 where id = $1 and password_hash = $2',
    values: [id, oldHash, newHash],
  });
}

/** The key that seals where the environment brings none; the first start of a database makes it. */
export async function databaseSecret(runner: Runner, fresh: string): Promise<string> {
  await runner.rows({
    text: `insert into signing_keys (kid, secret, use) values ('seal', $1, 'seal') on conflict do nothing`,
    values: [fresh],
  });
  const secret = await knownDatabaseSecret(runner);
  if (secret === undefined) throw new Error('there is no key to seal with');
  return secret;
}
/** undefined where none was ever made. */
export async function knownDatabaseSecret(runner: Runner): Promise<string | undefined> {
  return (await runner.rows<{ secret: string }>({ text: `select secret from signing_keys where use = 'seal'` }))[0]?.secret;
}

export interface SigningKey {
  readonly kid: string;
  readonly secret: string;
}
/** What keys sign: access tokens, and grants for working without the server. */
export type SigningUse = 'access' | 'grant';

/** The newest first: it signs, all verify. The first start of a database makes the first one; of several that started at once, one counts. */
export async function signingKeys(runner: Runner, use: SigningUse, fresh: SigningKey): Promise<readonly [SigningKey, ...SigningKey[]]> {
  await runner.rows({
    text: `insert into signing_keys (kid, secret, use) select $1, $2, $3 where not exists (select from signing_keys where use = $3)`,
    values: [fresh.kid, fresh.secret, use],
  });
  return knownSigningKeys(runner, use);
}
export async function knownSigningKeys(runner: Runner, use: SigningUse): Promise<readonly [SigningKey, ...SigningKey[]]> {
  const [newest, ...others] = await runner.rows<SigningKey>({
    text: `select kid, secret from signing_keys where use = $1 order by created_at desc, kid`,
    values: [use],
  });
  if (!newest) throw new Error(`there is no key for ${use}`);
  return [newest, ...others];
}
/** Until the transaction ends nobody else changes keys. */
export const lockSigningKeys = (runner: Runner): Promise<unknown[]> =>
  runner.rows({ text: 'lock table signing_keys in share row exclusive mode' });
/** Answers false when there is one that was made after `before`. */
export async function addAccessKey(
  runner: Runner,
  key: SigningKey,
  { at, before }: { readonly at: string; readonly before: string },
): Promise<boolean> {
  const rows = await runner.rows({
    text: `insert into signing_keys (kid, secret, use, created_at) select $1, $2, 'access', $3
      where not exists (select from signing_keys where use = 'access' and created_at > $4) returning kid`,
    values: [key.kid, key.secret, at, before],
  });
  return rows.length > 0;
}
/** Those that have had a successor since before then; answers how many. */
export async function dropAccessKeys(runner: Runner, before: string): Promise<number> {
  const rows = await runner.rows({
    text: `delete from signing_keys k where k.use = 'access'
      and exists (select from signing_keys n where n.use = k.use and n.created_at > k.created_at and n.created_at < $1) returning kid`,
    values: [before],
  });
  return rows.length;
}
