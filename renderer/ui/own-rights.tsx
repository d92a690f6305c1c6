/** What the signed-in person may do to the company's accounts and settings, as the server last told; it judges each request anew. */
import { type ReactNode, createContext, use, useEffect, useMemo } from 'react';
import { type AdminPermission, isAdminPermission } from '../../domain/access/permissions.ts';
import type { RightsAnswer } from '../../domain/protocol/protocol.ts';
import { useSyncState } from '../sync/connection.ts';
import { useAsked } from '../sync/ask.ts';
import { useSessionState } from '../sync/session.ts';
import { useSetting } from './use-setting.ts';

export interface OwnRights {
  may(permission: AdminPermission): boolean;
  /** Whether there is anything to administer. */
  readonly any: boolean;
}

const isRights = (value: unknown): value is RightsAnswer =>
  typeof value === 'object' && value !== null && 'grants' in value && Array.isArray(value.grants);
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');
const NONE: readonly string[] = [];

const RightsContext = createContext<OwnRights>({ may: () => false, any: false });
export const useOwnRights = (): OwnRights => use(RightsContext);

/** Kept on the device for its user, so that a window without the server still knows what to say. */
export function OwnRightsProvider({ children }: { readonly children: ReactNode }) {
  const { user } = useSessionState();
  const { phase } = useSyncState();
  const { asked, again } = useAsked('/me/rights', isRights);
  const [kept, keep] = useSetting(`rights.${user?.id ?? ''}`, NONE, isTexts);
  const told = useMemo(
    () =>
      asked?.ok === true
        ? asked.value.grants
            .filter(({ when }) => when.is === 'all')
            .map(({ permission }): string => permission)
            .filter(isAdminPermission)
        : undefined,
    [asked],
  );
  useEffect(() => {
    if (phase === 'live') again();
  }, [phase, again]);
  useEffect(() => {
    if (told !== undefined) keep(told);
  }, [told, keep]);
  const rights = useMemo((): OwnRights => {
    const all = new Set<string>(told ?? kept);
    return { may: (permission) => all.has(permission), any: all.size > 0 };
  }, [told, kept]);
  return <RightsContext value={rights}>{children}</RightsContext>;
}
