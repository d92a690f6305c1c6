/** Roles, what they grant, and what that means for one person. Nothing is allowed that no grant allows. */
import { type AnyDocument, type Entity, allFields } from '../entity/entity.ts';
import { type Problem, hard } from '../entity/problem.ts';
import { same } from '../record/same.ts';
import { type Condition, type Scope, type Viewer, anyOf, isCondition, isWithin, resolve } from './condition.ts';
import { type View, firstTouched, hiddenIn, keeps, labelAt, rateUnder, withUnits } from './field-limits.ts';
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
  /**
   * Of reading, creating and updating: not these fields, such as `cost` or `lines.price`, nor what is one unit with them. What is
   * not read is not written either. Of updating also what no record can be without, such as its name. Of a grant over every kind
   * each path says of which kind it is: `lots:cost`.
   */
  readonly without?: readonly string[];
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
    const { permission, when, fields, without } = one as Readonly<Record<string, unknown>>;
    const areFields = [fields, without].every(
      (list) => list === undefined || (Array.isArray(list) && list.every((field) => typeof field === 'string')),
    );
    return typeof permission === 'string' && isPermission(permission) && isCondition(when) && areFields;
  });
}

/** The grant as it counts for one kind of record: of a grant over every kind, with what it leaves out of this one. */
function grantFor(grant: Grant, collection: string): Grant {
  const { without, ...rest } = grant;
  if (without === undefined || !rest.permission.startsWith('*:')) return grant;
  const kind = `${collection}:`;
  const own = without.filter((path) => path.startsWith(kind)).map((path) => path.slice(kind.length));
  return own.length === 0 ? rest : { ...rest, without: own };
}

interface Allowed {
  readonly scope: Scope;
  readonly fields?: readonly string[];
  readonly without?: readonly string[];
}
/** Names of roles by approval. */
export type Approvers = Readonly<Partial<Record<ApprovalPermission, readonly string[]>>>;

export interface Rights {
  readonly viewer: Viewer;
  /** What the role grants, with its conditions as the role states them. */
  readonly grants: readonly Grant[];
  /** Whether this person may do that to the company's accounts and settings. */
  may(permission: AdminPermission): boolean;
  /** Which records this person may approve that for. */
  approves(permission: ApprovalPermission): Scope;
  /** What the roles are called that may approve something, where it is known: whom to ask. */
  readonly approvers?: Approvers;
  /** Which documents of the collection this person may do that to. */
  scope(collection: string, action: RecordAction): Scope;
  /** One entry for each grant of the update or creation, because each may name other fields. */
  writes(entity: Entity, action: 'create' | 'update'): readonly Allowed[];
  /** What each grant of reading shows; undefined where all of them show whole documents. */
  views(entity: Entity): readonly View[] | undefined;
  /** Paths of fields that this person may not see in this document. */
  hidden(entity: Entity, document: Readonly<Record<string, unknown>>): readonly string[];
}

export function rightsOf(grants: readonly Grant[], viewer: Viewer, approvers?: Approvers): Rights {
  const known = new Map<string, Scope>();
  const knownWrites = new Map<string, readonly Allowed[]>();
  const knownViews = new Map<string, readonly View[] | undefined>();
  const of = (collection: string, action: RecordAction): readonly Grant[] =>
    grants
      .filter(({ permission }) => permission === `${collection}:${action}` || permission === `*:${action}`)
      .map((grant) => grantFor(grant, collection));
  const views = (entity: Entity): readonly View[] | undefined => {
    const { collection } = entity;
    if (!knownViews.has(collection)) {
      const reads = of(collection, 'read').map(({ when, without = [] }) => ({
        scope: resolve(when, viewer),
        without: withUnits(entity, without),
      }));
      knownViews.set(collection, reads.some(({ without }) => without.length > 0) ? reads : undefined);
    }
    return knownViews.get(collection);
  };
  const company = new Set(grants.filter(({ when }) => when.is === 'all').map(({ permission }) => permission));
  return {
    viewer,
    grants,
    ...(approvers ? { approvers } : {}),
    may: (permission) => company.has(permission),
    approves: (permission) => anyOf(grants.filter((one) => one.permission === permission).map(({ when }) => resolve(when, viewer))),
    scope(collection, action) {
      const key = `${collection}:${action}`;
      const scope = known.get(key) ?? anyOf(of(collection, action).map(({ when }) => resolve(when, viewer)));
      known.set(key, scope);
      return scope;
    },
    writes(entity, action) {
      const key = `${entity.collection}:${action}`;
      const writes =
        knownWrites.get(key) ??
        of(entity.collection, action).map(({ when, fields, without }) => ({
          scope: resolve(when, viewer),
          ...(fields ? { fields } : {}),
          ...(without ? { without: closedBy(entity, without, action) } : {}),
        }));
      knownWrites.set(key, writes);
      return writes;
    },
    views,
    hidden(entity, document) {
      const limited = views(entity);
      return limited ? hiddenIn(limited, document) : [];
    },
  };
}

/** What a grant of writing closes. A new record states its currency: there is no amount yet that it could change. */
function closedBy(entity: Entity, without: readonly string[], action: 'create' | 'update'): readonly string[] {
  const closed = withUnits(entity, without);
  return action === 'create' ? closed : [...closed, ...rateUnder(entity, closed)];
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
  const both = rights.writes(entity, 'update').filter((one) => isWithin(one.scope, before) && isWithin(one.scope, after));
  const rate = rateUnder(entity, rights.hidden(entity, before));
  if (rate.length === 0 && both.some(({ fields, without }) => fields === undefined && without === undefined)) return undefined;
  const [first] = changedKeys(entity, before, after).filter(
    (key) => rate.includes(key) || !both.some((one) => leaves(one, entity, key, before, after)),
  );
  return first === undefined ? undefined : deniedField(entity, first);
}
/** Whether the grant lets this key go from one value to the other. */
function leaves({ fields, without = [] }: Allowed, entity: Entity, key: string, before: AnyDocument, after: AnyDocument): boolean {
  if (fields !== undefined && !fields.includes(key)) return false;
  const closed = without.filter((path) => path === key || path.startsWith(`${key}.`));
  return !closed.includes(key) && keeps(entity, before, after, closed);
}
/** For a field that somebody has changed and may not change, or not even see. */
export const deniedField = (entity: Entity, path: string): Problem =>
  deny(
    path.split('.')[0] ?? path,
    'field_not_permitted',
    `Your role does not allow you to change "${labelAt(entity, path)}". Put it back, or ask an administrator.`,
  );

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
    const creates = rights.writes(entity, 'create').filter((one) => isWithin(one.scope, after.doc));
    const closed = (creates[0]?.without ?? []).filter((path) => creates.every(({ without = [] }) => without.includes(path)));
    const touched = firstTouched(entity, { document: after.doc, base: undefined, kept: undefined }, closed);
    if (touched !== undefined) return deniedField(entity, touched);
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
    const [collection = '', action = ''] = one.permission.split(':');
    if (mine.permission !== one.permission && (isAdminPermission(one.permission) || mine.permission !== `*:${action}`)) return false;
    if (mine.when.is !== 'all' && !same(mine.when, one.when)) return false;
    const { without } = mine.permission === one.permission ? mine : grantFor(mine, collection);
    if (without?.some((path) => !one.without?.includes(path))) return false;
    return mine.fields === undefined || (one.fields !== undefined && one.fields.every((field) => mine.fields?.includes(field)));
  };
  return given.find((one) => !own.grants.some((mine) => covers(mine, one)));
}
