/** What a caller may do to the company's accounts and settings, by the rights as they are stored now. */
import { type AdminPermission, adminPermissions } from '../../domain/access/permissions.ts';
import { type Grant, firstBeyond } from '../../domain/access/rights.ts';
import type { Caller } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import type { Access } from './access.ts';

export interface Authorize {
  may(caller: Pick<Caller, 'reach'>, permission: AdminPermission): Promise<boolean>;
  /** Throws 403 `not_permitted`, with the permission that is missing. */
  require(caller: Pick<Caller, 'reach'>, permission: AdminPermission): Promise<void>;
  /** Throws 403 `beyond_your_rights` when the caller would give, or get hold of, what the own role does not grant. */
  requireOwn(caller: Pick<Caller, 'reach'>, grants: readonly Grant[]): Promise<void>;
  /** The same for everything that another account's role grants. */
  requireOver(caller: Pick<Caller, 'reach'>, accountId: string): Promise<void>;
}

export function openAuthorize(access: Pick<Access, 'now'>): Authorize {
  const may: Authorize['may'] = async ({ reach }, permission) => (await access.now(reach)).rights.may(permission);
  const requireOwn: Authorize['requireOwn'] = async ({ reach }, grants) => {
    const beyond = firstBeyond((await access.now(reach)).rights, grants);
    if (beyond === undefined) return;
    throw new HttpError(
      403,
      'beyond_your_rights',
      `You cannot give "${beyond.permission}", because your own role does not have it so widely.`,
      {
        more: { permission: beyond.permission },
      },
    );
  };
  return {
    may,
    async require(caller, permission) {
      if (await may(caller, permission)) return;
      const what = adminPermissions[permission];
      throw new HttpError(403, 'not_permitted', `Your role does not allow this: ${what}. Ask an administrator.`, { more: { permission } });
    },
    requireOwn,
    requireOver: async (caller, accountId) => requireOwn(caller, (await access.now(accountId)).rights.grants),
  };
}
