/** Passkeys: registering one, and signing in by one, which is both factors at once (the device asks for a finger, a face or a PIN). */
import {
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { accountById } from '../db/accounts.ts';
import type { Database, Runner } from '../db/database.ts';
import { addPasskey, lockPasskey, passkeysOf, removePasskey, usePasskey } from '../db/factors.ts';
import { type Purpose, addOneTimeToken, takeOneTimeToken } from '../db/one-time-tokens.ts';
import { securityEvent } from '../db/security-events.ts';
import type { Origin } from './authenticate.ts';
import { brakeOn, keyOfNetwork } from './brake.ts';
import { type FactorOwner, changeFactor } from './factor-change.ts';
import { type SignInDependencies, type SignInOutcome, enterSession, isRefused } from './sign-in.ts';
import { hashOfToken } from './tokens.ts';

export interface PasskeyDependencies extends SignInDependencies {
  /** Where people open the desk; its name is what a passkey belongs to. Without it there are none. */
  readonly publicUrl: string;
}

const CHALLENGE_MINUTES = 5;
const CHALLENGES_MAX = 200;
const MINUTE_MS = 60_000;
const PASSKEYS_MAX = 20;
/** EdDSA, ES256 and RS256: what authenticators have. */
const ALGORITHMS = [-8, -7, -257];

const rpOf = ({ publicUrl }: PasskeyDependencies): string => new URL(publicUrl).hostname;

async function keepChallenge(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  challenge: string,
  purpose: Purpose,
  accountId: string | null,
): Promise<void> {
  const expiresAt = new Date(now().getTime() + CHALLENGE_MINUTES * MINUTE_MS).toISOString();
  await addOneTimeToken(db, { tokenHash: hashOfToken(challenge), purpose, accountId, data: {}, expiresAt });
}
/** A challenge is answered once, and by whom it was made for. */
const takeChallenge =
  (runner: Runner, purpose: Purpose, accountId: string | null, now: Date) =>
  async (challenge: string): Promise<boolean> =>
    (await takeOneTimeToken(runner, hashOfToken(challenge), [purpose], now.toISOString()))?.accountId === accountId;

export async function beginRegistration(
  dependencies: PasskeyDependencies,
  { user }: Pick<FactorOwner, 'user'>,
): Promise<PublicKeyCredentialCreationOptionsJSON | undefined> {
  const there = await passkeysOf(dependencies.db, user.id);
  if (there.length >= PASSKEYS_MAX) return undefined;
  const options = await generateRegistrationOptions({
    rpName: 'Drover',
    rpID: rpOf(dependencies),
    userName: user.email,
    userDisplayName: user.name,
    userID: new TextEncoder().encode(user.id),
    excludeCredentials: there.map(({ id }) => ({ id })),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await keepChallenge(dependencies, options.challenge, 'passkey_registration', user.id);
  return options;
}

/** Answers false when the answer is not to our question, not from our page, or of a passkey that is known. */
export async function finishRegistration(
  dependencies: PasskeyDependencies,
  owner: FactorOwner,
  response: RegistrationResponseJSON,
  name: string,
): Promise<boolean> {
  const { db, now, publicUrl } = dependencies;
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: takeChallenge(db, 'passkey_registration', owner.user.id, now()),
    expectedOrigin: publicUrl,
    expectedRPID: rpOf(dependencies),
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
    // What is wrong with an answer is the asker's to know, not a failure of the server.
  }).catch(() => undefined);
  if (verified?.verified !== true) return false;
  const { credential } = verified.registrationInfo;
  const passkey = {
    id: credential.id,
    accountId: owner.user.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name,
    createdAt: now().toISOString(),
  };
  const add = async (runner: Runner): Promise<true | undefined> => ((await addPasskey(runner, passkey)) ? true : undefined);
  return (await changeFactor(dependencies, owner, 'passkey_added', add, { name })) === true;
}

/** Answers false where the account has no such passkey. */
export async function dropPasskey(dependencies: PasskeyDependencies, owner: FactorOwner, id: string): Promise<boolean> {
  const drop = async (runner: Runner): Promise<true | undefined> => ((await removePasskey(runner, owner.user.id, id)) ? true : undefined);
  return (await changeFactor(dependencies, owner, 'passkey_removed', drop)) === true;
}

/** Names no account: the person's own device knows which passkeys it has for us. undefined when this network asks too often. */
export async function beginPasskeySignIn(
  dependencies: PasskeyDependencies,
  origin: Origin,
): Promise<PublicKeyCredentialRequestOptionsJSON | undefined> {
  const { waitSeconds } = await brakeOn(dependencies.db, [[`${keyOfNetwork(origin)} passkey`, CHALLENGES_MAX]], dependencies.now());
  if (waitSeconds > 0) return undefined;
  const options = await generateAuthenticationOptions({ rpID: rpOf(dependencies), userVerification: 'required' });
  await keepChallenge(dependencies, options.challenge, 'passkey_sign_in', null);
  return options;
}

export async function signInByPasskey(
  dependencies: PasskeyDependencies,
  response: AuthenticationResponseJSON,
  origin: Origin,
): Promise<SignInOutcome> {
  const { db, now, publicUrl } = dependencies;
  const accountId = await db.transaction(async (runner) => {
    const passkey = await lockPasskey(runner, response.id);
    if (!passkey) return undefined;
    const { authenticationInfo, verified } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: takeChallenge(runner, 'passkey_sign_in', null, now()),
      expectedOrigin: publicUrl,
      expectedRPID: rpOf(dependencies),
      requireUserVerification: true,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.counter,
      },
      // As above.
    }).catch(() => ({ verified: false, authenticationInfo: undefined }));
    if (!verified || !authenticationInfo) return undefined;
    await usePasskey(runner, passkey.id, authenticationInfo.newCounter, now().toISOString());
    return passkey.accountId;
  });
  const account = accountId === undefined ? undefined : await accountById(db, accountId);
  if (!account || isRefused(dependencies, account)) {
    const details = { method: 'passkey' };
    await securityEvent(db, { kind: 'sign_in_failed', who: account, device: origin.device, address: origin.address, at: now(), details });
    return { kind: 'wrong' };
  }
  return enterSession(dependencies, account, origin, 'passkey');
}
