/**
 * The roles that every company starts with. They are data: an administrator may change them, and what was changed stays.
 *
 * Everybody at a brokerage looks things up in the same address book, so what is no deal (parties, locations, contacts,
 * products, supplier plant mappings) is seen by all. What says who trades what at which price is seen by the desk that does it and by
 * the owner; accounting, managers and readers see all desks.
 */
import { ALL, type Condition } from './condition.ts';
import { type AdminPermission, type ApprovalPermission, type RecordAction, adminPermissions, approvals } from './permissions.ts';
import type { Grant, Role } from './rights.ts';

const directory = ['parties', 'locations', 'contacts', 'mappings', 'products'] as const;

const ours: Condition = {
  is: 'or',
  of: [
    { is: 'my_desks', field: 'deskId' },
    { is: 'mine', field: 'ownerId' },
  ],
};
const both = (...of: readonly Condition[]): Condition => ({ is: 'and', of });
const either = (...of: readonly Condition[]): Condition => ({ is: 'or', of });

/** Refusals and clashes hold whole records, so they are for the person they are addressed to. */
const isEntry: Condition = { is: 'in', field: 'kind', values: ['refusal', 'clash'] };
const toMe: Condition = { is: 'mine', field: 'assignedTo' };
const aboutDirectory: Condition = { is: 'in', field: 'recordCollection', values: [...directory, 'profiles'] };
const noEntry: Condition = { is: 'not', of: isEntry };

const grant = (collections: readonly string[], actions: readonly RecordAction[], when: Condition = ALL): Grant[] =>
  collections.flatMap((collection) => actions.map((action): Grant => ({ permission: `${collection}:${action}`, when })));
/** Without these fields: what goods cost us is not for whoever looks at them in the field; what a line was bought at is. */
const limited = (grants: readonly Grant[], without: readonly string[]): Grant[] => grants.map((one) => ({ ...one, without }));
const write = ['create', 'update', 'delete', 'restore', 'import'] as const;
const everything = ['read', ...write, 'export'] as const;
const company = (...permissions: readonly AdminPermission[]): Grant[] => permissions.map((permission) => ({ permission, when: ALL }));
const approve = (when: Condition, ...permissions: readonly ApprovalPermission[]): Grant[] =>
  permissions.map((permission) => ({ permission, when }));
const allApprovals = Object.keys(approvals) as ApprovalPermission[];

/** What everybody has: the own inbox, the own profile, and the names of the others. */
const own: readonly Grant[] = [
  ...grant(['activities'], ['read'], toMe),
  { permission: 'activities:update', when: both(isEntry, toMe), fields: ['done', 'doneAt', 'outcome', 'status', 'tags', 'pinned'] },
  ...grant(['profiles'], ['read']),
  ...grant(['profiles'], ['create', 'update'], { is: 'mine', field: 'accountId' }),
];
/** Notes, calls, tasks and files on what one sees. */
const papers: readonly Grant[] = [
  ...grant(['activities', 'attachments'], everything, both(noEntry, either(ours, aboutDirectory))),
  ...grant(['activities'], ['update'], both(noEntry, toMe)),
];
const readAll: readonly Grant[] = [
  ...grant([...directory, 'profiles', 'orders', 'receivables', 'lots', 'events', 'commissions', 'attachments'], ['read']),
  ...grant(['activities'], ['read'], noEntry),
];

export const seedRoles: readonly Role[] = [
  {
    name: 'admin',
    label: 'Administrator',
    grants: [
      ...grant(['*'], everything),
      ...approve(ALL, ...allApprovals),
      ...company(...(Object.keys(adminPermissions) as AdminPermission[])),
    ],
  },
  {
    name: 'manager',
    label: 'Manager',
    grants: [
      ...grant(['*'], everything),
      ...approve(ALL, ...allApprovals),
      ...company('users:read', 'roles:read', 'desks:read', 'sessions:read', 'audit:read', 'audit:export', 'refusals:read'),
      ...company('refusals:resolve', 'imports:read', 'imports:undo', 'settings:read', 'series:read', 'retention:read', 'health:read'),
    ],
  },
  {
    name: 'broker',
    label: 'Broker',
    grants: [
      ...own,
      ...papers,
      ...grant(directory, everything),
      ...grant(['orders', 'receivables', 'lots', 'commissions'], everything, ours),
      ...grant(['events'], ['read', 'create'], ours),
    ],
  },
  {
    name: 'logistics',
    label: 'Logistics',
    grants: [
      ...own,
      ...papers,
      ...grant(directory, ['read', 'create', 'update']),
      ...grant(['orders', 'lots'], ['read', 'create', 'update'], ours),
      ...grant(['events'], ['read', 'create'], ours),
      ...grant(['receivables', 'commissions'], ['read'], ours),
    ],
  },
  {
    name: 'accounting',
    label: 'Accounting',
    grants: [
      ...own,
      ...papers,
      ...readAll,
      ...grant(['receivables', 'commissions'], [...write, 'export']),
      ...grant(['orders', 'lots', 'events', 'parties'], ['export']),
      ...approve(ALL, 'commissions:approve_posting'),
      ...grant(['parties', 'contacts'], ['create', 'update']),
      ...grant(['orders'], ['update']),
      ...grant(['events'], ['create']),
      ...grant(['activities', 'attachments'], ['create', 'update'], noEntry),
    ],
  },
  {
    name: 'field',
    label: 'Field buyer and quality',
    grants: [
      ...own,
      ...papers,
      ...grant(directory, ['read']),
      ...grant(['locations', 'contacts'], ['create', 'update']),
      ...limited(grant(['lots'], ['read', 'create', 'update'], ours), ['cost', 'costUnit', 'boxingCost', 'storageCost', 'totalCost']),
      ...grant(['events'], ['read', 'create'], ours),
      ...limited(grant(['orders'], ['read', 'update'], ours), [
        'charges',
        'totalAmount',
        'lines.referencePrice',
        'lines.referencePriceUnit',
      ]),
      ...grant(['receivables'], ['read', 'create', 'update'], both(ours, { is: 'in', field: 'kind', values: ['claim'] })),
    ],
  },
  { name: 'read_only', label: 'Reader', grants: [...own, ...readAll] },
];
