/** Who sends a request: the access token in the Authorization header, and the device in its own header. Never in the URL. */
import type { FastifyRequest } from 'fastify';
import { DEVICE_HEADER, type SignedInUser } from '../../domain/protocol/protocol.ts';
import { HttpError } from '../error-answer.ts';
import type { AccessTokens } from './tokens.ts';

export interface Caller {
  readonly user: SignedInUser;
  readonly device: string;
  /** When the access token ends; a stream ends with it. */
  readonly expiresAt: Date;
}
export type Authenticate = (request: FastifyRequest) => Promise<Caller>;

/** The device's own name for itself, as it may stand in a log or an audit entry; '' when absent. */
export function deviceOf(request: FastifyRequest): string {
  const header = request.headers[DEVICE_HEADER];
  return typeof header === 'string' ? header.replace(/[^\w.:-]/g, '').slice(0, 64) : '';
}

/** Throws 401 unless the request carries a valid access token. */
export function authenticator(tokens: AccessTokens, now: () => Date): Authenticate {
  return async (request) => {
    const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const claims = token === undefined ? undefined : await tokens.verify(token, now());
    if (!claims) {
      const headers = { 'www-authenticate': 'Bearer' };
      if (token === undefined) throw new HttpError(401, 'not_signed_in', 'Sign in first.', { headers });
      throw new HttpError(401, 'token_invalid', 'The session has ended. Sign in again.', { headers });
    }
    return { user: claims.user, device: deviceOf(request), expiresAt: new Date(claims.expiresAt * 1000) };
  };
}
