/**
 * Proving anew who one is, before what is dangerous: a window that was left open is not its owner. A sign-in counts as proof for
 * ten minutes, then the password is asked for, or a code where there is a second factor.
 */
import { accountById } from '../db/accounts.ts';
import { proofOf, proveSession } from '../db/sessions.ts';
import { HttpError } from '../error-answer.ts';
import type { Caller } from './authenticate.ts';
import { brake, release } from './brake.ts';
import { passwordMatches } from './password.ts';
import { type CodeOutcome, hasTotp, takeCode } from './second-factor.ts';
import type { SignInDependencies } from './sign-in.ts';

const PROOF_MS = 10 * 60_000;

type ProofDependencies = Pick<SignInDependencies, 'db' | 'now'>;

/** By what the account proves itself: a code where it has a second factor, else its password; '' for neither. */
async function wayOf({ db }: ProofDependencies, accountId: string): Promise<'code' | 'password' | ''> {
  if (await hasTotp(db, accountId)) return 'code';
  return ((await accountById(db, accountId))?.passwordHash ?? null) === null ? '' : 'password';
}

/** Throws 403 `proof_required`, with the way to prove it, unless the person has done so lately. A key, which proves nobody, is sent away. */
export async function requireProof(dependencies: ProofDependencies, { user, session }: Caller): Promise<void> {
  if (session === '') throw new HttpError(403, 'key_not_allowed', 'API keys cannot do this. Sign in as a person.');
  const provedAt = await proofOf(dependencies.db, session);
  if (provedAt !== undefined && dependencies.now().getTime() - new Date(provedAt).getTime() <= PROOF_MS) return;
  const way = await wayOf(dependencies, user.id);
  const message = way === '' ? 'Sign in anew before you do this.' : 'Show first that it is you.';
  throw new HttpError(403, 'proof_required', message, { more: { way } });
}

/** Judges a password or a code; a right one counts for the session. */
export async function prove(
  dependencies: SignInDependencies,
  { user, session, device, address }: Caller,
  given: { readonly password?: string; readonly code?: string },
): Promise<CodeOutcome['kind']> {
  const { db, now } = dependencies;
  const account = await accountById(db, user.id);
  const way = await wayOf(dependencies, user.id);
  if (!account || way === '') return 'wrong';
  if (way === 'code') {
    const outcome = await takeCode(dependencies, user, given.code ?? '', { device, address });
    if (outcome.kind !== 'right') return outcome.kind;
  } else {
    const target = { email: account.email, knownDevice: device, address };
    if ((await brake(db, target, now())).waitSeconds > 0) return 'blocked';
    if (account.passwordHash === null || !(await passwordMatches(given.password ?? '', account.passwordHash))) return 'wrong';
    await release(db, target, now());
  }
  await proveSession(db, session, now().toISOString());
  return 'right';
}
