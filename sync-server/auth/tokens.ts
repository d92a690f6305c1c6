/** Access tokens (signed, short, bound to a session and its device) and refresh tokens (opaque, stored hashed, used once). */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { SignJWT, errors, jwtVerify } from 'jose';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import { type SigningKey, knownSigningKeys, signingKeys } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';

export const ACCESS_SECONDS = 15 * 60;
const ISSUER = 'drover';
/** Verified tokens that are remembered: more than one process has live clients. */
const REMEMBERED_MAX = 10_000;

export interface AccessClaims {
  readonly user: SignedInUser;
  readonly session: string;
  readonly device: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}
export interface AccessTokens {
  sign(claims: Omit<AccessClaims, 'expiresAt'>, now: Date): Promise<string>;
  /** undefined for a token that is not ours, was changed, or has expired. Says nothing about whether its session still lives. */
  verify(token: string, now: Date): Promise<AccessClaims | undefined>;
  /** Reads the keys anew: signs with the newest from then on. */
  look(): Promise<void>;
}

const bytesOf = (key: SigningKey): Uint8Array => Buffer.from(key.secret, 'base64');

/** Checking a signature takes 0.2 ms, finding the token again 0.001. The oldest is forgotten first. */
function remember<Value>(max: number) {
  const values = new Map<string, Value>();
  return {
    get: (key: string): Value | undefined => values.get(key),
    put(key: string, value: Value): void {
      values.set(key, value);
      const first = values.keys().next();
      if (values.size > max && first.done !== true) values.delete(first.value);
    },
    drop: (key: string): boolean => values.delete(key),
  };
}

/** Keys that another process has made are looked for so often at most, however many tokens name what is none. */
const LOOK_AGAIN_MS = 1_000;
export const newAccessKey = (): SigningKey => ({ kid: randomUUID(), secret: randomBytes(32).toString('base64') });

/** The keys of all processes, as far as this one has heard of them. */
async function keyRing(
  db: Database,
): Promise<{ newest: () => SigningKey; byKid: (kid: string) => Promise<Uint8Array | undefined>; look: () => Promise<void> }> {
  let keys = await signingKeys(db, 'access', newAccessKey());
  let lookedAt = -Infinity;
  const look = async (): Promise<void> => {
    lookedAt = performance.now();
    keys = await knownSigningKeys(db, 'access');
  };
  const find = (kid: string): Uint8Array | undefined => {
    const key = keys.find((one) => one.kid === kid);
    return key && bytesOf(key);
  };
  return {
    newest: () => keys[0],
    async byKid(kid) {
      const found = find(kid);
      if (found || performance.now() - lookedAt < LOOK_AGAIN_MS) return found;
      await look();
      return find(kid);
    },
    look,
  };
}

export async function openAccessTokens(db: Database): Promise<AccessTokens> {
  const ring = await keyRing(db);
  const known = remember<AccessClaims>(REMEMBERED_MAX);

  const read = async (token: string, now: Date): Promise<AccessClaims | undefined> => {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = await ring.byKid(kid ?? '');
          if (!key) throw new errors.JWSInvalid('unknown key');
          return key;
        },
        { issuer: ISSUER, algorithms: ['HS256'], currentDate: now, requiredClaims: ['sub', 'exp', 'sid'] },
      );
      const { sub = '', exp = 0, email, name, role, deskId, sid, device } = payload;
      if (typeof email !== 'string' || typeof name !== 'string' || typeof role !== 'string' || typeof deskId !== 'string') return undefined;
      if (typeof sid !== 'string' || typeof device !== 'string') return undefined;
      return { user: { id: sub, email, name, role, deskId }, session: sid, device, expiresAt: exp };
    } catch (cause) {
      if (cause instanceof errors.JOSEError) return undefined;
      throw cause;
    }
  };

  return {
    sign: async ({ user, session, device }, now) => {
      const seconds = Math.floor(now.getTime() / 1000);
      const { id, ...claims } = user;
      const newest = ring.newest();
      return new SignJWT({ ...claims, sid: session, device })
        .setProtectedHeader({ alg: 'HS256', kid: newest.kid })
        .setIssuer(ISSUER)
        .setSubject(id)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + ACCESS_SECONDS)
        .sign(bytesOf(newest));
    },
    async verify(token, now) {
      const remembered = known.get(token);
      if (remembered) {
        if (remembered.expiresAt * 1000 > now.getTime()) return remembered;
        known.drop(token);
        return undefined;
      }
      const claims = await read(token, now);
      if (claims) known.put(token, claims);
      return claims;
    },
    look: ring.look,
  };
}

export const newToken = (): string => randomBytes(32).toString('base64url');
/** A fast hash is enough: the token is 256 random bits, there is nothing to guess. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
/** Whether this is the hash of that token, in a time that does not tell how much of it is right. */
export function isHashOf(hash: string, token: string): boolean {
  const [known, given] = [Buffer.from(hash), Buffer.from(hashOfToken(token))];
  return known.length === given.length && timingSafeEqual(known, given);
}
