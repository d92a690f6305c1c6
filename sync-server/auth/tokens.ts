/** Access tokens (signed, short) and refresh tokens (opaque, stored hashed, used once). */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { SignJWT, errors, jwtVerify } from 'jose';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import { type SigningKey, signingKeys } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';

export const ACCESS_SECONDS = 15 * 60;
export const REFRESH_DAYS = 30;
const ISSUER = 'drover';

export interface AccessClaims {
  readonly user: SignedInUser;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}
export interface AccessTokens {
  sign(user: SignedInUser, now: Date): Promise<string>;
  /** undefined for a token that is not ours, was changed, or has expired. */
  verify(token: string, now: Date): Promise<AccessClaims | undefined>;
}

const bytesOf = (key: SigningKey): Uint8Array => Buffer.from(key.secret, 'base64');

export async function openAccessTokens(db: Database): Promise<AccessTokens> {
  const keys = await signingKeys(db, { kid: randomUUID(), secret: randomBytes(32).toString('base64') });
  const newest = keys[0];
  if (!newest) throw new Error('there is no signing key');
  const byKid = new Map(keys.map((key) => [key.kid, bytesOf(key)]));
  return {
    sign: async (user, now) => {
      const seconds = Math.floor(now.getTime() / 1000);
      const { id, ...claims } = user;
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'HS256', kid: newest.kid })
        .setIssuer(ISSUER)
        .setSubject(id)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + ACCESS_SECONDS)
        .sign(bytesOf(newest));
    },
    verify: async (token, now) => {
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid }) => {
            const key = byKid.get(kid ?? '');
            if (!key) throw new errors.JWSInvalid('unknown key');
            return key;
          },
          { issuer: ISSUER, algorithms: ['HS256'], currentDate: now, requiredClaims: ['sub', 'exp'] },
        );
        const { sub = '', exp = 0, email, name, role, deskId } = payload;
        if (typeof email !== 'string' || typeof name !== 'string' || typeof role !== 'string' || typeof deskId !== 'string')
          return undefined;
        return { user: { id: sub, email, name, role, deskId }, expiresAt: exp };
      } catch (cause) {
        if (cause instanceof errors.JOSEError) return undefined;
        throw cause;
      }
    },
  };
}

export const newRefreshToken = (): string => randomBytes(32).toString('base64url');
/** A fast hash is enough: the token is 256 random bits, there is nothing to guess. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
