/** What administrators do to accounts; the routes of /admin and the command line both end here. Each is one transaction with its entry. */
import type { UserLine } from '../../domain/protocol/admin.ts';
import type { SessionWatch } from '../auth/session-watch.ts';
import type { By } from '../auth/devices.ts';
import { someoneChangesRoles } from '../access/roles.ts';
import { type AccountChange, changeAccount, roleNames } from '../db/access.ts';
import type { Database, Runner } from '../db/database.ts';
import { lockDesks, notOpenDesks } from '../db/desks.ts';
import { lockRoles } from '../db/roles.ts';
import { securityEvent } from '../db/security-events.ts';
import { endSessions, sessionById } from '../db/sessions.ts';
import { deleteInvited, listUsers, setDisabled } from '../db/users.ts';

export interface UserDependencies {
  readonly db: Database;
  readonly watch: Pick<SessionWatch, 'look'>;
  readonly now: () => Date;
}
export interface UserChange extends AccountChange {
  readonly disabled?: boolean;
  /** Why; stands in the entry. */
  readonly reason?: string;
}
export type UserOutcome =
  | { readonly kind: 'done'; readonly user: UserLine }
  | { readonly kind: 'unknown_account' }
  | { readonly kind: 'unknown_role'; readonly roles: readonly string[] }
  /** Somebody should come to a desk that is closed, or that there is not. */
  | { readonly kind: 'no_open_desk'; readonly desk: string }
  /** Nobody who may change rights would be left. */
  | { readonly kind: 'last_admin' }
  | { readonly kind: 'came_already' };

class Refused extends Error {
  readonly outcome: UserOutcome;
  constructor(outcome: UserOutcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

async function within(db: Database, work: (runner: Runner) => Promise<UserOutcome>): Promise<UserOutcome> {
  try {
    return await db.transaction(work);
  } catch (cause) {
    // Rolled back: what was tried did not happen.
    if (cause instanceof Refused) return cause.outcome;
    throw cause;
  }
}

async function found(runner: Runner, account: string, now: Date): Promise<UserLine> {
  const [user] = account === '' ? [] : await listUsers(runner, now.toISOString(), account);
  if (!user) throw new Refused({ kind: 'unknown_account' });
  return user;
}

type Shown = Pick<UserLine, 'name' | 'role' | 'desks'>;
const shown = ({ name, role, desks }: UserLine): Shown => ({ name, role, desks });

/** Name, role, desks, disabled or not. `account`: id or e-mail address. A disabled account is signed out everywhere, at once. */
export async function changeUser(
  { db, watch, now }: UserDependencies,
  account: string,
  { disabled, reason = '', ...change }: UserChange,
  by: By,
): Promise<UserOutcome> {
  const at = now();
  const outcome = await within(db, async (runner) => {
    // Two administrators must not take each other's rights at the same time.
    await lockRoles(runner);
    await lockDesks(runner);
    const before = await found(runner, account, at);
    const roles = await roleNames(runner);
    if (change.role !== undefined && !roles.includes(change.role)) return { kind: 'unknown_role', roles };
    // One that the account has already may be closed, but nobody is there when a desk closes.
    const [desk] = await notOpenDesks(runner, change.desks ?? []);
    if (desk !== undefined && !before.desks.includes(desk)) return { kind: 'no_open_desk', desk };
    await changeAccount(runner, before.id, change);
    const wasDisabled = before.state === 'disabled';
    if (disabled !== undefined && disabled !== wasDisabled) await setDisabled(runner, before.id, disabled ? at.toISOString() : null);
    if (!(await someoneChangesRoles(runner))) throw new Refused({ kind: 'last_admin' });
    const after = await found(runner, before.id, at);
    const note = (
      kind: 'account_changed' | 'account_disabled' | 'account_enabled',
      details: { readonly before?: Shown; readonly after?: Shown } = {},
    ): Promise<void> =>
      securityEvent(runner, {
        kind,
        who: after,
        device: by.device,
        address: by.address,
        at,
        details: { ...details, ...(reason === '' ? {} : { reason }), by: { id: by.id, name: by.name } },
      });
    if (JSON.stringify(shown(before)) !== JSON.stringify(shown(after)))
      await note('account_changed', { before: shown(before), after: shown(after) });
    if (after.state === 'disabled' && !wasDisabled) await note('account_disabled');
    if (after.state !== 'disabled' && wasDisabled) await note('account_enabled');
    return { kind: 'done', user: after };
  });
  if (outcome.kind === 'done') await watch.look();
  return outcome;
}

/** Ends every session, whoever has them; devices keep what they hold and sign in again. */
export async function signOutEverywhere({ db, watch, now }: UserDependencies, account: string, by: By): Promise<UserOutcome> {
  const at = now();
  const outcome = await within(db, async (runner) => {
    const user = await found(runner, account, at);
    const ended = await endSessions(runner, { accountId: user.id }, 'ended_by_other');
    const details = { ended: ended.length, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'signed_out_everywhere', who: user, device: by.device, address: by.address, at, details });
    return { kind: 'done', user: await found(runner, user.id, at) };
  });
  await watch.look();
  return outcome;
}

/** Ends one session. Answers false when there is none of this id, or it ended before. */
export async function endOneSession({ db, watch, now }: UserDependencies, id: string, by: By): Promise<boolean> {
  const at = now();
  const done = await db.transaction(async (runner) => {
    const session = await sessionById(runner, id);
    if (!session || session.endedWhy !== null) return false;
    await endSessions(runner, { accountId: session.accountId, id }, 'ended_by_other');
    const [who] = await listUsers(runner, at.toISOString(), session.accountId);
    const details = { session: id, device: session.device, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'session_ended', who, device: by.device, address: by.address, at, details });
    return true;
  });
  if (done) await watch.look();
  return done;
}

/** The link counts no more, and the account of whoever never came is gone. */
export async function withdrawInvitation({ db, now }: UserDependencies, account: string, by: By): Promise<UserOutcome> {
  const at = now();
  return within(db, async (runner) => {
    const user = await found(runner, account, at);
    if (!(await deleteInvited(runner, user.id))) return { kind: 'came_already' };
    const details = { role: user.role, desks: user.desks, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'invitation_withdrawn', who: user, device: by.device, address: by.address, at, details });
    return { kind: 'done', user };
  });
}
