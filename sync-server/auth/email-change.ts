/**
 * Another e-mail address for an account: asked for, confirmed by a link that is sent there, and until then stopped by a link that is
 * sent to the present one. Whether another account has the address is told to nobody but its owner, by a letter.
 */
import type { SecurityEventKind } from '../../domain/access/security-event.ts';
import type { LinkAnswer } from '../../domain/protocol/protocol.ts';
import { type Account, accountByEmail, accountById, lockAccount, setEmail } from '../db/accounts.ts';
import { ConstraintViolation, type Runner } from '../db/database.ts';
import {
  type Purpose,
  addOneTimeToken,
  findOneTimeToken,
  takeOneTimeToken,
  voidEveryOneTimeToken,
  voidOneTimeTokens,
} from '../db/one-time-tokens.ts';
import { type SecurityEvent, securityEvent } from '../db/security-events.ts';
import { listUsers } from '../db/users.ts';
import { emailChangeAsked, emailChanged, emailHasAccount, emailToConfirm } from '../mail/letters.ts';
import type { Tell } from '../mail/telling.ts';
import type { Origin } from './authenticate.ts';
import { MAILS_MAX, brakeOn, keyOfMail } from './brake.ts';
import type { By } from './devices.ts';
import type { LinkMaking } from './password-link.ts';
import { hashOfToken, newToken } from './tokens.ts';

export interface EmailDependencies extends LinkMaking {
  readonly tell: Tell;
}
type Asking = Pick<EmailDependencies, 'db' | 'now'>;
const EMAIL_PURPOSES: readonly Purpose[] = ['email_change', 'email_stop'];
const HOURS = 24;
/** Requests of one account within a quarter of an hour. */
const REQUESTS_MAX = 5;

const linkTo = (publicUrl: string, token: string): string => `${publicUrl}/email-address#${token}`;
const normal = (email: string): string => email.trim().toLowerCase();

async function addToken(runner: Runner, accountId: string, purpose: Purpose, email: string, at: Date): Promise<string> {
  const token = newToken();
  const expiresAt = new Date(at.getTime() + HOURS * 3_600_000).toISOString();
  await addOneTimeToken(runner, { tokenHash: hashOfToken(token), purpose, accountId, data: { email }, expiresAt });
  return token;
}

export interface Wanted {
  readonly account: string;
  readonly email: string;
  /** Why, where somebody else asks; stands in the entry. */
  readonly reason?: string;
}
export type EmailOutcome =
  /** `link` where no letters are sent, for whoever asked to hand on. */
  | { readonly kind: 'asked'; readonly link?: string }
  | { readonly kind: 'unknown_account' }
  /** Has an invitation and no way in yet. */
  | { readonly kind: 'not_come_yet' }
  | { readonly kind: 'same_address' };

/** Seconds to wait before letters about this may be sent; 0 when they may. Counts the request. */
export async function brakeOnEmail({ db, now }: Asking, { account, email }: Wanted): Promise<number> {
  const keys = [[keyOfMail(email), MAILS_MAX] as const, [keyOfMail(account), REQUESTS_MAX] as const];
  return (await brakeOn(db, keys, now())).waitSeconds;
}

/** One that was asked for before counts no more. What happens is the same whether another account has the address or not, but for the letter. */
export async function askForEmail(
  dependencies: EmailDependencies,
  { account: accountId, email: given, reason = '' }: Wanted,
  by: By,
): Promise<EmailOutcome> {
  const { db, now, mailer, publicUrl, tell } = dependencies;
  const at = now();
  const email = given.trim();
  const asked = await db.transaction(async (runner) => {
    const account = await lockAccount(runner, accountId);
    const [line] = account ? await listUsers(runner, at.toISOString(), account.id) : [];
    if (!account || line?.state !== 'active') return line?.state === 'invited' ? 'not_come_yet' : 'unknown_account';
    if (normal(account.email) === normal(email)) return 'same_address';
    await voidOneTimeTokens(runner, account.id, EMAIL_PURPOSES);
    const details = { email, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { ...eventOf('email_change_requested', account, by, at), reason, details });
    const change = linkTo(publicUrl, await addToken(runner, account.id, 'email_change', email, at));
    const stop = linkTo(publicUrl, await addToken(runner, account.id, 'email_stop', email, at));
    if (!mailer || publicUrl === '') return { link: change };
    const taken = await accountByEmail(runner, email);
    const letter = taken ? emailHasAccount() : emailToConfirm(account.name, change, HOURS);
    await tell(runner, { accountId: (taken ?? account).id, to: email, letter, minutes: HOURS * 60 });
    const somebodyElse = by.id === account.id ? undefined : (by.spoken ?? by.name);
    const notice = emailChangeAsked(account.name, email, somebodyElse, stop, HOURS);
    await tell(runner, { accountId: account.id, to: account.email, letter: notice, minutes: HOURS * 60 });
    return {};
  });
  return typeof asked === 'string' ? { kind: asked } : { kind: 'asked', ...asked };
}

const eventOf = <Kind extends SecurityEventKind>(
  kind: Kind,
  who: Account,
  from: Pick<Origin, 'device' | 'address'>,
  at: Date,
): SecurityEvent<Kind> => ({
  kind,
  who,
  device: from.device,
  address: from.address,
  at,
});

/** Whose link this is and the address that it is about. undefined when it does not work any more. */
export async function readEmailLink({ db, now }: Asking, token: string): Promise<LinkAnswer | undefined> {
  const found = await findOneTimeToken(db, hashOfToken(token), EMAIL_PURPOSES, now().toISOString());
  const account = await accountById(db, found?.accountId ?? '');
  if (!found || !account || account.disabled) return undefined;
  const purpose = found.purpose === 'email_stop' ? 'email_stop' : 'email_change';
  return { purpose, email: String(found.data['email']), name: account.name };
}

interface Used {
  readonly account: Account;
  readonly email: string;
}
/** Each link once. The account is locked first, as by whoever asks for another address at the same time. */
async function takeLink(runner: Runner, token: string, purpose: Purpose, at: string): Promise<Used | undefined> {
  const found = await findOneTimeToken(runner, hashOfToken(token), [purpose], at);
  const account = found && (await lockAccount(runner, found.accountId ?? ''));
  if (!account || account.disabled || !(await takeOneTimeToken(runner, found.tokenHash, [purpose], at))) return undefined;
  return { account, email: String(found.data['email']) };
}

/** Another account has the address. */
class Taken extends Error {}

/**
 * Sessions stay; every other link and ticket of the account ends. Answers the address; undefined for a link that does not count,
 * and where another account has the address.
 */
export async function confirmEmail(
  { db, now, tell }: Asking & Pick<EmailDependencies, 'tell'>,
  token: string,
  origin: Origin,
): Promise<string | undefined> {
  const at = now();
  const change = async (runner: Runner): Promise<Used | undefined> => {
    const used = await takeLink(runner, token, 'email_change', at.toISOString());
    if (!used) return undefined;
    const { account, email } = used;
    if (!(await setEmail(runner, account.id, email))) throw new Taken();
    await voidEveryOneTimeToken(runner, account.id);
    await securityEvent(runner, { ...eventOf('email_changed', account, origin, at), details: { email, formerEmail: account.email } });
    await tell(runner, { accountId: account.id, to: account.email, letter: emailChanged(account.name, email, at) });
    return used;
  };
  const changed = await db.transaction(change).catch((cause: unknown) => {
    // The latter when another one got it in the same moment.
    if (cause instanceof Taken || cause instanceof ConstraintViolation) return undefined;
    throw cause;
  });
  return changed?.email;
}

async function stop(runner: Runner, account: Account, from: Pick<Origin, 'device' | 'address'>, at: Date): Promise<void> {
  await voidOneTimeTokens(runner, account.id, EMAIL_PURPOSES);
  await securityEvent(runner, eventOf('email_change_stopped', account, from, at));
}
/** By whoever has the link that went to the present address. Answers false for one that does not count. */
export async function stopEmailChange({ db, now }: Asking, token: string, origin: Origin): Promise<boolean> {
  const at = now();
  return db.transaction(async (runner) => {
    const used = await takeLink(runner, token, 'email_stop', at.toISOString());
    if (used) await stop(runner, used.account, origin, at);
    return used !== undefined;
  });
}
/** By the signed-in owner. */
export async function dropEmailChange({ db, now }: Asking, by: By): Promise<void> {
  await db.transaction(async (runner) => {
    const account = await lockAccount(runner, by.id);
    if (account) await stop(runner, account, by, now());
  });
}
