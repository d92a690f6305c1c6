/**
 * The grant: the server's signed word that this user may work on this device without it until a certain day. Checked with the
 * key that came with the sign-in, never with one that comes later. What keeps somebody from turning the clock back is the
 * latest time that this device has ever seen; whoever can write to its disk can also read the records there, so it is a lock
 * on the door, not a safe.
 */
import { type JWK, errors, importJWK, jwtVerify } from 'jose';
import type { GrantAnswer, RightsSnapshot } from '../../domain/protocol/protocol.ts';
import { type LocalStore, loadSetting, saveSetting } from '../data/local-store.ts';
import { isFull } from '../data/room.ts';

export type GrantState =
  | { readonly kind: 'good'; readonly until: string; readonly rights?: RightsSnapshot }
  /** `none`: there is none, or it is not for this user and device, or somebody changed it. */
  | { readonly kind: 'lapsed'; readonly why: 'expired' | 'clock_set_back' | 'none' };

const GRANT = 'session.grant';
const KEY = 'session.grantKey';
const SEEN = 'session.seenTime';
/** Clocks are set by a little all the time. */
const TOLERANCE_MS = 5 * 60_000;
export const GRANT_ISSUER = 'drover';

export const isSnapshot = (value: unknown): value is RightsSnapshot =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  typeof value.version === 'number' &&
  'desks' in value &&
  Array.isArray(value.desks) &&
  'grants' in value &&
  Array.isArray(value.grants);
const isKey = (value: unknown): value is JWK => typeof value === 'object' && value !== null && 'kty' in value;

export interface Grants {
  /** Keeps what a sign-in or a renewal brought. Only a sign-in brings a new key. */
  adopt(answer: GrantAnswer, by: 'sign_in' | 'renewal'): Promise<void>;
  /** Judges the kept grant, and notes the time. */
  check(userId: string): Promise<GrantState>;
  /** The server has withdrawn it, or the user signed out. */
  forget(): Promise<void>;
}

export function makeGrants(local: LocalStore, deviceId: string, now: () => number): Grants {
  const seenTime = async (): Promise<number> => {
    const stored = await loadSetting(local, SEEN);
    return typeof stored === 'number' ? stored : 0;
  };
  const judge = async (userId: string): Promise<GrantState> => {
    const [token, key] = [await loadSetting(local, GRANT), await loadSetting(local, KEY)];
    if (typeof token !== 'string' || !isKey(key)) return { kind: 'lapsed', why: 'none' };
    try {
      const { payload } = await jwtVerify(token, await importJWK(key, 'EdDSA'), {
        issuer: GRANT_ISSUER,
        audience: deviceId,
        subject: userId,
        algorithms: ['EdDSA'],
        requiredClaims: ['exp', 'iat'],
        currentDate: new Date(now()),
      });
      const until = new Date((payload.exp ?? 0) * 1000).toISOString();
      const { rights } = payload;
      return isSnapshot(rights) ? { kind: 'good', until, rights } : { kind: 'good', until };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { kind: 'lapsed', why: 'expired' };
      if (error instanceof errors.JOSEError) return { kind: 'lapsed', why: 'none' };
      throw error;
    }
  };
  return {
    async adopt({ token, key, at }, by) {
      const pinned = await loadSetting(local, KEY);
      if (by === 'sign_in' || pinned === undefined) await saveSetting(local, KEY, key);
      await saveSetting(local, GRANT, token);
      // The server's clock is the one that counts: a device that was once set ahead is put right by it.
      await saveSetting(local, SEEN, new Date(at).getTime());
    },
    async check(userId) {
      const seen = await seenTime();
      if (now() < seen - TOLERANCE_MS) return { kind: 'lapsed', why: 'clock_set_back' };
      try {
        await saveSetting(local, SEEN, Math.max(seen, now()));
      } catch (error) {
        // A device that is full opens all the same; the next look that finds room notes it.
        if (!isFull(error)) throw error;
      }
      return judge(userId);
    },
    async forget() {
      await saveSetting(local, GRANT, undefined);
    },
  };
}
