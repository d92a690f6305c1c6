/** The people of a simulated company, and what each of them may reach. */
import type { Condition } from '../../domain/access/condition.ts';
import { type RecordAction, recordActions } from '../../domain/access/permissions.ts';
import { type Grant, type Rights, type Role, rightsOf } from '../../domain/access/rights.ts';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';

export const simRoles = ['sim_all', 'sim_desk'] as const;
/** Where some people do not see all fields: those, and roles that hide many, a few, or many on the desks of others. */
export const limitedRoles = [...simRoles, 'sim_blind', 'sim_half', 'sim_peek'] as const;
export type SimRole = (typeof limitedRoles)[number];
export interface SimUser extends SignedInUser {
  readonly simRole: SimRole;
}
export const DESKS = ['desk-0', 'desk-1', 'desk-2'] as const;

export const simUser = (id: string, deskId: string, simRole: SimRole = 'sim_all'): SimUser => ({
  id,
  email: `${id}@drover.example`,
  name: id,
  role: 'broker',
  deskId,
  simRole,
});

const everything: readonly RecordAction[] = recordActions;
const grants = (collections: readonly string[], when: Condition): Grant[] =>
  collections.flatMap((collection) => everything.map((action): Grant => ({ permission: `${collection}:${action}`, when })));
const ours: Condition = {
  is: 'or',
  of: [
    { is: 'my_desks', field: 'deskId' },
    { is: 'mine', field: 'ownerId' },
  ],
};
/** By collection: what a limited role does not show. What is computed goes with what it is computed from. */
export const hiddenFields: Readonly<Record<string, readonly string[]>> = {
  ranches: ['brand', 'soil'],
  animals: ['weighings', 'heaviest'],
  parties: ['notes', 'phone'],
  orders: ['notes', 'totalAmount', ...['price', 'priceUnit', 'priceKind', 'priceFormula', 'amount', 'note'].map((key) => `lines.${key}`)],
  receivables: ['disputeReason'],
};
/** A part of them that leaves nothing half. */
const few: typeof hiddenFields = { ranches: ['brand'], parties: ['notes'], orders: ['notes', 'lines.note'] };
const limited = (collections: readonly string[], when: Condition, fields = hiddenFields): Grant[] =>
  grants(collections, when).map((grant): Grant => {
    const [collection = '', action] = grant.permission.split(':');
    const without = fields[collection] ?? [];
    return without.length > 0 && (action === 'read' || action === 'create' || action === 'update') ? { ...grant, without } : grant;
  });
const isEntry: Condition = { is: 'in', field: 'kind', values: ['refusal', 'clash'] };
const toMe: Condition = { is: 'mine', field: 'assignedTo' };

const inbox: readonly Grant[] = [
  ...grants(['activities'], { is: 'and', of: [{ is: 'not', of: isEntry }, ours] }),
  { permission: 'activities:read', when: toMe },
];
const trade = ['ranches', 'animals', 'sightings', 'parties', 'orders', 'receivables'];

/**
 * One role that reaches everything, and one as the desk's seeds are: own desk or own record, entries of the own inbox. The others
 * reach all records, and not all of their fields.
 */
export const roles: readonly Role[] = [
  { name: 'sim_all', label: 'Everything', grants: grants(['*'], { is: 'all' }) },
  {
    name: 'sim_desk',
    label: 'One desk',
    grants: [
      ...grants(['ranches', 'animals', 'orders', 'receivables'], ours),
      ...grants(['sightings', 'parties'], { is: 'all' }),
      ...inbox,
    ],
  },
  { name: 'sim_blind', label: 'Without', grants: [...limited(trade, { is: 'all' }), ...inbox] },
  { name: 'sim_half', label: 'With some', grants: [...limited(trade, { is: 'all' }, few), ...inbox] },
  { name: 'sim_peek', label: 'With the own', grants: [...limited(trade, { is: 'all' }), ...grants(trade, ours), ...inbox] },
];

export function rightsOfUser({ id, deskId, simRole }: SimUser): Rights {
  const role = roles.find(({ name }) => name === simRole);
  return rightsOf(role?.grants ?? [], { accountId: id, desks: [deskId] });
}
