/** A passkey as the second factor that has become a duty: made between password and session, with the ticket that the password gave. */
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { takeOneTimeToken } from '../db/one-time-tokens.ts';
import type { Origin } from './authenticate.ts';
import { setUpBearer } from './factor-duty.ts';
import { type PasskeyDependencies, beginRegistration, finishRegistration } from './passkeys.ts';
import { type SignInOutcome, enterSession } from './sign-in.ts';
import { hashOfToken } from './tokens.ts';

/** What the browser is asked; undefined where the ticket does not count. */
export async function beginPasskeySetUp(
  dependencies: PasskeyDependencies,
  ticket: string,
  origin: Origin,
): Promise<PublicKeyCredentialCreationOptionsJSON | undefined> {
  const bearer = await setUpBearer(dependencies, ticket, origin);
  return bearer && beginRegistration(dependencies, { user: bearer.account });
}

/** Opens the session. A passkey that is refused leaves the ticket for another try. */
export async function finishPasskeySetUp(
  dependencies: PasskeyDependencies,
  ticket: string,
  response: RegistrationResponseJSON,
  origin: Origin,
): Promise<SignInOutcome | { readonly kind: 'dead' } | { readonly kind: 'passkey_refused' }> {
  const bearer = await setUpBearer(dependencies, ticket, origin);
  if (!bearer) return { kind: 'dead' };
  const { device, address } = origin;
  const owner = { user: bearer.account, session: '', device, address };
  if (!(await finishRegistration(dependencies, owner, response, origin.deviceName))) return { kind: 'passkey_refused' };
  await takeOneTimeToken(dependencies.db, hashOfToken(ticket), ['second_factor_setup'], dependencies.now().toISOString());
  return enterSession(dependencies, bearer.account, origin, 'password and passkey');
}
