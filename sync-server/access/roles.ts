/** Changing roles: judged whole, written with its audit entry in one transaction, in force everywhere within the second. */
import { isCondition } from '../../domain/access/condition.ts';
import { fieldPaths, mayBeHidden } from '../../domain/access/field-limits.ts';
import { type ApprovalPermission, approvals, isAdminPermission, listPermissions } from '../../domain/access/permissions.ts';
import { type Approvers, type Grant, readGrants } from '../../domain/access/rights.ts';
import { seedRoles } from '../../domain/access/seeds.ts';
import { allFields } from '../../domain/entity/entity.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { same } from '../../domain/record/same.ts';
import type { Database, Runner } from '../db/database.ts';
import { type StoredRole, accountsWith, dropRole, listRoles, lockRoles, putRole, roleByName } from '../db/roles.ts';
import { securityEvent } from '../db/security-events.ts';

/** Whoever changes a role; '' for the id of whoever sits at the server's command line. */
export interface By {
  readonly id: string;
  readonly name: string;
  readonly device: string;
  readonly address: string;
}
export interface RoleDraft {
  readonly name: string;
  readonly label: string;
  readonly grants: readonly unknown[];
  /** The revision that the change is based on; 0 for a new role. */
  readonly revision: number;
}
export interface RoleProblem {
  readonly code: 'invalid_grant' | 'role_changed' | 'unknown_role' | 'role_exists' | 'role_in_use' | 'nobody_left';
  readonly message: string;
  readonly field: string;
}
export type RoleOutcome =
  | { readonly kind: 'saved'; readonly role: StoredRole }
  | { readonly kind: 'refused'; readonly problem: RoleProblem };

/**
 * What is wrong with the first of the grants that counts for nothing; undefined when all count. What the role had before is
 * left alone: it may be of a collection that this version does not know.
 */
function grantProblem(grants: readonly unknown[], had: unknown, nouns: readonly Noun[]): RoleProblem | undefined {
  const before: readonly unknown[] = Array.isArray(had) ? had : [];
  const known = new Set<string>(listPermissions(nouns.map(({ entity }) => entity.collection)));
  for (const [index, grant] of grants.entries()) {
    if (before.some((one) => same(one, grant))) continue;
    const wrong = (part: string, message: string): RoleProblem => ({ code: 'invalid_grant', field: `grants.${index}${part}`, message });
    if (typeof grant !== 'object' || grant === null) return wrong('', 'A grant is an object with permission and when.');
    const { permission, when, fields, without } = grant as Readonly<Record<string, unknown>>;
    if (typeof permission !== 'string' || !known.has(permission))
      return wrong('.permission', `There is no permission "${String(permission).slice(0, 80)}". GET /admin/permissions lists all.`);
    if (!isCondition(when)) return wrong('.when', 'This is no condition; {"is":"all"} is the plainest one (domain/access/condition.ts).');
    if (isAdminPermission(permission) && when.is !== 'all') return wrong('.when', `"${permission}" takes no condition but {"is":"all"}.`);
    const [collection = '', action] = permission.split(':');
    const own = nouns.find(({ entity }) => entity.collection === collection)?.entity;
    if (without !== undefined) {
      const problem = withoutProblem(permission, without, nouns);
      if (problem !== undefined) return wrong('.without', problem);
    }
    if (fields === undefined) continue;
    if (action !== 'update') return wrong('.fields', `"${permission}" takes no fields; only what may be updated is limited to fields.`);
    if (!own || !Array.isArray(fields)) return wrong('.fields', 'Fields are a list, for one collection.');
    const strange = fields.find((field) => typeof field !== 'string' || !Object.hasOwn(allFields(own), field));
    if (strange !== undefined) return wrong('.fields', `${own.labels} have no field "${String(strange).slice(0, 80)}".`);
  }
  return undefined;
}

/** What is wrong with the fields that a grant leaves out; undefined when nothing is. */
function withoutProblem(permission: string, without: unknown, nouns: readonly Noun[]): string | undefined {
  const [collection = '', action = ''] = permission.split(':');
  if (!['read', 'create', 'update'].includes(action) || !Array.isArray(without))
    return 'Hidden fields are a list, of reading, creating or updating.';
  for (const named of without as readonly unknown[]) {
    const text = typeof named === 'string' ? named : '';
    // Of every kind, the path says which one: lots:cost.
    const [kind = '', path = ''] = collection === '*' ? text.split(':') : [collection, text];
    const entity = nouns.find((noun) => noun.entity.collection === kind)?.entity;
    if (!entity) return `"${text.slice(0, 80)}" does not say of which kind it is, such as lots:cost.`;
    if (!(action === 'update' ? fieldPaths(entity).includes(path) : mayBeHidden(entity, path)))
      return `"${path.slice(0, 80)}" is no field of ${entity.labels} that can be left out here.`;
  }
  return undefined;
}

/** Somebody must be able to undo this change. */
export const someoneChangesRoles = async (runner: Runner): Promise<boolean> =>
  (await listRoles(runner)).some(
    ({ accounts, grants }) =>
      accounts > 0 && readGrants(grants).some(({ permission, when }) => permission === 'roles:update' && when.is === 'all'),
  );

interface Change {
  readonly by: By;
  readonly at: Date;
  /** In the words of whoever changes it; '' for none. */
  readonly reason: string;
}

class Refused extends Error {
  readonly problem: RoleProblem;
  constructor(problem: RoleProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const FOREIGN_KEY_VIOLATION = '23503';
const inUse = (who: string): RoleProblem => ({ code: 'role_in_use', field: 'name', message: `${who} Give them another one first.` });

/** `work` throws Refused to leave everything as it was. */
async function changing(
  db: Database,
  { by, at, reason }: Change,
  name: string,
  work: (runner: Runner, before: StoredRole | undefined) => Promise<void>,
) {
  try {
    return await db.transaction(async (runner) => {
      await lockRoles(runner);
      const before = await roleByName(runner, name);
      await work(runner, before);
      if (!(await someoneChangesRoles(runner)))
        throw new Refused({
          code: 'nobody_left',
          field: 'grants',
          message: 'Nobody could change roles any more. Give "roles:update" to a role that somebody has, first.',
        });
      const after = await roleByName(runner, name);
      const shown = (role: StoredRole | undefined) => (role ? { label: role.label, grants: role.grants } : null);
      await securityEvent(runner, {
        kind: after ? (before ? 'role_changed' : 'role_created') : 'role_removed',
        who: undefined,
        device: by.device,
        address: by.address,
        at,
        details: { by: { id: by.id, name: by.name }, role: name, reason, before: shown(before), after: shown(after) },
      });
      return after;
    });
  } catch (cause) {
    if (cause instanceof Refused) return cause.problem;
    // Given to somebody between the count and the removal.
    if (cause instanceof Error && 'code' in cause && cause.code === FOREIGN_KEY_VIOLATION)
      return inUse('Somebody has got this role just now.');
    throw cause;
  }
}

const stale = (): Refused =>
  new Refused({ code: 'role_changed', field: 'revision', message: 'Somebody else has changed this role meanwhile. Look at it again.' });
const unknownRole = (name: string): Refused => new Refused({ code: 'unknown_role', field: 'name', message: `There is no role "${name}".` });

/** Makes a role or replaces its label and grants. */
export async function saveRole(db: Database, nouns: readonly Noun[], draft: RoleDraft, change: Change): Promise<RoleOutcome> {
  const outcome = await changing(db, change, draft.name, async (runner, before) => {
    if (before && draft.revision === 0)
      throw new Refused({ code: 'role_exists', field: 'name', message: `There is a role "${draft.name}" already.` });
    if (!before && draft.revision !== 0) throw unknownRole(draft.name);
    if (before && before.revision !== draft.revision) throw stale();
    const problem = grantProblem(draft.grants, before?.grants, nouns);
    if (problem) throw new Refused(problem);
    await putRole(runner, { name: draft.name, label: draft.label, grants: draft.grants, edited: true });
  });
  if (outcome === undefined) throw new Error('the role that was saved is not there');
  return 'code' in outcome ? { kind: 'refused', problem: outcome } : { kind: 'saved', role: outcome };
}

/** Removes a role that no account has. One that comes with Drover goes back to what it came with instead. */
export async function removeRole(
  db: Database,
  { name, revision }: Pick<RoleDraft, 'name' | 'revision'>,
  change: Change,
): Promise<RoleOutcome | { readonly kind: 'removed' }> {
  const seed = seedRoles.find((role) => role.name === name);
  const outcome = await changing(db, change, name, async (runner, before) => {
    if (!before) throw unknownRole(name);
    if (before.revision !== revision) throw stale();
    if (seed) return putRole(runner, { ...seed, edited: false });
    const accounts = await accountsWith(runner, name);
    if (accounts > 0) throw new Refused(inUse(`${accounts} ${accounts === 1 ? 'account has' : 'accounts have'} this role.`));
    return dropRole(runner, name);
  });
  if (outcome === undefined) return { kind: 'removed' };
  return 'code' in outcome ? { kind: 'refused', problem: outcome } : { kind: 'saved', role: outcome };
}

/** Grants that are new or wider than before: what whoever saves has to have. */
export function addedGrants(before: unknown, after: readonly unknown[]): Grant[] {
  const had = readGrants(before);
  return readGrants(after).filter((grant) => !had.some((one) => same(one, grant)));
}

/** What the roles are called that may approve something, for whoever has to ask; a role that nobody has is no help. */
export const approversAmong = (roles: readonly StoredRole[]): Approvers =>
  Object.fromEntries(
    (Object.keys(approvals) as ApprovalPermission[]).map((permission) => [
      permission,
      roles
        .filter(({ grants, accounts }) => accounts > 0 && readGrants(grants).some((grant) => grant.permission === permission))
        .map(({ label }) => label),
    ]),
  );
