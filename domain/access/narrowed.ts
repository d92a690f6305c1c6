/** What is left of somebody's grants to a key that may do only some of it. */
import { isAdminPermission, isApproval } from './permissions.ts';
import type { Grant } from './rights.ts';

const partsOf = (permission: string): readonly [resource: string, action: string] => {
  const [resource = '', action = ''] = permission.split(':');
  return [resource, action];
};

/** Whether the one permission contains the other: `*:read` contains `orders:read`. It does not contain `users:read`, which is no record. */
export function contains(wide: string, narrow: string): boolean {
  const [wideResource, wideAction] = partsOf(wide);
  const [, action] = partsOf(narrow);
  if (wide === narrow) return true;
  return wideAction === action && wideResource === '*' && !isAdminPermission(narrow) && !isApproval(narrow);
}

/** The grants, each no wider than one of the permissions. A key of `orders:read` has of a grant of `*:read` that of orders. */
export const narrowedTo = (grants: readonly Grant[], permissions: readonly string[]): Grant[] =>
  grants.flatMap((grant) => {
    if (permissions.some((one) => contains(one, grant.permission))) return [grant];
    const within = permissions.filter((one) => contains(grant.permission, one)) as Grant['permission'][];
    return within.map((permission) => ({ ...grant, permission }));
  });
