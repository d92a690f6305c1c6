/** What lets this device be used without the server: the grant, and what its user's password is compared with. */
import { makeGrants } from './grant.ts';
import type { GrantAnswer, SignedInUser } from '../../domain/protocol/protocol.ts';
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
    async lapsed(user: SignedInUser | undefined): Promise<Lapsed | undefined> {
      if (!user) return undefined;
      const state = await grants.check(user.id);
      return state.kind === 'lapsed' ? state.why : undefined;
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
