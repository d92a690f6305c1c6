/**
 * A second factor as a duty: whoever has none sets one up between password and session, so that there is never a session
 * without it. And removing a lost one of somebody, whom the duty then leads to a new one.
 */
import type { TotpAnswer } from '../../domain/protocol/protocol.ts';
import { type Account, accountById } from '../db/accounts.ts';
import type { Runner } from '../db/database.ts';
import { passkeysOf } from '../db/factors.ts';
import { type OneTimeToken, type Purpose, addOneTimeToken, findOneTimeToken, takeOneTimeToken } from '../db/one-time-tokens.ts';
import { isFactorDue, removeFactors } from '../db/second-factor-duty.ts';
import { securityEvent } from '../db/security-events.ts';
import { endSessions } from '../db/sessions.ts';
import { secondFactorRemoved } from '../mail/letters.ts';
import type { Origin } from './authenticate.ts';
import type { By } from './devices.ts';
import type { ChangeDependencies } from './factor-change.ts';
import { type CodeOutcome, type FactorDependencies, beginTotp, confirmTotpBy, hasTotp } from './second-factor.ts';
import { hashOfToken, newToken } from './tokens.ts';

/** Time to find the phone and install an app. */
const TICKET_MS = 15 * 60_000;

/** What a session was opened by says whether it needs more: a passkey is both factors, another system answers for its own. */
export const SINGLE_FACTOR = 'password';
export const isSingleFactor = (method: string): boolean => method === SINGLE_FACTOR;

/** The day by which duties are judged, `YYYY-MM-DD`. */
export const dutyDay = (at: Date): string => at.toISOString().slice(0, 10);
export const isDue = (runner: Runner, accountId: string, at: Date): Promise<boolean> => isFactorDue(runner, accountId, dutyDay(at));

async function ticketFor({ db, now }: FactorDependencies, purpose: Purpose, accountId: string, device: string): Promise<string> {
  const ticket = newToken();
  const expiresAt = new Date(now().getTime() + TICKET_MS).toISOString();
  await addOneTimeToken(db, { tokenHash: hashOfToken(ticket), purpose, accountId, data: { device }, expiresAt });
  return ticket;
}
/** The password was right; the ticket lets its bearer set up a second factor, and nothing else. */
export const setUpTicket = (dependencies: FactorDependencies, accountId: string, device: string): Promise<string> =>
  ticketFor(dependencies, 'second_factor_setup', accountId, device);

interface Bearer {
  readonly token: OneTimeToken;
  readonly account: Account;
}
/** undefined for a ticket that is unknown, used, expired, or of another device. */
async function bearerOf({ db, now }: FactorDependencies, ticket: string, purpose: Purpose, origin: Origin): Promise<Bearer | undefined> {
  const token = await findOneTimeToken(db, hashOfToken(ticket), [purpose], now().toISOString());
  const account = await accountById(db, token?.accountId ?? '');
  return token && account && !account.disabled && token.data['device'] === origin.device ? { token, account } : undefined;
}

/**
 * Who may set up a first second factor by this ticket. Once there is one, a password alone adds no other: whoever has stolen the
 * password would.
 */
export async function setUpBearer(dependencies: FactorDependencies, ticket: string, origin: Origin): Promise<Bearer | undefined> {
  const bearer = await bearerOf(dependencies, ticket, 'second_factor_setup', origin);
  return bearer && !(await hasFactor(dependencies.db, bearer.account.id)) ? bearer : undefined;
}
/** Whether the account has any second factor that it could sign in with. */
export const hasFactor = async (runner: Runner, accountId: string): Promise<boolean> =>
  (await hasTotp(runner, accountId)) || (await passkeysOf(runner, accountId)).length > 0;

/** A secret for the authenticator app; undefined where the ticket does not count. */
export async function beginSetUp(dependencies: FactorDependencies, ticket: string, origin: Origin): Promise<TotpAnswer | undefined> {
  const bearer = await setUpBearer(dependencies, ticket, origin);
  return bearer && beginTotp(dependencies, { user: bearer.account });
}

export type SetUpOutcome =
  /** `ticket` opens the session once the recovery codes have been kept. */
  | { readonly kind: 'set_up'; readonly codes: readonly string[]; readonly ticket: string }
  | { readonly kind: 'dead' }
  | Exclude<CodeOutcome, { kind: 'right' }>;
export async function finishSetUp(dependencies: FactorDependencies, ticket: string, code: string, origin: Origin): Promise<SetUpOutcome> {
  const bearer = await setUpBearer(dependencies, ticket, origin);
  if (!bearer) return { kind: 'dead' };
  const { account, token } = bearer;
  const { device, address } = origin;
  const outcome = await confirmTotpBy(dependencies, { user: account, session: '', device, address }, code);
  if (outcome.kind !== 'confirmed') return outcome;
  await takeOneTimeToken(dependencies.db, token.tokenHash, ['second_factor_setup'], dependencies.now().toISOString());
  return { kind: 'set_up', codes: outcome.codes, ticket: await ticketFor(dependencies, 'second_factor_kept', account.id, device) };
}

/** The account whose second factor was just set up; the ticket counts once. */
export async function takeKeptTicket(dependencies: FactorDependencies, ticket: string, origin: Origin): Promise<Account | undefined> {
  const bearer = await bearerOf(dependencies, ticket, 'second_factor_kept', origin);
  if (!bearer) return undefined;
  const at = dependencies.now().toISOString();
  return (await takeOneTimeToken(dependencies.db, bearer.token.tokenHash, ['second_factor_kept'], at)) ? bearer.account : undefined;
}

/** Ends every session too, because whoever holds the lost factor may hold a session, and tells its owner. Answers false when there was nothing to remove. */
export async function removeLostFactor(
  { db, now, watch, tell }: ChangeDependencies,
  accountId: string,
  reason: string,
  by: By,
): Promise<boolean> {
  const at = now();
  const account = await db.transaction(async (runner) => {
    const who = await accountById(runner, accountId);
    if (!who || (await removeFactors(runner, accountId)) === 0) return undefined;
    const ended = await endSessions(runner, { accountId }, 'second_factor_removed');
    const details = { ended: ended.length, reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'second_factor_removed', who, device: by.device, address: by.address, at, details });
    const letter = secondFactorRemoved(who.name, by.spoken ?? by.name);
    await tell(runner, { accountId: who.id, to: who.email, letter });
    return who;
  });
  if (!account) return false;
  await watch.look();
  return true;
}
