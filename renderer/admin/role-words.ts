/** A role as a matrix shows it, and a change of it in plain words. Pure. */
import { ALL, type Condition } from '../../domain/access/condition.ts';
import { type RecordAction, adminPermissions, approvals, isAdminPermission, isApproval } from '../../domain/access/permissions.ts';
import type { Grant } from '../../domain/access/rights.ts';
import { same } from '../../domain/record/same.ts';

/** How far a permission reaches, whatever its fields. `special`: conditions that the matrix does not draw; it leaves them as they are. */
export type Reach = 'none' | 'mine' | 'ours' | 'all' | 'special';
type Drawn = Exclude<Reach, 'none' | 'special'>;

const mine: Condition = { is: 'mine', field: 'ownerId' };
const conditions: Readonly<Record<Drawn, Condition>> = {
  all: ALL,
  ours: { is: 'or', of: [{ is: 'my_desks', field: 'deskId' }, mine] },
  mine,
};
export const reachLabels: Readonly<Record<Reach, string>> = {
  none: '-',
  mine: 'Own',
  ours: 'Own desks',
  all: 'All',
  special: 'As set',
};
export const drawn: readonly Reach[] = ['none', 'mine', 'ours', 'all'];

const of = (grants: readonly Grant[], permission: string): Grant[] => grants.filter((one) => one.permission === permission);

export function reachOf(grants: readonly Grant[], permission: string): Reach {
  const [first, ...others] = of(grants, permission);
  if (!first) return 'none';
  if (others.length > 0) return 'special';
  return (['all', 'ours', 'mine'] as const).find((reach) => same(conditions[reach], first.when)) ?? 'special';
}

/** What all of these leave out, and the only fields that any of them names where all name some. */
function limitsOf(grants: readonly Grant[]): Pick<Grant, 'fields' | 'without'> {
  const [first, ...others] = grants;
  const without = first?.without?.filter((path) => others.every((one) => one.without?.includes(path))) ?? [];
  const fields = grants.every((one) => one.fields !== undefined) ? [...new Set(grants.flatMap((one) => one.fields ?? []))] : [];
  return { ...(without.length === 0 ? {} : { without }), ...(fields.length === 0 ? {} : { fields }) };
}
/**
 * The grants with this permission reaching that far, limited to the fields that it was limited to. `as`: the role as it is stored,
 * for what is to be as it was set, and for a cell that was empty in between.
 */
export function withReach(grants: readonly Grant[], permission: Grant['permission'], reach: Reach, as: readonly Grant[]): Grant[] {
  const others = grants.filter((one) => one.permission !== permission);
  if (reach === 'none') return others;
  if (reach === 'special') return [...others, ...of(as, permission)];
  const there = of(grants, permission);
  return [...others, { permission, when: conditions[reach], ...limitsOf(there.length > 0 ? there : of(as, permission)) }];
}

const verbs: Readonly<Record<RecordAction, string>> = {
  read: 'see',
  create: 'make',
  update: 'change',
  delete: 'delete',
  restore: 'restore',
  import: 'import',
  export: 'export',
};
const isAction = (text: string): text is RecordAction => Object.hasOwn(verbs, text);
const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What a permission allows, as it follows "may": "see purchase orders". */
export function deedOf(permission: string, labels: (collection: string) => string): string {
  if (isAdminPermission(permission)) return lower(adminPermissions[permission]);
  if (isApproval(permission)) return lower(approvals[permission]);
  const [collection = '', action = ''] = permission.split(':');
  const verb = isAction(action) ? verbs[action] : action;
  return `${verb} ${collection === '*' ? 'records of every kind' : lower(labels(collection))}`;
}
const whose: Readonly<Record<Reach, string>> = {
  none: '',
  mine: ', if they are their own',
  ours: ', of their desks and their own',
  all: ', all of them',
  special: ', as it was set by hand',
};

/** What saving would change of permissions, a sentence each, whatever their fields; none when nothing changes. */
export function changesOf(before: readonly Grant[], after: readonly Grant[], labels: (collection: string) => string): string[] {
  const permissions = [...new Set([...before, ...after].map((one) => one.permission))];
  return permissions.flatMap((permission) => {
    const whens = (grants: readonly Grant[]): Condition[] => of(grants, permission).map(({ when }) => when);
    if (same(whens(before), whens(after))) return [];
    const [from, to] = [reachOf(before, permission), reachOf(after, permission)];
    const deed = deedOf(permission, labels);
    const plain = isAdminPermission(permission);
    const leaves = permission.endsWith(':read') && !plain && to !== 'all' ? ' What they may not see leaves their devices.' : '';
    if (to === 'none') return [`They may no longer ${deed}.${leaves}`];
    if (from === 'none') return [`They may ${deed}${plain ? '' : whose[to]}.`];
    return [`They may ${deed}${whose[to]}; until now${whose[from].replace(/^, if they are/u, ' only').replace(/^,/u, '')}.${leaves}`];
  });
}

/** Whom a change concerns. */
export function concerned(names: readonly string[], accounts: number): string {
  if (accounts === 0) return 'Nobody has this role at the moment.';
  const [first, second] = names;
  if (first === undefined) return `This concerns ${accounts === 1 ? 'one person' : `${accounts} people`}, at once.`;
  const others = accounts - Math.min(2, names.length);
  const shown = second === undefined ? first : others > 0 ? `${first}, ${second}` : `${first} and ${second}`;
  return `This concerns ${shown}${others > 0 ? ` and ${others} ${others === 1 ? 'other' : 'others'}` : ''}, at once, wherever they are signed in.`;
}
