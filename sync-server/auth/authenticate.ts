/** Who sends a request: the access token in the Authorization header, never in the URL. It is bound to a session and its device. */
import type { FastifyRequest } from 'fastify';
import { DEVICE_HEADER, type SignedInUser } from '../../domain/protocol/protocol.ts';
import { reachOf, withoutKeyName } from '../access/reach.ts';
import { HttpError } from '../error-answer.ts';
import type { SessionWatch } from './session-watch.ts';
import type { AccessTokens } from './tokens.ts';

export interface Caller {
  readonly user: SignedInUser;
  /** By what rights are asked for (access/reach.ts). */
  readonly reach: string;
  /** '' for an API key. */
  readonly session: string;
  /** The device of the session, whatever the request calls itself; for an API key its name. */
  readonly device: string;
  /** Network address of the request. */
  readonly address: string;
  /** When the access token ends; a stream ends with it. */
  readonly expiresAt: Date;
  /** Calls back once when the session ends; a stream ends with it. Returns the function that stops it. */
  readonly onEnd: (callback: () => void) => () => void;
}
/** Judges an API key; throws what is no caller. `isOpen`: whether keys may be used at this address. */
export type KeyCheck = (key: string, request: { readonly isOpen: boolean; readonly address: string }) => Promise<Caller>;
/** What every API key begins with, so that scanners of source code know one when they see it. */
export const KEY_PREFIX = 'drk_';
export type Authenticate = (request: FastifyRequest) => Promise<Caller>;

/** The device's own name for itself, as it may stand in a log or an audit entry; '' when absent. */
function deviceOf(request: FastifyRequest): string {
  const header = request.headers[DEVICE_HEADER];
  return typeof header === 'string' ? withoutKeyName(header.replace(/[^\w.:-]/g, '')).slice(0, 64) : '';
}

/** People read this; what cannot be read stays out. */
export const readable = (text: string, max = 60): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, max);

/** Where a request comes from, before anybody is known. */
export interface Origin {
  /** The device's own name for itself; '' where it has none. */
  readonly device: string;
  /** What people call it. */
  readonly deviceName: string;
  readonly address: string;
}
export const originOf = (request: FastifyRequest, deviceName = ''): Origin => ({
  device: deviceOf(request),
  deviceName: readable(deviceName) || 'Unnamed device',
  address: request.ip,
});

/** What concerns the own account is done by the person: passwords, sign-ins, devices. A key may ask who it is, what it may do and what the company has set. */
const ofKeys: ReadonlySet<string> = new Set(['/me', '/me/rights', '/me/company']);
const isOpenToKeys = ({ url = '', config }: FastifyRequest['routeOptions']): boolean => config.access !== 'signed_in' || ofKeys.has(url);

const headers = { 'www-authenticate': 'Bearer' };
/** What a client is told whose session has ended. A revoked device removes everything when it hears its own name. */
export const endedError = (why: string, device: string): HttpError =>
  why === 'device_revoked'
    ? new HttpError(401, 'device_revoked', 'This device was removed from Drover.', { headers, more: { device } })
    : new HttpError(401, 'session_ended', 'The session has ended. Sign in again.', { headers });

/** Throws 401 unless the request carries a valid access token of a session that lives, or an API key. Found once for each request. */
export function authenticator(tokens: AccessTokens, watch: SessionWatch, keys: KeyCheck, now: () => Date): Authenticate {
  const found = new WeakMap<FastifyRequest['raw'], Promise<Caller>>();
  const find: Authenticate = async (request) => {
    const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token?.startsWith(KEY_PREFIX) === true) return keys(token, { isOpen: isOpenToKeys(request.routeOptions), address: request.ip });
    const claims = token === undefined ? undefined : await tokens.verify(token, now());
    if (!claims) {
      if (token === undefined) throw new HttpError(401, 'not_signed_in', 'Sign in first.', { headers });
      throw new HttpError(401, 'token_invalid', 'The session has ended. Sign in again.', { headers });
    }
    const { user, session, device, expiresAt } = claims;
    const why = await watch.endOf(session);
    if (why !== undefined) throw endedError(why, device);
    return {
      user,
      reach: reachOf(user.id, device),
      session,
      device,
      address: request.ip,
      expiresAt: new Date(expiresAt * 1000),
      onEnd: (callback) => watch.onEnd(session, callback),
    };
  };
  return (request) => {
    const caller = found.get(request.raw) ?? find(request);
    found.set(request.raw, caller);
    return caller;
  };
}
