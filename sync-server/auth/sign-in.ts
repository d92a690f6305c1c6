/** Signing in, renewing and signing out: what the routes of /auth do, without HTTP. */
import { randomUUID } from 'node:crypto';
import type { LoginAnswer, SignedInUser } from '../../domain/protocol/protocol.ts';
import { type Account, accountByEmail, accountById, rehashPassword } from '../db/accounts.ts';
import type { Runner } from '../db/database.ts';
import { settingOf } from '../db/settings.ts';
import { isDemoAccount } from '../db/demo-accounts.ts';
import { addOneTimeToken, findOneTimeToken, takeOneTimeToken } from '../db/one-time-tokens.ts';
import { securityEvent } from '../db/security-events.ts';
import {
  type RefreshToken,
  type SessionRow,
  addRefreshToken,
  addSession,
  deviceOfAccount,
  dropOldSessions,
  endSessions,
  lockRefreshToken,
  noteWiped,
  refreshToken,
  seeDevice,
  sessionById,
  touchSession,
  useRefreshToken,
} from '../db/sessions.ts';
import type { Origin } from './authenticate.ts';
import { type Target, brake, release } from './brake.ts';
import { hasFactor, isDue, isSingleFactor, setUpTicket } from './factor-duty.ts';
import type { Grant } from './grants.ts';
import { hashPassword, isOutdated, matchNothing, passwordMatches } from './password.ts';
import { type FactorDependencies, hasTotp, takeCode } from './second-factor.ts';
import { type AccessTokens, hashOfToken, isHashOf, newToken } from './tokens.ts';

export interface SignInDependencies extends FactorDependencies {
  readonly tokens: AccessTokens;
  readonly grant: Grant;
  /** The demo accounts, whose password is public, are refused. */
  readonly production: boolean;
}
/** Between the password and the code. */
const TICKET_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
/** Ended sessions are kept so long, so that a token of theirs is known for what it is. */
const REMEMBERED_DAYS = 30;

const after = (at: Date, days: number): string => new Date(at.getTime() + days * DAY_MS).toISOString();
export const isRefused = ({ production }: Pick<SignInDependencies, 'production'>, account: Account): boolean =>
  account.disabled || (production && isDemoAccount(account.id));
const userOf = ({ id, email, name, role, deskId }: Account): SignedInUser => ({ id, email, name, role, deskId });

export type SignInOutcome =
  | { readonly kind: 'signed_in'; readonly answer: LoginAnswer }
  /** Address or password, or the account is disabled: which of them is not told. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'blocked'; readonly seconds: number }
  /** The password was right; the ticket and a code open the session. */
  | { readonly kind: 'second_factor'; readonly ticket: string }
  | { readonly kind: 'wrong_code' }
  /** The password was right, and a second factor has become a duty: the ticket lets the person set one up. */
  | { readonly kind: 'second_factor_due'; readonly ticket: string }
  /** The password was right, a second factor is a duty, and the account has a passkey: the password alone gets no further. */
  | { readonly kind: 'passkey_due' }
  | { readonly kind: 'device_revoked'; readonly device: string };

async function openSession(dependencies: SignInDependencies, account: Account, origin: Origin, method: string): Promise<LoginAnswer> {
  const { db, now, tokens } = dependencies;
  const at = now();
  const session = randomUUID();
  // A client that does not name itself is a device for this session only.
  const device = origin.device === '' ? `unnamed-${session.slice(0, 8)}` : origin.device;
  const first = newToken();
  const [sessionDays, idleDays] = [await settingOf(db, 'session_days'), await settingOf(db, 'idle_days')];
  await db.transaction(async (runner) => {
    await seeDevice(runner, { accountId: account.id, device, name: origin.deviceName, address: origin.address }, at.toISOString());
    await addSession(runner, { id: session, accountId: account.id, device, method, expiresAt: after(at, sessionDays) }, at.toISOString());
    await addRefreshToken(runner, { tokenHash: hashOfToken(first), sessionId: session, expiresAt: after(at, idleDays) });
    await securityEvent(runner, { kind: 'signed_in', who: account, device, address: origin.address, at, details: { method, session } });
    await dropOldSessions(runner, after(at, -REMEMBERED_DAYS));
  });
  const user = userOf(account);
  return {
    accessToken: await tokens.sign({ user, session, device }, at),
    refreshToken: first,
    user,
    grant: await dependencies.grant(user, device, at),
  };
}

/** Opens a session for somebody who has proved who they are, unless this device of theirs was revoked. */
export async function enterSession(
  dependencies: SignInDependencies,
  account: Account,
  origin: Origin,
  method: string,
): Promise<SignInOutcome> {
  const known = await deviceOfAccount(dependencies.db, dependencies.now().toISOString(), account.id, origin.device);
  if (known?.revokedAt) return { kind: 'device_revoked', device: known.device };
  if (isSingleFactor(method) && (await isDue(dependencies.db, account.id, dependencies.now()))) {
    if (await hasFactor(dependencies.db, account.id)) return { kind: 'passkey_due' };
    return { kind: 'second_factor_due', ticket: await setUpTicket(dependencies, account.id, origin.device) };
  }
  return { kind: 'signed_in', answer: await openSession(dependencies, account, origin, method) };
}

async function noteFailure(dependencies: SignInDependencies, account: Account | undefined, origin: Origin): Promise<void> {
  await securityEvent(dependencies.db, {
    kind: 'sign_in_failed',
    who: account,
    device: origin.device,
    address: origin.address,
    at: dependencies.now(),
    details: account ? { reason: isRefused(dependencies, account) ? 'account' : 'password' } : { reason: 'unknown' },
  });
}

/** An unknown address costs the same work, and the same statements, as a known one with a wrong password. */
export async function signIn(dependencies: SignInDependencies, email: string, password: string, origin: Origin): Promise<SignInOutcome> {
  const { db, now } = dependencies;
  const at = now();
  const account = await accountByEmail(db, email.trim());
  const known = await deviceOfAccount(db, at.toISOString(), account?.id ?? '', origin.device);
  const target: Target = { email, address: origin.address, ...(known ? { knownDevice: known.device } : {}) };
  const { waitSeconds, began } = await brake(db, target, at);
  if (began) await securityEvent(db, { kind: 'sign_in_blocked', who: account, device: origin.device, address: origin.address, at });
  if (waitSeconds > 0) return { kind: 'blocked', seconds: waitSeconds };
  const hash = account?.passwordHash ?? undefined;
  const matches = hash === undefined ? await matchNothing(password) : await passwordMatches(password, hash);
  if (!account || hash === undefined || !matches || isRefused(dependencies, account)) {
    await noteFailure(dependencies, account, origin);
    return { kind: 'wrong' };
  }
  await release(db, target, at);
  if (isOutdated(hash)) await rehashPassword(db, account.id, hash, await hashPassword(password));
  if (!(await hasTotp(db, account.id))) return enterSession(dependencies, account, origin, 'password');
  const ticket = newToken();
  const expiresAt = new Date(at.getTime() + TICKET_MS).toISOString();
  const data = { device: origin.device };
  await addOneTimeToken(db, { tokenHash: hashOfToken(ticket), purpose: 'second_factor', accountId: account.id, data, expiresAt });
  return { kind: 'second_factor', ticket };
}

/** The second step: the ticket of the first, from the same device, and a code. A wrong code leaves the ticket for another try. */
export async function signInBySecond(
  dependencies: SignInDependencies,
  ticket: string,
  code: string,
  origin: Origin,
): Promise<SignInOutcome> {
  const { db, now } = dependencies;
  const at = now().toISOString();
  const found = await findOneTimeToken(db, hashOfToken(ticket), ['second_factor'], at);
  const account = await accountById(db, found?.accountId ?? '');
  if (!found || !account || found.data['device'] !== origin.device || isRefused(dependencies, account)) return { kind: 'wrong' };
  const outcome = await takeCode(dependencies, account, code, origin);
  if (outcome.kind === 'blocked') return outcome;
  if (outcome.kind === 'wrong') return { kind: 'wrong_code' };
  if (!(await takeOneTimeToken(db, hashOfToken(ticket), ['second_factor'], at))) return { kind: 'wrong' };
  return enterSession(dependencies, account, origin, `password and ${outcome.by}`);
}

export type RenewOutcome =
  | { readonly kind: 'renewed'; readonly answer: LoginAnswer }
  /** `reused`: this very request ended the session. */
  | { readonly kind: 'ended'; readonly reused: boolean }
  | { readonly kind: 'account_disabled' }
  | { readonly kind: 'device_revoked'; readonly device: string };
const ended: RenewOutcome = { kind: 'ended', reused: false };

/** Whether this is the same exchange again, whose answer was lost: nobody else knows `next`, and it was not used yet. */
async function isRepeated(runner: Runner, token: RefreshToken, next: string | undefined): Promise<boolean> {
  if (next === undefined || token.nextHash === null || !isHashOf(token.nextHash, next)) return false;
  return (await lockRefreshToken(runner, token.nextHash))?.usedAt === null;
}

/** A client that names no device may be the one that it was. */
const isOf = (session: SessionRow, origin: Origin): boolean => origin.device === '' || origin.device === session.device;

async function endReused(runner: Runner, session: SessionRow, account: Account, origin: Origin, at: Date): Promise<RenewOutcome> {
  await endSessions(runner, { accountId: session.accountId, id: session.id }, 'token_reused');
  const details = { session: session.id, ...(isOf(session, origin) ? {} : { from: origin.device }) };
  await securityEvent(runner, { kind: 'refresh_reused', who: account, device: session.device, address: origin.address, at, details });
  return { kind: 'ended', reused: true };
}

/** Exchanges a refresh token for the next one. One that was used before, or comes from another device, ends the whole session: somebody else has it. */
export async function renew(
  dependencies: SignInDependencies,
  given: { readonly refreshToken: string; readonly next?: string },
  origin: Origin,
): Promise<RenewOutcome> {
  const { db, now, tokens, watch } = dependencies;
  const outcome = await db.transaction(async (runner): Promise<RenewOutcome> => {
    const at = now();
    const token = await lockRefreshToken(runner, hashOfToken(given.refreshToken));
    const session = token ? await sessionById(runner, token.sessionId) : undefined;
    if (!token || !session) return ended;
    if (session.endedWhy === 'device_revoked') return { kind: 'device_revoked', device: session.device };
    if (session.endedWhy === 'account_disabled') return { kind: 'account_disabled' };
    if (session.endedWhy !== null || token.expiresAt <= at.toISOString() || session.expiresAt <= at.toISOString()) return ended;
    const account = await accountById(runner, session.accountId);
    if (!account || isRefused(dependencies, account)) return ended;
    if (isSingleFactor(session.method) && (await isDue(runner, account.id, at))) {
      await endSessions(runner, { accountId: account.id, id: session.id }, 'second_factor_due');
      return ended;
    }
    // Copied to another device: the session belongs to the one that signed in.
    if (!isOf(session, origin)) return endReused(runner, session, account, origin, at);
    const next = given.next ?? newToken();
    if (token.usedAt === null) {
      const nextHash = hashOfToken(next);
      const expiresAt = after(at, await settingOf(runner, 'idle_days'));
      const isNew = await addRefreshToken(runner, { tokenHash: nextHash, sessionId: session.id, expiresAt });
      if (!isNew) return endReused(runner, session, account, origin, at);
      await useRefreshToken(runner, token.tokenHash, nextHash, at.toISOString());
    } else if (!(await isRepeated(runner, token, given.next))) {
      return endReused(runner, session, account, origin, at);
    }
    const { device, accountId } = session;
    await touchSession(runner, session.id, at.toISOString());
    await seeDevice(runner, { accountId, device, name: origin.deviceName, address: origin.address }, at.toISOString());
    const user = userOf(account);
    const grant = await dependencies.grant(user, device, at);
    return {
      kind: 'renewed',
      answer: { grant, accessToken: await tokens.sign({ user, session: session.id, device }, at), refreshToken: next, user },
    };
  });
  if (outcome.kind === 'ended' && outcome.reused) await watch.look();
  return outcome;
}

/** Ends the session that the token belongs to. Nothing happens for an unknown token. */
export async function signOut({ db, now, watch }: SignInDependencies, given: string, origin: Origin): Promise<void> {
  await db.transaction(async (runner) => {
    const token = await refreshToken(runner, hashOfToken(given));
    const session = token ? await sessionById(runner, token.sessionId) : undefined;
    const account = session ? await accountById(runner, session.accountId) : undefined;
    if (!session || session.endedWhy !== null) return;
    await endSessions(runner, { accountId: session.accountId, id: session.id }, 'signed_out');
    const details = { session: session.id };
    await securityEvent(runner, { kind: 'signed_out', who: account, device: session.device, address: origin.address, at: now(), details });
  });
  await watch.look();
}

/** A revoked device says that it has removed everything; it proves itself by a token of an ended session. */
export async function deviceWiped({ db, now }: SignInDependencies, given: string, origin: Origin): Promise<void> {
  await db.transaction(async (runner) => {
    const token = await refreshToken(runner, hashOfToken(given));
    const session = token ? await sessionById(runner, token.sessionId) : undefined;
    if (session?.endedWhy !== 'device_revoked') return;
    if (!(await noteWiped(runner, session.accountId, session.device, now().toISOString()))) return;
    const who = await accountById(runner, session.accountId);
    await securityEvent(runner, { kind: 'device_wiped', who, device: session.device, address: origin.address, at: now() });
  });
}
