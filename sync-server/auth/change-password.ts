/** Changing one's password: the current one is asked for, the new one judged, and every other session ended. */
import { accountById, setPassword } from '../db/accounts.ts';
import { voidEveryOneTimeToken } from '../db/one-time-tokens.ts';
import { securityEvent } from '../db/security-events.ts';
import type { Caller } from './authenticate.ts';
import { type Target, brake, release } from './brake.ts';
import { changeFactor } from './factor-change.ts';
import { hashPassword, passwordMatches } from './password.ts';
import { type PasswordProblem, passwordProblem } from './password-policy.ts';
import type { SignInDependencies } from './sign-in.ts';

export type ChangeOutcome =
  | { readonly kind: 'changed' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'blocked'; readonly seconds: number }
  | { readonly kind: 'refused'; readonly problem: PasswordProblem };

/** Guessing the current password from a session that was left open is braked like guessing at sign-in. */
export async function changePassword(
  dependencies: SignInDependencies,
  caller: Caller,
  current: string,
  next: string,
): Promise<ChangeOutcome> {
  const { db, now } = dependencies;
  const account = await accountById(db, caller.user.id);
  if (!account || account.passwordHash === null) return { kind: 'wrong' };
  const { device, address } = caller;
  const target: Target = { email: account.email, knownDevice: device, address };
  const { waitSeconds } = await brake(db, target, now());
  if (waitSeconds > 0) return { kind: 'blocked', seconds: waitSeconds };
  if (!(await passwordMatches(current, account.passwordHash))) {
    await securityEvent(db, { kind: 'password_change_failed', who: account, device, address, at: now() });
    return { kind: 'wrong' };
  }
  await release(db, target, now());
  const problem = await passwordProblem(next, account);
  if (problem) return { kind: 'refused', problem };
  const hash = await hashPassword(next);
  await changeFactor(dependencies, { ...caller, user: account }, 'password_changed', async (runner) => {
    await setPassword(runner, account.id, hash);
    // Somebody else may have asked for them.
    await voidEveryOneTimeToken(runner, account.id);
    return true;
  });
  return { kind: 'changed' };
}
