/**
 * Signing in through another system (OpenID Connect), with the code flow and PKCE. This server is the client of that system; the
 * window that began is bound by a secret of its own: it sends the hash at the start, and the secret when it fetches the session.
 * So a code or a ticket that ends up elsewhere opens nothing.
 *
 * Only accounts that were invited come in: known by their subject there, or, the first time, by an address that the other
 * system says it has verified.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type Configuration,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client';
import { type Account, accountByEmail, accountById } from '../db/accounts.ts';
import { accountOfIdentity, hasIdentityAt, linkIdentity } from '../db/external-identities.ts';
import { addOneTimeToken, takeOneTimeToken } from '../db/one-time-tokens.ts';
import { securityEvent } from '../db/security-events.ts';
import type { Origin } from './authenticate.ts';
import { type SignInDependencies, type SignInOutcome, enterSession, isRefused } from './sign-in.ts';
import { hashOfToken, newToken } from './tokens.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What people call the other system: "Sign in with ...". */
  readonly name: string;
  /** How strong a sign-in there has to be: values of the claim `acr`, one of which it must answer. None: as strong as it is there. */
  readonly acr?: readonly string[];
}
export interface OidcDependencies extends SignInDependencies {
  readonly oidc: OidcSettings;
  readonly publicUrl: string;
  readonly onError: (error: Error) => void;
}

const MINUTE_MS = 60_000;
const FLOW_MINUTES = 10;
const HANDOVER_MINUTES = 2;
export const CALLBACK = '/auth/oidc/callback';
/** Where a window on this machine listens, RFC 8252: the loopback address by number, any port, this path and nothing else. */
const LOOPBACK = /^http:\/\/127\.0\.0\.1:([1-9]\d{0,4})\/signed-in$/;
const isLoopbackHost = (url: URL): boolean => url.hostname === '127.0.0.1' || url.hostname === 'localhost';

/** The only places that a flow may end at. undefined for any other, so that nobody is sent elsewhere. */
export function placeOfReturn(publicUrl: string, asked: string): string | undefined {
  if (asked === '') return `${publicUrl}/signed-in`;
  return LOOPBACK.test(asked) && Number(LOOPBACK.exec(asked)?.[1]) <= 65_535 ? asked : undefined;
}

/** Asked of the other system once; asked again after it could not be reached. */
export function openOidc(settings: OidcSettings): () => Promise<Configuration> {
  let found: Promise<Configuration> | undefined;
  return () => {
    const issuer = new URL(settings.issuer);
    // Plain http only to this machine, where nobody is in between.
    const options = isLoopbackHost(issuer) && issuer.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {};
    found ??= discovery(issuer, settings.clientId, settings.clientSecret, undefined, options).catch((cause: unknown) => {
      found = undefined;
      throw cause;
    });
    return found;
  };
}

/** Where to send the person's browser. `challenge`: base64url of the SHA-256 of the window's secret. */
export async function beginOidc(
  { db, now, publicUrl, oidc: { acr = [] } }: OidcDependencies,
  configuration: Configuration,
  { challenge, place }: { readonly challenge: string; readonly place: string },
): Promise<string> {
  const [state, nonce, verifier] = [newToken(), randomNonce(), randomPKCECodeVerifier()];
  const expiresAt = new Date(now().getTime() + FLOW_MINUTES * MINUTE_MS).toISOString();
  const data = { nonce, verifier, challenge, place };
  await addOneTimeToken(db, { tokenHash: hashOfToken(state), purpose: 'oidc', accountId: null, data, expiresAt });
  return buildAuthorizationUrl(configuration, {
    redirect_uri: publicUrl + CALLBACK,
    scope: 'openid email profile',
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...(acr.length === 0 ? {} : { acr_values: acr.join(' ') }),
  }).href;
}

interface Claims {
  readonly sub: string;
  readonly email?: unknown;
  readonly email_verified?: unknown;
  readonly acr?: unknown;
}
/** A system may answer with less than it was asked for, so the answer counts. */
const isStrongEnough = ({ acr = [] }: OidcSettings, claims: Claims): boolean =>
  acr.length === 0 || (typeof claims.acr === 'string' && acr.includes(claims.acr));

/** The account of these claims, linked at its first coming; undefined for whoever was not invited. */
async function accountOf(
  dependencies: OidcDependencies,
  { sub, email, email_verified: verified }: Claims,
  origin: Origin,
): Promise<Account | undefined> {
  const { db, now, oidc } = dependencies;
  return db.transaction(async (runner) => {
    const known = await accountOfIdentity(runner, oidc.issuer, sub);
    if (known !== undefined) return accountById(runner, known);
    if (typeof email !== 'string' || verified !== true) return undefined;
    const account = await accountByEmail(runner, email);
    // Somebody else there, with the same address now, is somebody else here too.
    if (!account || isRefused(dependencies, account) || (await hasIdentityAt(runner, oidc.issuer, account.id))) return undefined;
    const at = now();
    await linkIdentity(runner, { issuer: oidc.issuer, subject: sub, accountId: account.id }, at.toISOString());
    const details = { issuer: oidc.issuer };
    await securityEvent(runner, { kind: 'identity_linked', who: account, device: '', address: origin.address, at, details });
    return account;
  });
}

const withFragment = (place: string, key: 'ticket' | 'problem', value: string): string =>
  // A loopback listener gets to see the query only; a page of ours keeps it out of every log in the fragment.
  `${place}${LOOPBACK.test(place) ? '?' : '#'}${key}=${encodeURIComponent(value)}`;

/** The other system has answered. Answers where to send the browser: back to the window, with a ticket or what went wrong. */
export async function finishOidc(
  dependencies: OidcDependencies,
  configuration: Configuration,
  answered: URL,
  origin: Origin,
): Promise<string> {
  const { db, now, publicUrl, onError, oidc } = dependencies;
  const at = now();
  const state = answered.searchParams.get('state') ?? '';
  const flow = await takeOneTimeToken(db, hashOfToken(state), ['oidc'], at.toISOString());
  if (!flow) return withFragment(`${publicUrl}/signed-in`, 'problem', 'flow_ended');
  const { nonce, verifier, challenge, place } = flow.data as Record<'nonce' | 'verifier' | 'challenge' | 'place', string>;
  let claims: Claims | undefined;
  try {
    const tokens = await authorizationCodeGrant(configuration, answered, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    claims = tokens.claims();
  } catch (cause) {
    // Cancelled there, or answered wrongly; the log says which.
    onError(new Error('a sign-in through the other system failed', { cause }));
  }
  if (!claims) return withFragment(place, 'problem', 'refused_there');
  const refuse = async (who: Account | undefined, problem: 'not_invited' | 'too_weak_there'): Promise<string> => {
    const details = { method: 'oidc', reason: problem };
    await securityEvent(db, { kind: 'sign_in_failed', who, device: '', address: origin.address, at, details });
    return withFragment(place, 'problem', problem);
  };
  if (!isStrongEnough(oidc, claims)) return refuse(undefined, 'too_weak_there');
  const account = await accountOf(dependencies, claims, origin);
  if (!account || isRefused(dependencies, account)) return refuse(account, 'not_invited');
  const ticket = newToken();
  const expiresAt = new Date(at.getTime() + HANDOVER_MINUTES * MINUTE_MS).toISOString();
  await addOneTimeToken(db, { tokenHash: hashOfToken(ticket), purpose: 'handover', accountId: account.id, data: { challenge }, expiresAt });
  return withFragment(place, 'ticket', ticket);
}

/** The window fetches its session: the ticket, and the secret whose hash it sent at the start. The ticket is used up either way. */
export async function takeHandover(dependencies: OidcDependencies, ticket: string, secret: string, origin: Origin): Promise<SignInOutcome> {
  const { db, now } = dependencies;
  const found = await takeOneTimeToken(db, hashOfToken(ticket), ['handover'], now().toISOString());
  const expected = Buffer.from(String(found?.data['challenge'] ?? ''), 'base64url');
  const given = createHash('sha256').update(secret).digest();
  const account = await accountById(db, found?.accountId ?? '');
  if (!account || expected.length !== given.length || !timingSafeEqual(expected, given) || isRefused(dependencies, account))
    return { kind: 'wrong' };
  return enterSession(dependencies, account, origin, 'oidc');
}

/** From DROVER_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET, _NAME and _ACR; undefined when none of the first three is set. */
export function oidcSettingsFrom(environment: NodeJS.ProcessEnv): OidcSettings | undefined {
  const issuer = environment['DROVER_OIDC_ISSUER'] ?? '';
  const clientId = environment['DROVER_OIDC_CLIENT_ID'] ?? '';
  const clientSecret = environment['DROVER_OIDC_CLIENT_SECRET'] ?? '';
  const name = environment['DROVER_OIDC_NAME'] ?? 'your company account';
  if (issuer === '' && clientId === '' && clientSecret === '') return undefined;
  if (issuer === '' || clientId === '' || clientSecret === '')
    throw new Error('DROVER_OIDC_ISSUER, DROVER_OIDC_CLIENT_ID and DROVER_OIDC_CLIENT_SECRET belong together: set all three, or none.');
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url))))
    throw new Error('DROVER_OIDC_ISSUER must be an address that starts with https://.');
  const acr = (environment['DROVER_OIDC_ACR'] ?? '').split(/\s+/u).filter((value) => value !== '');
  return { issuer, clientId, clientSecret, name, ...(acr.length === 0 ? {} : { acr }) };
}
