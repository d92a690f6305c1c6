/**
 * What the signed-in person may do, as the server last told; it judges each request anew. Without the server: what it told last,
 * or what its signed grant says, whichever is newer.
 */
import { type ReactNode, createContext, use, useEffect, useMemo } from 'react';
import type { AdminPermission } from '../../domain/access/permissions.ts';
import { type Rights, readGrants, rightsOf } from '../../domain/access/rights.ts';
import { adminPermissions } from '../../domain/access/permissions.ts';
import type { RightsSnapshot } from '../../domain/protocol/protocol.ts';
import { useAsked } from '../sync/ask.ts';
import { useSyncState } from '../sync/connection.ts';
import { isSnapshot } from '../sync/grant.ts';
import { useSessionState } from '../sync/session.ts';
import { useSetting } from './use-setting.ts';

export interface OwnRights {
  may(permission: AdminPermission): boolean;
  /** Whether there is anything to administer. */
  readonly any: boolean;
  /** Over records; undefined while nothing is known: then the server alone judges. */
  readonly records: Rights | undefined;
}

const isKept = (value: unknown): value is RightsSnapshot => isSnapshot(value);
const NOTHING: RightsSnapshot = { version: 0, desks: [], grants: [] };
const ASK_EVERY_MS = 30_000;

const RightsContext = createContext<OwnRights>({ may: () => false, any: false, records: undefined });
export const useOwnRights = (): OwnRights => use(RightsContext);

/** Kept on the device for its user, so that a window without the server still knows what to say. */
export function OwnRightsProvider({ children }: { readonly children: ReactNode }) {
  const { user, granted } = useSessionState();
  const { phase } = useSyncState();
  const { asked, again } = useAsked('/me/rights', isKept);
  const [kept, keep] = useSetting(`rights.${user?.id ?? ''}`, NOTHING, isKept);
  const told = asked?.ok === true ? asked.value : undefined;
  useEffect(() => {
    if (phase !== 'live') return undefined;
    again();
    const asking = setInterval(again, ASK_EVERY_MS);
    return () => clearInterval(asking);
  }, [phase, again]);
  useEffect(() => {
    if (told !== undefined && told.version !== kept.version) keep(told);
  }, [told, kept.version, keep]);
  // The version moves with every change of anybody's rights, so the highest is the newest.
  const newest = [told, granted, kept].reduce<RightsSnapshot>((best, one) => (one && one.version > best.version ? one : best), NOTHING);
  const text = JSON.stringify({ ...newest, approvers: (told ?? kept).approvers });
  const accountId = user?.id ?? '';
  const rights = useMemo((): OwnRights => {
    const { version, desks, grants, approvers } = JSON.parse(text) as RightsSnapshot;
    const records = version === 0 ? undefined : rightsOf(readGrants(grants), { accountId, desks }, approvers);
    const may = (permission: AdminPermission): boolean => records?.may(permission) === true;
    return { may, any: (Object.keys(adminPermissions) as AdminPermission[]).some(may), records };
  }, [text, accountId]);
  return <RightsContext value={rights}>{children}</RightsContext>;
}
