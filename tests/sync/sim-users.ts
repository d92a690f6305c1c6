/** The people of a simulated company, and what each of them may reach. */
import type { Condition } from '../../domain/access/condition.ts';
import { type RecordAction, recordActions } from '../../domain/access/permissions.ts';
import { type Grant, type Rights, type Role, rightsOf } from '../../domain/access/rights.ts';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';

export const simRoles = ['sim_all', 'sim_desk'] as const;
export type SimRole = (typeof simRoles)[number];
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
const isEntry: Condition = { is: 'in', field: 'kind', values: ['refusal', 'clash'] };
const toMe: Condition = { is: 'mine', field: 'assignedTo' };

/** One role that reaches everything, and one as the desk's seeds are: own desk or own record, entries of the own inbox. */
export const roles: readonly Role[] = [
  { name: 'sim_all', label: 'Everything', grants: grants(['*'], { is: 'all' }) },
  {
    name: 'sim_desk',
    label: 'One desk',
    grants: [
      ...grants(['ranches', 'animals', 'orders', 'receivables'], ours),
      ...grants(['sightings', 'parties'], { is: 'all' }),
      ...grants(['activities'], { is: 'and', of: [{ is: 'not', of: isEntry }, ours] }),
      { permission: 'activities:read', when: toMe },
    ],
  },
];

export function rightsOfUser({ id, deskId, simRole }: SimUser): Rights {
  const role = roles.find(({ name }) => name === simRole);
  return rightsOf(role?.grants ?? [], { accountId: id, desks: [deskId] });
}
