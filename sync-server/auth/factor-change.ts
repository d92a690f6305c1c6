/**
 * What follows when people change what they sign in by: their other sessions end, because somebody else may have one of them; the
 * entry is written; and they are told by a letter, because it may not have been them.
 */
import { accountById } from '../db/accounts.ts';
import type { Database, Runner } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { endSessions } from '../db/sessions.ts';
import { type SignInChange, signInChanged } from '../mail/letters.ts';
import type { Tell } from '../mail/telling.ts';
import type { Caller } from './authenticate.ts';
import type { SessionWatch } from './session-watch.ts';

export interface ChangeDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly watch: Pick<SessionWatch, 'look'>;
  readonly tell: Tell;
}
/** Who changes something of the own account; `session` goes on, '' for none. */
export type FactorOwner = { readonly user: Pick<Caller['user'], 'id' | 'name' | 'email'> } & Pick<Caller, 'session' | 'device' | 'address'>;

/** `change` answers undefined where there was nothing to change; then nothing follows. */
export async function changeFactor<Changed>(
  { db, now, watch, tell }: ChangeDependencies,
  { user, session, device, address }: FactorOwner,
  kind: SignInChange,
  change: (runner: Runner) => Promise<Changed | undefined>,
  details: { readonly name?: string } = {},
): Promise<Changed | undefined> {
  const at = now();
  const why = kind === 'password_changed' ? kind : 'factors_changed';
  const changed = await db.transaction(async (runner) => {
    const done = await change(runner);
    const account = await accountById(runner, user.id);
    if (done === undefined || !account) return undefined;
    const ended = await endSessions(runner, { accountId: user.id, butId: session }, why);
    await securityEvent(runner, { kind, who: user, device, address, at, details: { ...details, ended: ended.length } });
    // The token of the request may still hold an address of before.
    await tell(runner, { accountId: account.id, to: account.email, letter: signInChanged(account.name, kind, at) });
    return { done };
  });
  if (changed === undefined) return undefined;
  await watch.look();
  return changed.done;
}
