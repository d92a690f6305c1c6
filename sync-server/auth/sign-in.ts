/** Signing in and renewing: what the routes of /auth do, without HTTP. */
import { randomUUID } from 'node:crypto';
import type { LoginAnswer, SignedInUser } from '../../domain/protocol/protocol.ts';
import {
  type Account,
  accountByEmail,
  accountById,
  addRefreshToken,
  dropExpiredTokens,
  lockRefreshToken,
  markRefreshTokenUsed,
  revokeFamily,
} from '../db/accounts.ts';
import type { Database, Runner } from '../db/database.ts';
import { isDemoAccount } from '../db/demo-accounts.ts';
import { matchNothing, passwordMatches } from './password.ts';
import { type AccessTokens, REFRESH_DAYS, hashOfToken, newRefreshToken } from './tokens.ts';

export interface SignInDependencies {
  readonly db: Database;
  readonly tokens: AccessTokens;
  readonly now: () => Date;
  /** The demo accounts, whose password is public, are refused. */
  readonly production: boolean;
}

/** A device whose answer was lost on the way sends its token again; later than this it looks like theft. */
const REUSE_GRACE_MS = 60_000;
const DAY_MS = 86_400_000;

const isRefused = ({ production }: SignInDependencies, account: Account): boolean =>
  account.disabled || (production && isDemoAccount(account.id));
const userOf = ({ id, email, name, role, deskId }: Account): SignedInUser => ({ id, email, name, role, deskId });

async function issue(
  dependencies: SignInDependencies,
  runner: Runner,
  account: Account,
  device: string,
  family: string,
): Promise<LoginAnswer> {
  const now = dependencies.now();
  const refreshToken = newRefreshToken();
  const expiresAt = new Date(now.getTime() + REFRESH_DAYS * DAY_MS).toISOString();
  await addRefreshToken(
    runner,
    { tokenHash: hashOfToken(refreshToken), family, accountId: account.id, device, expiresAt },
    now.toISOString(),
  );
  const user = userOf(account);
  return { accessToken: await dependencies.tokens.sign(user, now), refreshToken, user };
}

/** undefined when the address or the password is wrong or the account is disabled; which of them is not told. */
export async function signIn(
  dependencies: SignInDependencies,
  email: string,
  password: string,
  device: string,
): Promise<LoginAnswer | undefined> {
  const { db, now } = dependencies;
  const account = await accountByEmail(db, email.trim());
  const matches = account ? await passwordMatches(password, account.passwordHash) : await matchNothing(password);
  if (!account || !matches || isRefused(dependencies, account)) return undefined;
  await dropExpiredTokens(db, now().toISOString());
  return issue(dependencies, db, account, device, randomUUID());
}

/** Exchanges a refresh token for the next one. undefined when it is unknown, expired, revoked or was used before. */
export async function renew(dependencies: SignInDependencies, refreshToken: string): Promise<LoginAnswer | undefined> {
  const { db, now } = dependencies;
  return db.transaction(async (runner) => {
    const at = now();
    const token = await lockRefreshToken(runner, hashOfToken(refreshToken));
    if (!token || token.revokedAt !== null || token.expiresAt <= at.toISOString()) return undefined;
    if (token.usedAt !== null && at.getTime() - new Date(token.usedAt).getTime() > REUSE_GRACE_MS) {
      await revokeFamily(runner, token.family, at.toISOString());
      return undefined;
    }
    const account = await accountById(runner, token.accountId);
    if (!account || isRefused(dependencies, account)) return undefined;
    await markRefreshTokenUsed(runner, token.tokenHash, at.toISOString());
    return issue(dependencies, runner, account, token.device, token.family);
  });
}
