/** What lets this device be used without the server: the grant, and what its user's password is compared with. */
import { makeGrants } from './grant.ts';
import type { GrantAnswer, RightsSnapshot, SignedInUser } from '../../domain/protocol/protocol.ts';
import type { LocalStore } from '../data/local-store.ts';
import { makePasswordVerifier } from './password-verifier.ts';
import type { SecretStore } from './token-pair.ts';

/** Why the device may not be used until it has asked the server. */
export type Lapsed = 'expired' | 'clock_set_back' | 'none';

export interface OfflineUseOptions {
  readonly local: LocalStore;
  readonly secrets: SecretStore;
  readonly deviceId: string;
  readonly now: () => number;
  /** Whether passwords are kept, derived, to unlock the window with. */
  readonly unlock: boolean;
}

export function makeOfflineUse({ local, secrets, deviceId, now, unlock }: OfflineUseOptions) {
  const grants = makeGrants(local, deviceId, now);
  const verifier = makePasswordVerifier(secrets);
  /** Of a sign-in that is not complete yet: the password was right, a code is still asked for. */
  let typed: string | undefined;
  return {
    type(password: string): void {
      if (unlock) typed = password;
    },
    /** Resolves when the grant is kept. A machine that cannot keep the password makes its user sign in to unlock. */
    async adopt(grant: GrantAnswer | undefined, user: SignedInUser, by: 'sign_in' | 'renewal'): Promise<void> {
      if (grant) await grants.adopt(grant, by);
      const password = typed;
      typed = undefined;
      if (password !== undefined && by === 'sign_in') await verifier.keep(user.id, password).catch(() => undefined);
    },
    /** Whether the device may be used, and what its user may do on it. */
    async judge(user: SignedInUser | undefined): Promise<{ readonly lapsed?: Lapsed; readonly granted?: RightsSnapshot }> {
      if (!user) return {};
      const state = await grants.check(user.id);
      if (state.kind === 'lapsed') return { lapsed: state.why };
      return state.rights ? { granted: state.rights } : {};
    },
    /** The password was changed in this window. */
    keepPassword: (userId: string, password: string): Promise<void> =>
      unlock ? verifier.keep(userId, password).catch(() => undefined) : Promise.resolve(),
    passwordMatches: (userId: string, password: string): Promise<boolean | undefined> => verifier.matches(userId, password),
    withdraw: (): Promise<void> => grants.forget(),
    async forget(): Promise<void> {
      typed = undefined;
      await grants.forget();
      await verifier.forget();
    },
  };
}
