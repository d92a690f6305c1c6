/** The account of whoever is signed in, as the start of a new profile. */
import { useMemo } from 'react';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import type { Draft } from '../../domain/record/record.commands.ts';
import { useRecords } from '../data/live.ts';
import { useSessionState } from '../sync/session.ts';

/** The draft of a user's own profile. */
export const draftOfAccount = ({ id, name, email }: SignedInUser): Draft => ({ accountId: id, name, email });

export interface OwnAccount {
  readonly user: SignedInUser | undefined;
  /** False until it is known whether this account has a profile. */
  readonly ready: boolean;
  readonly hasProfile: boolean;
}

export function useOwnAccount(): OwnAccount {
  const { user } = useSessionState();
  const { total, ready } = useRecords('profiles', { selector: { accountId: user?.id ?? '' }, includeInactive: true });
  return { user, ready, hasProfile: total > 0 };
}

const NOTHING: Draft = {};
/** What a new profile starts with: the own account while it has none yet. Undefined until that is known. */
export function useProfileStart(): Draft | undefined {
  const { user, ready, hasProfile } = useOwnAccount();
  return useMemo(
    () => (ready ? (user === undefined || hasProfile ? NOTHING : draftOfAccount(user)) : undefined),
    [user, ready, hasProfile],
  );
}
