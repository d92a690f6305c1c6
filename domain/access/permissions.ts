/**
 * Everything that a role can be allowed, as a closed list of `resource:action`. Of a collection's records: `orders:read`, or
 * `*:read` for every collection; each with a condition. Of the company itself: what stands below, without one.
 */

/** What can be done to records of any collection. */
export const recordActions = ['read', 'create', 'update', 'delete', 'restore', 'import', 'export'] as const;
export type RecordAction = (typeof recordActions)[number];

/** What needs somebody's approval: one more action of a single collection, with a reason. */
export const approvals = {
  'orders:approve_credit': 'Let an order through although the customer is over the credit limit',
  'orders:approve_margin': 'Let an order through although its margin is below the floor',
  'commissions:approve_posting': 'Post a commission, so that it counts and is paid',
} as const;
export type ApprovalPermission = keyof typeof approvals;

/** What can be done to the company's accounts and settings, in words for the matrix of roles. */
export const adminPermissions = {
  'users:read': 'See all accounts',
  'users:invite': 'Invite people',
  'users:update': 'Change name, role and desks of an account',
  'users:disable': 'Disable and enable accounts',
  'users:reset_password': 'Hand out links for a new password or e-mail address, remove lost factors',
  'roles:read': 'See what roles may do',
  'roles:update': 'Change what roles may do',
  'desks:read': 'See all desks',
  'desks:update': 'Create, rename and close desks',
  'sessions:read': 'See the devices and sessions of others',
  'sessions:revoke': 'Remove devices and end sessions of others',
  'keys:read': 'See all API keys',
  'keys:manage': 'Make and revoke API keys',
  'audit:read': 'Browse the audit',
  'audit:export': 'Export the audit',
  'refusals:read': 'See the refused changes of all users',
  'refusals:resolve': 'Hand back and close the refused changes of others',
  'imports:read': 'See all imports',
  'imports:undo': 'Take back imports of others',
  'settings:read': 'See company settings and option lists',
  'settings:update': 'Change company settings and option lists',
  'series:read': 'See number series',
  'series:update': 'Change number series',
  'retention:read': 'See retention and legal holds',
  'retention:update': 'Change retention, set and lift legal holds, purge',
  'people:export': 'Export everything about a person',
  'people:anonymize': 'Anonymize a person',
  'health:read': "See the server's health",
} as const;
export type AdminPermission = keyof typeof adminPermissions;

/** `orders:read`; `*:read` for every collection. */
export type RecordPermission = `${string}:${RecordAction}`;
export type Permission = RecordPermission | ApprovalPermission | AdminPermission;

export const isAdminPermission = (value: string): value is AdminPermission => Object.hasOwn(adminPermissions, value);
export const isApproval = (value: string): value is ApprovalPermission => Object.hasOwn(approvals, value);
const ON_RECORDS = new RegExp(`^(?:\\*|[a-z][a-z0-9_]{0,62}):(?:${recordActions.join('|')})$`);
/** Whether this version knows the permission. Which collections there are is the server's to say (`listPermissions`). */
export const isPermission = (value: string): value is Permission => isAdminPermission(value) || isApproval(value) || ON_RECORDS.test(value);

/** Every permission that a role of a server with these collections can hold. */
export function listPermissions(collections: readonly string[]): Permission[] {
  const onRecords = ['*', ...collections].flatMap((collection) =>
    recordActions.map((action): RecordPermission => `${collection}:${action}`),
  );
  const approvable = (Object.keys(approvals) as ApprovalPermission[]).filter((one) => collections.includes(one.split(':')[0] ?? ''));
  return [...onRecords, ...approvable, ...(Object.keys(adminPermissions) as AdminPermission[])];
}
