/** Links by which somebody chooses a password: after an invitation, and after "forgot your password?". */
import { randomUUID } from 'node:crypto';
import type { LinkAnswer } from '../../domain/protocol/protocol.ts';
import { type Account, UnknownRole, accountByEmail, accountById, addAccount, setPassword } from '../db/accounts.ts';
import { changeAccount } from '../db/access.ts';
import type { Runner } from '../db/database.ts';
import { lockDesks, notOpenDesks } from '../db/desks.ts';
import {
  type OneTimeToken,
  addOneTimeToken,
  dropOldOneTimeTokens,
  findOneTimeToken,
  takeOneTimeToken,
  voidEveryOneTimeToken,
  voidOneTimeTokens,
} from '../db/one-time-tokens.ts';
import { securityEvent } from '../db/security-events.ts';
import { settingOf } from '../db/settings.ts';
import { endSessions } from '../db/sessions.ts';
import { invitation, passwordReset, signInChanged } from '../mail/letters.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { Telling } from '../mail/telling.ts';
import type { Origin } from './authenticate.ts';
import { MAILS_MAX, brakeOn, keyOfMail, keyOfNetwork, release } from './brake.ts';
import type { By } from './devices.ts';
import { hashPassword } from './password.ts';
import { type PasswordProblem, passwordProblem } from './password-policy.ts';
import { type SignInDependencies, isRefused } from './sign-in.ts';
import { hashOfToken, newToken } from './tokens.ts';

export interface LinkDependencies extends SignInDependencies {
  readonly mailer: Mailer | undefined;
  /** Where people open the desk, such as https://desk.example.com; the only place that a link ever leads to. '' when not told. */
  readonly publicUrl: string;
  /** What the other system is called that people may sign in through; undefined when there is none. */
  readonly oidcName: string | undefined;
  readonly onError: (error: Error) => void;
  readonly afterwards: Telling['afterwards'];
}

/** What it takes to hand out a link. */
export type LinkMaking = Pick<LinkDependencies, 'db' | 'now' | 'mailer' | 'publicUrl' | 'onError'>;

const RESET_MINUTES = 30;
const MINUTE_MS = 60_000;
const PURPOSES = ['invitation', 'password_reset'] as const;
/** Within a quarter of an hour, from one network. */
const REQUESTS_MAX = 30;

/** In the fragment, which no server and no log gets to see. */
const linkTo = (publicUrl: string, token: string): string => `${publicUrl}/set-password#${token}`;

async function addLink(runner: Runner, account: Account, purpose: (typeof PURPOSES)[number], at: Date): Promise<string> {
  const token = newToken();
  const minutes = purpose === 'invitation' ? (await settingOf(runner, 'invitation_days')) * 24 * 60 : RESET_MINUTES;
  const expiresAt = new Date(at.getTime() + minutes * MINUTE_MS).toISOString();
  await voidOneTimeTokens(runner, account.id, PURPOSES);
  await addOneTimeToken(runner, { tokenHash: hashOfToken(token), purpose, accountId: account.id, data: {}, expiresAt });
  await dropOldOneTimeTokens(runner, new Date(at.getTime() - 24 * 60 * MINUTE_MS).toISOString());
  return token;
}

export interface Invited {
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly deskId: string;
  /** Others beside that one. */
  readonly desks?: readonly string[];
}
export type InviteOutcome =
  /** `link` where no letter was sent, for whoever invites to hand on. */
  | { readonly kind: 'invited'; readonly id: string; readonly link?: string }
  | { readonly kind: 'account_exists' }
  | { readonly kind: 'no_open_desk'; readonly desk: string }
  | { readonly kind: 'unknown_role' };

/** Makes the account, without a password, and its link. Inviting again somebody who has not come yet makes the old link void. */
export async function invite(dependencies: LinkMaking, invited: Invited, by: By): Promise<InviteOutcome> {
  const { db, now, mailer, publicUrl, onError } = dependencies;
  const at = now();
  const make = async (runner: Runner): Promise<{ id: string; token: string } | { desk: string } | undefined> => {
    const there = await accountByEmail(runner, invited.email);
    if (there && (there.passwordHash !== null || there.disabled)) return undefined;
    await lockDesks(runner);
    const [desk] = await notOpenDesks(runner, [invited.deskId, ...(invited.desks ?? [])]);
    if (desk !== undefined) return { desk };
    const added = await addAccount(runner, { ...invited, id: there?.id ?? randomUUID() });
    const desks: [string, ...string[]] = [invited.deskId, ...(invited.desks ?? [])];
    await changeAccount(runner, added.id, { desks });
    const details = { by: { id: by.id, name: by.name }, role: invited.role, desks };
    await securityEvent(runner, { kind: 'invited', who: added, device: by.device, address: by.address, at, details });
    return { id: added.id, token: await addLink(runner, added, 'invitation', at) };
  };
  const made = await db.transaction(make).catch((cause: unknown) => {
    if (cause instanceof UnknownRole) return 'unknown_role' as const;
    throw cause;
  });
  if (made === 'unknown_role') return { kind: made };
  if (made === undefined) return { kind: 'account_exists' };
  if ('desk' in made) return { kind: 'no_open_desk', desk: made.desk };
  const link = linkTo(publicUrl, made.token);
  if (!mailer || publicUrl === '') return { kind: 'invited', id: made.id, link };
  try {
    await mailer.send(invited.email, invitation(invited.name, by.spoken ?? by.name, link, await settingOf(db, 'invitation_days')));
    return { kind: 'invited', id: made.id };
  } catch (cause) {
    onError(new Error('an invitation could not be sent by mail', { cause }));
    return { kind: 'invited', id: made.id, link };
  }
}

/** A link to choose a new password, for an administrator to hand on. undefined when there is no such account. */
export async function resetLink({ db, now, publicUrl }: LinkMaking, accountId: string, by: By): Promise<string | undefined> {
  const at = now();
  return db.transaction(async (runner) => {
    const account = await accountById(runner, accountId);
    if (!account || account.disabled) return undefined;
    const details = { by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'reset_requested', who: account, device: by.device, address: by.address, at, details });
    return linkTo(publicUrl, await addLink(runner, account, 'password_reset', at));
  });
}

/**
 * Somebody forgot a password. Nothing that is answered, and not how long it takes, says whether the address has an account:
 * the caller answers before this has begun.
 */
export async function requestReset(dependencies: LinkDependencies, email: string, origin: Origin): Promise<void> {
  const { db, now, mailer, publicUrl, tell } = dependencies;
  const at = now();
  if (!mailer || publicUrl === '') return;
  const { waitSeconds } = await brakeOn(
    db,
    [
      [keyOfMail(email), MAILS_MAX],
      [`${keyOfNetwork(origin)} mail`, REQUESTS_MAX],
    ],
    at,
  );
  const account = await accountByEmail(db, email.trim());
  if (waitSeconds > 0 || !account || isRefused(dependencies, account)) return;
  await db.transaction(async (runner) => {
    await securityEvent(runner, { kind: 'reset_requested', who: account, device: origin.device, address: origin.address, at });
    const link = linkTo(publicUrl, await addLink(runner, account, 'password_reset', at));
    const letter = passwordReset(account.name, link, RESET_MINUTES);
    await tell(runner, { accountId: account.id, to: account.email, letter, minutes: RESET_MINUTES });
  });
}

async function ownerOf(dependencies: LinkDependencies, runner: Runner, token: OneTimeToken | undefined): Promise<Account | undefined> {
  const account = await accountById(runner, token?.accountId ?? '');
  return account && !isRefused(dependencies, account) ? account : undefined;
}

/** Whose link it is and what it is for; undefined when it does not work any more. */
export async function readLink(dependencies: LinkDependencies, token: string): Promise<LinkAnswer | undefined> {
  const { db, now } = dependencies;
  const found = await findOneTimeToken(db, hashOfToken(token), PURPOSES, now().toISOString());
  const account = await ownerOf(dependencies, db, found);
  return found && account
    ? { purpose: found.purpose === 'invitation' ? 'invitation' : 'password_reset', email: account.email, name: account.name }
    : undefined;
}

export type ChooseOutcome =
  | { readonly kind: 'chosen'; readonly email: string }
  | { readonly kind: 'dead_link' }
  | { readonly kind: 'refused'; readonly problem: PasswordProblem };

/** Uses the link up. Every session of the account ends: whoever had the old password is out. */
export async function choosePassword(
  dependencies: LinkDependencies,
  token: string,
  password: string,
  origin: Origin,
): Promise<ChooseOutcome> {
  const { db, now, watch, tell } = dependencies;
  const at = now();
  const found = await findOneTimeToken(db, hashOfToken(token), PURPOSES, at.toISOString());
  const owner = await ownerOf(dependencies, db, found);
  if (!owner) return { kind: 'dead_link' };
  const problem = await passwordProblem(password, owner);
  if (problem) return { kind: 'refused', problem };
  const hash = await hashPassword(password);
  const taken = await db.transaction(async (runner) => {
    const used = await takeOneTimeToken(runner, hashOfToken(token), PURPOSES, at.toISOString());
    if (!used) return undefined;
    await setPassword(runner, owner.id, hash);
    await voidEveryOneTimeToken(runner, owner.id);
    const gone = await endSessions(runner, { accountId: owner.id }, 'password_changed');
    const details = { by: used.purpose, ended: gone.length };
    await securityEvent(runner, { kind: 'password_changed', who: owner, device: origin.device, address: origin.address, at, details });
    if (used.purpose === 'password_reset')
      await tell(runner, { accountId: owner.id, to: owner.email, letter: signInChanged(owner.name, 'password_changed', at) });
    return used;
  });
  if (!taken) return { kind: 'dead_link' };
  await watch.look();
  await release(db, { email: owner.email, address: origin.address }, at);
  return { kind: 'chosen', email: owner.email };
}
