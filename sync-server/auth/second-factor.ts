/**
 * The second factor: codes of an authenticator app (TOTP), and recovery codes for when it is lost. A code is taken once; so is
 * any code of its half minute or an earlier one. Guesses are braked for each account.
 */
import { createHash, randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verify } from 'otplib';
import type { Runner } from '../db/database.ts';
import {
  confirmTotp,
  putRecoveryCodes,
  putTotp,
  recoveryCodesLeft,
  removeTotp,
  takeRecoveryCode,
  takeTotpStep,
  totpOf,
} from '../db/factors.ts';
import { securityEvent } from '../db/security-events.ts';
import type { Caller, Origin } from './authenticate.ts';
import { brakeOn, releaseKey } from './brake.ts';
import { type ChangeDependencies, type FactorOwner, changeFactor } from './factor-change.ts';
import type { Seal } from './seal.ts';

export interface FactorDependencies extends ChangeDependencies {
  readonly seal: Seal;
}

/** A code before and one after the present one: clocks differ, and people type slowly. */
const TOLERANCE_SECONDS = 30;
const GUESSES_MAX = 5;
const RECOVERY_CODES = 10;
/** Letters and digits that are not mixed up. 24 of them are 118 bits: nobody finds them from a fast hash (OWASP ASVS 6.5.2 asks for 112). */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const CODE_CHARS = 24;

const hashOf = (accountId: string, code: string): string => createHash('sha256').update(`${accountId}\n${code}`).digest('base64url');
const bare = (code: string): string => code.toLowerCase().replaceAll(/[^0-9a-z]/g, '');

function newRecoveryCode(): string {
  let code = '';
  while (code.length < CODE_CHARS) {
    const [byte = 255] = randomBytes(1);
    // Whatever would make some letters more likely than others is thrown again.
    if (byte < 256 - (256 % ALPHABET.length)) code += ALPHABET[byte % ALPHABET.length] ?? '';
  }
  return (code.match(/.{4}/g) ?? []).join('-');
}

export const keyOfGuesses = (accountId: string): string => `second:${accountId}`;

/** Whether a code of the authenticator app is right and was not used; uses it up. */
async function takeTotp({ seal, now }: FactorDependencies, runner: Runner, accountId: string, token: string): Promise<boolean> {
  const row = await totpOf(runner, accountId);
  if (!row || !/^\d{6}$/.test(token)) return false;
  const secret = seal.open(row.sealed, accountId);
  const epoch = Math.floor(now().getTime() / 1000);
  const result = await verify({ secret, token, epoch, epochTolerance: TOLERANCE_SECONDS });
  return result.valid && 'timeStep' in result && takeTotpStep(runner, accountId, result.timeStep);
}

export type CodeOutcome =
  | { readonly kind: 'right'; readonly by: 'totp' | 'recovery_code' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'blocked'; readonly seconds: number };

/** Judges a code of either sort, after counting the guess. */
export async function takeCode(
  dependencies: FactorDependencies,
  account: { readonly id: string; readonly name: string },
  code: string,
  { device, address }: Pick<Origin, 'device' | 'address'>,
): Promise<CodeOutcome> {
  const { db, now } = dependencies;
  const at = now();
  const { waitSeconds } = await brakeOn(db, [[keyOfGuesses(account.id), GUESSES_MAX]], at);
  if (waitSeconds > 0) return { kind: 'blocked', seconds: waitSeconds };
  const typed = bare(code);
  const by = await db.transaction(async (runner) => {
    if (await takeTotp(dependencies, runner, account.id, typed)) return 'totp' as const;
    if (!(await takeRecoveryCode(runner, account.id, hashOf(account.id, typed), at.toISOString()))) return undefined;
    const details = { left: await recoveryCodesLeft(runner, account.id) };
    await securityEvent(runner, { kind: 'recovery_code_used', who: account, device, address, at, details });
    return 'recovery_code' as const;
  });
  if (by === undefined) {
    await securityEvent(db, { kind: 'second_factor_failed', who: account, device, address, at });
    return { kind: 'wrong' };
  }
  await releaseKey(db, keyOfGuesses(account.id));
  return { kind: 'right', by };
}

/** Whether this account signs in with a second factor. */
export const hasTotp = async (runner: Runner, accountId: string): Promise<boolean> => (await totpOf(runner, accountId))?.confirmed === true;

/** A secret for the authenticator app. It counts when a code has confirmed it. undefined when one is in use already. */
export async function beginTotp(
  { db, seal }: FactorDependencies,
  { user }: { readonly user: Pick<Caller['user'], 'id' | 'email'> },
): Promise<{ readonly secret: string; readonly uri: string } | undefined> {
  const secret = generateSecret();
  if (!(await putTotp(db, user.id, seal.close(secret, user.id)))) return undefined;
  return { secret, uri: generateURI({ issuer: 'Drover', label: user.email, secret }) };
}

async function renewCodes(runner: Runner, accountId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  await putRecoveryCodes(
    runner,
    accountId,
    codes.map((code) => hashOf(accountId, bare(code))),
  );
  return codes;
}

/** Answers the recovery codes, which are shown this once. */
export async function confirmTotpBy(
  dependencies: FactorDependencies,
  owner: FactorOwner,
  code: string,
): Promise<{ readonly kind: 'confirmed'; readonly codes: readonly string[] } | Exclude<CodeOutcome, { kind: 'right' }>> {
  const { db, now } = dependencies;
  const { id } = owner.user;
  const { waitSeconds } = await brakeOn(db, [[keyOfGuesses(id), GUESSES_MAX]], now());
  if (waitSeconds > 0) return { kind: 'blocked', seconds: waitSeconds };
  const codes = await changeFactor(dependencies, owner, 'totp_enabled', async (runner) => {
    if (await hasTotp(runner, id)) return undefined;
    if (!(await takeTotp(dependencies, runner, id, bare(code)))) return undefined;
    await confirmTotp(runner, id, now().toISOString());
    return renewCodes(runner, id);
  });
  if (!codes) return { kind: 'wrong' };
  await releaseKey(db, keyOfGuesses(id));
  return { kind: 'confirmed', codes };
}

/** In place of those there were; undefined where there is no app to recover from. */
export const newRecoveryCodes = (dependencies: FactorDependencies, owner: FactorOwner): Promise<string[] | undefined> =>
  changeFactor(dependencies, owner, 'recovery_codes_renewed', async (runner) =>
    (await hasTotp(runner, owner.user.id)) ? renewCodes(runner, owner.user.id) : undefined,
  );

/** With its recovery codes; undefined where there was none. */
export const disableTotp = (dependencies: FactorDependencies, owner: FactorOwner): Promise<true | undefined> =>
  changeFactor(dependencies, owner, 'totp_disabled', async (runner) => ((await removeTotp(runner, owner.user.id)) ? true : undefined));
