/** Devices, sessions and their refresh tokens. Tokens are stored as hashes only. */
import type { SessionLine } from '../../domain/protocol/admin.ts';
import type { Runner } from './database.ts';

export type SessionEnd =
  | 'signed_out'
  | 'password_changed'
  | 'device_revoked'
  | 'token_reused'
  | 'account_disabled'
  | 'ended_by_other'
  | 'second_factor_due'
  | 'second_factor_removed'
  | 'factors_changed';

export interface DeviceRow {
  readonly accountId: string;
  readonly device: string;
  readonly name: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly address: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  readonly wipedAt: string | null;
  /** Sessions that have not ended. */
  readonly sessions: number;
}
const deviceColumns = `account_id as "accountId", device, name, first_seen as "firstSeen", last_seen as "lastSeen", address,
  revoked_at as "revokedAt", revoked_by as "revokedBy", wiped_at as "wipedAt",
  (select count(*) from sessions s where s.account_id = d.account_id and s.device = d.device and s.ended_at is null and s.expires_at > $1) as sessions`;

export async function deviceOfAccount(runner: Runner, now: string, accountId: string, device: string): Promise<DeviceRow | undefined> {
  const rows = await runner.rows<DeviceRow>({
    text: `select ${deviceColumns} from devices d where account_id = $2 and device = $3`,
    values: [now, accountId, device],
  });
  return rows[0];
}
/** Those that are signed in, and those that were revoked; the last used first. */
export async function devicesOfAccount(runner: Runner, now: string, accountId: string): Promise<DeviceRow[]> {
  return runner.rows<DeviceRow>({
    text: `select * from (select ${deviceColumns} from devices d where account_id = $2) all_of_them
      where sessions > 0 or "revokedAt" is not null order by "lastSeen" desc, device`,
    values: [now, accountId],
  });
}
/** Makes the device known or notes that it was seen. A name that somebody gave it stays. */
export async function seeDevice(
  runner: Runner,
  device: { readonly accountId: string; readonly device: string; readonly name: string; readonly address: string },
  now: string,
): Promise<void> {
  await runner.rows({
    text: `insert into devices (account_id, device, name, first_seen, last_seen, address) values ($1, $2, $3, $4, $4, $5)
      on conflict (account_id, device) do update set last_seen = excluded.last_seen, address = excluded.address`,
    values: [device.accountId, device.device, device.name, now, device.address],
  });
}
export async function renameDevice(runner: Runner, accountId: string, device: string, name: string): Promise<boolean> {
  const rows = await runner.rows({
    text: 'update devices set name = $3 where account_id = $1 and device = $2 returning device',
    values: [accountId, device, name],
  });
  return rows.length > 0;
}
/** Answers false when there is no such device or it was revoked before. */
export async function revokeDevice(runner: Runner, accountId: string, device: string, by: string, now: string): Promise<boolean> {
  const rows = await runner.rows({
    text: `update devices set revoked_at = $4, revoked_by = $3 where account_id = $1 and device = $2 and revoked_at is null returning device`,
    values: [accountId, device, by, now],
  });
  if (rows.length > 0) await endSessions(runner, { accountId, device }, 'device_revoked');
  return rows.length > 0;
}
export async function noteWiped(runner: Runner, accountId: string, device: string, now: string): Promise<boolean> {
  const rows = await runner.rows({
    text: `update devices set wiped_at = $3 where account_id = $1 and device = $2 and revoked_at is not null and wiped_at is null returning device`,
    values: [accountId, device, now],
  });
  return rows.length > 0;
}

export interface SessionRow {
  readonly id: string;
  readonly accountId: string;
  readonly device: string;
  readonly method: string;
  readonly expiresAt: string;
  readonly endedWhy: SessionEnd | null;
}
const sessionColumns = 'id, account_id as "accountId", device, method, expires_at as "expiresAt", ended_why as "endedWhy"';

export async function addSession(runner: Runner, session: Omit<SessionRow, 'endedWhy'>, now: string): Promise<void> {
  await runner.rows({
    text: `insert into sessions (id, account_id, device, method, created_at, seen_at, proved_at, expires_at) values ($1, $2, $3, $4, $5, $5, $5, $6)`,
    values: [session.id, session.accountId, session.device, session.method, now, session.expiresAt],
  });
}
export async function sessionById(runner: Runner, id: string): Promise<SessionRow | undefined> {
  const rows = await runner.rows<SessionRow>({
    name: 'session-by-id',
    text: `select ${sessionColumns} from sessions where id = $1`,
    values: [id],
  });
  return rows[0];
}
/** Those that live, of one account or of all; the last used first. */
export async function liveSessions(runner: Runner, now: string, accountId?: string): Promise<SessionLine[]> {
  return runner.rows<SessionLine>({
    text: `select s.id, s.account_id as "accountId", a.email, s.device, d.name as "deviceName", s.method, s.created_at as "createdAt",
        s.seen_at as "seenAt", d.address
      from sessions s join accounts a on a.id = s.account_id join devices d on d.account_id = s.account_id and d.device = s.device
      where s.ended_at is null and s.expires_at > $1 and ($2::text is null or s.account_id = $2) order by s.seen_at desc, s.id`,
    values: [now, accountId ?? null],
  });
}
export async function proofOf(runner: Runner, id: string): Promise<string | undefined> {
  return (await runner.rows<{ at: string }>({ text: 'select proved_at as at from sessions where id = $1', values: [id] }))[0]?.at;
}
export async function proveSession(runner: Runner, id: string, now: string): Promise<void> {
  await runner.rows({ text: 'update sessions set proved_at = $2 where id = $1', values: [id, now] });
}
export async function touchSession(runner: Runner, id: string, now: string): Promise<void> {
  await runner.rows({ text: 'update sessions set seen_at = $2 where id = $1', values: [id, now] });
}
/** Which sessions: one, those of a device, or all of an account but one. */
export interface Sessions {
  readonly accountId: string;
  readonly id?: string;
  readonly device?: string;
  readonly butId?: string;
}
/** Answers the ids of those that were ended by this. */
export async function endSessions(runner: Runner, which: Sessions, why: SessionEnd): Promise<string[]> {
  const rows = await runner.rows<{ id: string }>({
    text: `update sessions set ended_at = clock_timestamp(), ended_why = $5
      where account_id = $1 and ($2::text is null or id = $2) and ($3::text is null or device = $3) and ($4::text is null or id <> $4) and ended_at is null
      returning id`,
    values: [which.accountId, which.id ?? null, which.device ?? null, which.butId ?? null, why],
  });
  return rows.map(({ id }) => id);
}

/** Told to every server process when a session ends. */
export const SESSIONS_CHANNEL = 'drover_sessions';
/** Ended within the last hour, by the clock of the database: longer than any access token lives. */
export async function endedSessions(runner: Runner): Promise<{ id: string; why: SessionEnd }[]> {
  return runner.rows({
    name: 'ended-sessions',
    text: `select id, ended_why as why from sessions where ended_at > clock_timestamp() - interval '1 hour'`,
  });
}

export interface RefreshToken {
  readonly tokenHash: string;
  readonly sessionId: string;
  readonly expiresAt: string;
  readonly usedAt: string | null;
  readonly nextHash: string | null;
}
const tokenColumns =
  'token_hash as "tokenHash", session_id as "sessionId", expires_at as "expiresAt", used_at as "usedAt", next_hash as "nextHash"';

/** Answers false when there is such a token already. */
export async function addRefreshToken(
  runner: Runner,
  token: Pick<RefreshToken, 'tokenHash' | 'sessionId' | 'expiresAt'>,
): Promise<boolean> {
  const rows = await runner.rows({
    text: 'insert into refresh_tokens (token_hash, session_id, expires_at) values ($1, $2, $3) on conflict do nothing returning token_hash',
    values: [token.tokenHash, token.sessionId, token.expiresAt],
  });
  return rows.length > 0;
}
/** Locked until the transaction ends, so that two exchanges of one token are judged one after the other. */
export async function lockRefreshToken(runner: Runner, tokenHash: string): Promise<RefreshToken | undefined> {
  const rows = await runner.rows<RefreshToken>({
    text: `select ${tokenColumns} from refresh_tokens where token_hash = $1 for update`,
    values: [tokenHash],
  });
  return rows[0];
}
export async function refreshToken(runner: Runner, tokenHash: string): Promise<RefreshToken | undefined> {
  const rows = await runner.rows<RefreshToken>({
    text: `select ${tokenColumns} from refresh_tokens where token_hash = $1`,
    values: [tokenHash],
  });
  return rows[0];
}
export async function useRefreshToken(runner: Runner, tokenHash: string, nextHash: string, now: string): Promise<void> {
  await runner.rows({
    text: 'update refresh_tokens set used_at = $2, next_hash = $3 where token_hash = $1',
    values: [tokenHash, now, nextHash],
  });
}
/** Sessions that ended or expired long ago, with their tokens. A token that is still known can be seen to be used twice. */
export async function dropOldSessions(runner: Runner, before: string): Promise<void> {
  await runner.rows({ text: 'delete from sessions where ended_at < $1 or expires_at < $1', values: [before] });
}
