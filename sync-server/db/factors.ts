/** Second factors and passkeys of accounts. */
import type { Runner } from './database.ts';

export interface TotpRow {
  readonly sealed: string;
  readonly confirmed: boolean;
  readonly lastStep: number;
}
export async function totpOf(runner: Runner, accountId: string): Promise<TotpRow | undefined> {
  const rows = await runner.rows<TotpRow>({
    text: `select sealed, confirmed_at is not null as confirmed, last_step as "lastStep" from totp_secrets where account_id = $1`,
    values: [accountId],
  });
  return rows[0];
}
/** A new secret, to be confirmed by a code. One that is confirmed stays: answers false. */
export async function putTotp(runner: Runner, accountId: string, sealed: string): Promise<boolean> {
  const rows = await runner.rows({
    text: `insert into totp_secrets (account_id, sealed) values ($1, $2)
      on conflict (account_id) do update set sealed = excluded.sealed, last_step = 0 where totp_secrets.confirmed_at is null returning account_id`,
    values: [accountId, sealed],
  });
  return rows.length > 0;
}
/** All of them, as they are sealed. */
export async function sealedSecrets(runner: Runner): Promise<{ readonly accountId: string; readonly sealed: string }[]> {
  return runner.rows({ text: 'select account_id as "accountId", sealed from totp_secrets order by account_id' });
}
/** Answers false when it is another one by now. */
export async function replaceSealed(runner: Runner, accountId: string, before: string, sealed: string): Promise<boolean> {
  const text = 'update totp_secrets set sealed = $3 where account_id = $1 and sealed = $2 returning account_id';
  return (await runner.rows({ text, values: [accountId, before, sealed] })).length > 0;
}
/** Takes the half minute of a code; answers false when it, or a later one, was taken before. */
export async function takeTotpStep(runner: Runner, accountId: string, step: number): Promise<boolean> {
  const rows = await runner.rows({
    text: 'update totp_secrets set last_step = $2 where account_id = $1 and last_step < $2 returning account_id',
    values: [accountId, step],
  });
  return rows.length > 0;
}
export async function confirmTotp(runner: Runner, accountId: string, now: string): Promise<void> {
  await runner.rows({
    text: 'update totp_secrets set confirmed_at = coalesce(confirmed_at, $2) where account_id = $1',
    values: [accountId, now],
  });
}
/** With the recovery codes, which are of no use without it. */
export async function removeTotp(runner: Runner, accountId: string): Promise<boolean> {
  await runner.rows({ text: 'delete from recovery_codes where account_id = $1', values: [accountId] });
  return (
    (await runner.rows({ text: 'delete from totp_secrets where account_id = $1 returning account_id', values: [accountId] })).length > 0
  );
}

/** In place of those there were. */
export async function putRecoveryCodes(runner: Runner, accountId: string, hashes: readonly string[]): Promise<void> {
  await runner.rows({ text: 'delete from recovery_codes where account_id = $1', values: [accountId] });
  await runner.rows({
    text: 'insert into recovery_codes (account_id, code_hash) select $1, unnest($2::text[])',
    values: [accountId, hashes],
  });
}
export async function takeRecoveryCode(runner: Runner, accountId: string, hash: string, now: string): Promise<boolean> {
  const rows = await runner.rows({
    text: 'update recovery_codes set used_at = $3 where account_id = $1 and code_hash = $2 and used_at is null returning account_id',
    values: [accountId, hash, now],
  });
  return rows.length > 0;
}
export async function recoveryCodesLeft(runner: Runner, accountId: string): Promise<number> {
  const rows = await runner.rows<{ count: number }>({
    text: 'select count(*) from recovery_codes where account_id = $1 and used_at is null',
    values: [accountId],
  });
  return rows[0]?.count ?? 0;
}

export interface PasskeyRow {
  readonly id: string;
  readonly accountId: string;
  /** base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
}
const passkeyColumns = `id, account_id as "accountId", public_key as "publicKey", counter, transports, name, created_at as "createdAt", used_at as "usedAt"`;

export async function passkeysOf(runner: Runner, accountId: string): Promise<PasskeyRow[]> {
  return runner.rows({ text: `select ${passkeyColumns} from passkeys where account_id = $1 order by created_at, id`, values: [accountId] });
}
/** Locked until the transaction ends, so that its counter is compared and moved by one sign-in at a time. */
export async function lockPasskey(runner: Runner, id: string): Promise<PasskeyRow | undefined> {
  return (await runner.rows<PasskeyRow>({ text: `select ${passkeyColumns} from passkeys where id = $1 for update`, values: [id] }))[0];
}
/** Answers false where it is known already, as whoever's it is. */
export async function addPasskey(runner: Runner, passkey: Omit<PasskeyRow, 'usedAt'>): Promise<boolean> {
  const { id, accountId, publicKey, counter, transports, name, createdAt } = passkey;
  const rows = await runner.rows({
    text: `insert into passkeys (id, account_id, public_key, counter, transports, name, created_at) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict do nothing returning id`,
    values: [id, accountId, publicKey, counter, transports, name, createdAt],
  });
  return rows.length > 0;
}
export async function usePasskey(runner: Runner, id: string, counter: number, now: string): Promise<void> {
  await runner.rows({ text: 'update passkeys set counter = $2, used_at = $3 where id = $1', values: [id, counter, now] });
}
export async function removePasskey(runner: Runner, accountId: string, id: string): Promise<boolean> {
  const rows = await runner.rows({ text: 'delete from passkeys where account_id = $1 and id = $2 returning id', values: [accountId, id] });
  return rows.length > 0;
}
