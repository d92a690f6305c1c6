/** Roles, what they grant, and what that means for one person. Nothing is allowed that no grant allows. */
import { type AnyDocument, type Entity, allFields } from '../entity/entity.ts';
import { type Problem, hard } from '../entity/problem.ts';
import { same } from '../record/same.ts';
import { type Condition, type Scope, type Viewer, anyOf, isCondition, isWithin, resolve } from './condition.ts';
import {
  type AdminPermission,
  type ApprovalPermission,
  type Permission,
  type RecordAction,
  isAdminPermission,
  isPermission,
} from './permissions.ts';

export interface Grant {
  readonly permission: Permission;
  readonly when: Condition;
  /** Of an update: only these fields may be changed. */
  readonly fields?: readonly string[];
}
export interface Role {
  readonly name: string;
  readonly label: string;
  readonly grants: readonly Grant[];
}

/** The grants among stored data; what this version does not know grants nothing. */
export function readGrants(value: unknown): Grant[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one: unknown): one is Grant => {
    if (typeof one !== 'object' || one === null) return false;
    const { permission, when, fields } = one as Readonly<Record<string, unknown>>;
    const areFields = fields === undefined || (Array.isArray(fields) && fields.every((field) => typeof field === 'string'));
    return typeof permission === 'string' && isPermission(permission) && isCondition(when) && areFields;
  });
}

interface Allowed {
  readonly scope: Scope;
  readonly fields?: readonly string[];
}
export interface Rights {
  readonly viewer: Viewer;
  /** What the role grants, with its conditions as the role states them. */
  readonly grants: readonly Grant[];
  /** Whether this person may do that to the company's accounts and settings. */
  may(permission: AdminPermission): boolean;
  /** Which records this person may approve that for. */
  approves(permission: ApprovalPermission): Scope;
  /** Which documents of the collection this person may do that to. */
  scope(collection: string, action: RecordAction): Scope;
  /** One entry for each grant of the update, because each may name other fields. */
  updates(collection: string): readonly Allowed[];
}

export function rightsOf(grants: readonly Grant[], viewer: Viewer): Rights {
  const known = new Map<string, Scope>();
  const knownUpdates = new Map<string, readonly Allowed[]>();
  const of = (collection: string, action: RecordAction): readonly Grant[] =>
    grants.filter(({ permission }) => permission === `${collection}:${action}` || permission === `*:${action}`);
  const company = new Set(grants.filter(({ when }) => when.is === 'all').map(({ permission }) => permission));
  return {
    viewer,
    grants,
    may: (permission) => company.has(permission),
    approves: (permission) => anyOf(grants.filter((one) => one.permission === permission).map(({ when }) => resolve(when, viewer))),
    scope(collection, action) {
      const key = `${collection}:${action}`;
      const scope = known.get(key) ?? anyOf(of(collection, action).map(({ when }) => resolve(when, viewer)));
      known.set(key, scope);
      return scope;
    },
    updates(collection) {
      const updates =
        knownUpdates.get(collection) ??
        of(collection, 'update').map(({ when, fields }) => ({ scope: resolve(when, viewer), ...(fields ? { fields } : {}) }));
      knownUpdates.set(collection, updates);
      return updates;
    },
  };
}

export const mayRead = (rights: Rights, collection: string, document: Readonly<Record<string, unknown>>): boolean =>
  isWithin(rights.scope(collection, 'read'), document);

interface State {
  readonly doc: AnyDocument;
  readonly deleted: boolean;
}

const deny = (field: string, code: string, message: string): Problem => hard(field, code, message, 'SYN-7');
const ASK = 'Discard the change, or ask an administrator for the right.';

function outside({ entity, verb, scope, moved }: { entity: Entity; verb: string; scope: Scope; moved: boolean }): Problem {
  const what = entity.labels.toLowerCase();
  if (scope.is === 'none') return deny('', 'not_permitted', `Your role does not allow you to ${verb} ${what}. ${ASK}`);
  return moved
    ? deny('deskId', 'not_permitted', `You may not ${verb} ${what} of that desk or owner. Choose a desk of yours, or ask an administrator.`)
    : deny('', 'not_permitted', `This is not one of the ${what} that you may ${verb}. ${ASK}`);
}

/** Fields that people set and that differ. */
const changedKeys = (entity: Entity, before: AnyDocument, after: AnyDocument): string[] =>
  Object.entries(allFields(entity))
    .filter(([key, f]) => !f.computed && key !== 'id' && !same(before[key], after[key]))
    .map(([key]) => key);

function deniedUpdate(rights: Rights, entity: Entity, before: AnyDocument, after: AnyDocument): Problem | undefined {
  const scope = rights.scope(entity.collection, 'update');
  if (!isWithin(scope, before)) return outside({ entity, verb: 'change', scope, moved: false });
  if (!isWithin(scope, after)) return outside({ entity, verb: 'change', scope, moved: true });
  const both = rights.updates(entity.collection).filter((one) => isWithin(one.scope, before) && isWithin(one.scope, after));
  if (both.some(({ fields }) => fields === undefined)) return undefined;
  const open = new Set(both.flatMap(({ fields = [] }) => fields));
  const [first] = changedKeys(entity, before, after).filter((key) => !open.has(key));
  if (first === undefined) return undefined;
  const label = allFields(entity)[first]?.label ?? first;
  return deny(first, 'field_not_permitted', `Your role does not allow you to change "${label}". Put it back, or ask an administrator.`);
}

/**
 * Why this person may not bring a record from one state to another; undefined when it is allowed. Both states are judged:
 * a record moves to another desk only where both desks are within reach.
 */
export function deniedWrite(rights: Rights, entity: Entity, before: State | undefined, after: State): Problem | undefined {
  const { collection } = entity;
  const { importId } = after.doc;
  if (importId !== undefined && importId !== '' && importId !== before?.doc.importId) {
    const scope = rights.scope(collection, 'import');
    if (!isWithin(scope, after.doc)) return outside({ entity, verb: 'import', scope, moved: scope.is !== 'none' });
  }
  if (!before) {
    const scope = rights.scope(collection, 'create');
    if (!isWithin(scope, after.doc)) return outside({ entity, verb: 'create', scope, moved: scope.is !== 'none' });
    if (mayRead(rights, collection, after.doc)) return undefined;
    const message = `You could not see this ${entity.label.toLowerCase()} after saving it. Choose a desk of yours, or yourself as the owner.`;
    return deny('deskId', 'not_visible_afterwards', message);
  }
  if (before.deleted && !after.deleted) {
    const scope = rights.scope(collection, 'restore');
    if (!isWithin(scope, before.doc)) return outside({ entity, verb: 'restore', scope, moved: false });
    if (!isWithin(scope, after.doc)) return outside({ entity, verb: 'restore', scope, moved: true });
    return changedKeys(entity, before.doc, after.doc).length === 0 ? undefined : deniedUpdate(rights, entity, before.doc, after.doc);
  }
  if (!after.deleted || before.deleted) return deniedUpdate(rights, entity, before.doc, after.doc);
  const scope = rights.scope(collection, 'delete');
  return isWithin(scope, before.doc) && isWithin(scope, after.doc) ? undefined : outside({ entity, verb: 'delete', scope, moved: false });
}

/**
 * The first of the grants that goes beyond what somebody has: nobody gives what is not the own. Compared as the roles state it, so
 * a condition is covered by none at all or by the same one.
 */
export function firstBeyond(own: Pick<Rights, 'grants' | 'may'>, given: readonly Grant[]): Grant | undefined {
  const covers = (mine: Grant, one: Grant): boolean => {
    const [, action = ''] = one.permission.split(':');
    if (mine.permission !== one.permission && (isAdminPermission(one.permission) || mine.permission !== `*:${action}`)) return false;
    if (mine.when.is !== 'all' && !same(mine.when, one.when)) return false;
    return mine.fields === undefined || (one.fields !== undefined && one.fields.every((field) => mine.fields?.includes(field)));
  };
  return given.find((one) => !own.grants.some((mine) => covers(mine, one)));
}
