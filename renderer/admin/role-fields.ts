/**
 * What a role may do with each field of a kind of record, as a dialog shows and changes it. All grants of the kind together say it:
 * those of reading what is hidden, those of making and changing what is only seen. Pure.
 */
import { fieldPaths, labelAt, mayBeHidden, withUnits } from '../../domain/access/field-limits.ts';
import { type Grant, type Rights, rightsOf } from '../../domain/access/rights.ts';
import type { Entity } from '../../domain/entity/entity.ts';
import { rateOf } from '../../domain/record/merge-units.ts';

/** `mixed`: some grants of the kind say one thing and some another; which of them counts is a matter of the record. */
export type FieldState = 'change' | 'see' | 'hidden' | 'mixed';
export const settable = ['change', 'see', 'hidden'] as const;
export const stateLabels: Readonly<Record<FieldState, string>> = {
  change: 'See and change',
  see: 'See',
  hidden: 'Hidden',
  mixed: 'As set',
};

const keyOf = (path: string): string => path.split('.')[0] ?? path;
const isInner = (path: string): boolean => path.includes('.');
const isComputed = (entity: Entity, path: string): boolean => {
  const [key = '', inner] = path.split('.');
  const field = entity.fields[key];
  return field?.computed === true || (inner !== undefined && field?.fields?.[inner]?.computed === true);
};

/** How many of these hold, as a state of all. */
function all<One>(of: readonly One[], holds: (one: One) => boolean): 'all' | 'none' | 'some' {
  const count = of.filter(holds).length;
  return count === 0 ? 'none' : count === of.length ? 'all' : 'some';
}

export interface FieldStates {
  of(path: string): FieldState;
  /** Whether somebody with this role sees any record of the kind. */
  readonly isRead: boolean;
  readonly isWritten: boolean;
}
export function statesIn(grants: readonly Grant[], entity: Entity): FieldStates {
  // Nobody in particular: conditions play no part in what is said of fields.
  const rights: Rights = rightsOf(grants, { accountId: '', desks: [] });
  const views = rights.views(entity) ?? [];
  const [creates, updates] = [rights.writes(entity, 'create'), rights.writes(entity, 'update')];
  const rate = rateOf(entity) ?? [];
  return {
    isRead: grants.some(({ permission }) => permission === `${entity.collection}:read` || permission === '*:read'),
    isWritten: creates.length + updates.length > 0,
    of(path) {
      const covers = (without: readonly string[] = []): boolean => without.includes(path) || without.includes(keyOf(path));
      const hidden = all(views, ({ without }) => covers(without));
      if (hidden === 'all') return 'hidden';
      if (hidden === 'some') return 'mixed';
      if (isComputed(entity, path)) return 'see';
      // A new record states what it cannot be without, and its currency, whatever may be changed later.
      const isOfNew = mayBeHidden(entity, path) && !rate.includes(keyOf(path));
      const writes = isOfNew || updates.length === 0 ? [...creates, ...updates] : updates;
      const closed = all(writes, ({ fields, without }) => (fields !== undefined && !fields.includes(keyOf(path))) || covers(without));
      return writes.length === 0 || closed === 'all' ? 'see' : closed === 'some' ? 'mixed' : 'change';
    },
  };
}

/** The grant with these paths in the list, or out of it; without the list where nothing is left in it. */
function listed(grant: Grant, paths: readonly string[], isIn: boolean): Grant {
  const { without = [], ...rest } = grant;
  const others = without.filter((path) => !paths.includes(path));
  const after = isIn ? [...without, ...paths.filter((path) => !without.includes(path))] : others;
  return after.length === 0 ? rest : { ...rest, without: after };
}
/** An update that names its fields names these too. What lies in a list is not opened by opening the whole list. */
const naming = (grant: Grant, paths: readonly string[]): Grant =>
  grant.fields === undefined
    ? grant
    : { ...grant, fields: [...new Set([...grant.fields, ...paths.filter((path) => !isInner(path)).map(keyOf)])] };

/** The grants with this field, and what is one unit with it, in that state. */
export function withState(grants: readonly Grant[], entity: Entity, path: string, state: (typeof settable)[number]): Grant[] {
  const unit = withUnits(entity, [path]);
  const hideable = unit.filter((one) => mayBeHidden(entity, one));
  const isOpen = state === 'change' || (state === 'see' && isComputed(entity, path));
  return grants.map((grant) => {
    const [kind = '', action] = grant.permission.split(':');
    if (kind !== '*' && kind !== entity.collection) return grant;
    // A grant over every kind says of which one a field is.
    const paths = (own: readonly string[]): readonly string[] => (kind === '*' ? own.map((one) => `${entity.collection}:${one}`) : own);
    if (action === 'read') return listed(grant, paths(hideable), state === 'hidden');
    if (action === 'create') return listed(grant, paths(hideable), !isOpen);
    if (action !== 'update') return grant;
    return isOpen ? naming(listed(grant, paths(unit), false), unit) : listed(grant, paths(unit), true);
  });
}

export interface FieldLine {
  readonly path: string;
  readonly label: string;
  readonly state: FieldState;
  /** The states that it can be put into: those that would hold beside all else that the role says. */
  readonly offered: readonly FieldState[];
}
const labelOf = (entity: Entity, path: string): string =>
  isInner(path) ? `${labelAt(entity, keyOf(path))}: ${labelAt(entity, path)}` : labelAt(entity, path);

export function fieldLines(grants: readonly Grant[], entity: Entity): FieldLine[] {
  const states = statesIn(grants, entity);
  return fieldPaths(entity).map((path) => {
    const state = states.of(path);
    const holds = (one: (typeof settable)[number]): boolean =>
      one === state || statesIn(withState(grants, entity, path, one), entity).of(path) === one;
    return { path, label: labelOf(entity, path), state, offered: [...settable.filter(holds), ...(state === 'mixed' ? [state] : [])] };
  });
}

/** The paths whose state is not that of all in their list. */
const apart = (states: FieldStates, paths: readonly string[]): string[] =>
  paths.filter((path) => !isInner(path) || states.of(path) !== states.of(keyOf(path)));

/** "5 hidden, 2 only seen"; "All" where nothing is limited, '' where nothing of the kind is seen. */
export function fieldsInShort(grants: readonly Grant[], entity: Entity): string {
  const states = statesIn(grants, entity);
  if (!states.isRead) return '';
  const paths = apart(states, fieldPaths(entity));
  const count = (state: FieldState): number =>
    paths.filter((path) => states.of(path) === state && (state !== 'see' || !isComputed(entity, path))).length;
  const [hidden, seen, mixed] = [count('hidden'), states.isWritten ? count('see') : 0, count('mixed')];
  const parts = [hidden > 0 ? `${hidden} hidden` : '', seen > 0 ? `${seen} only seen` : '', mixed > 0 ? `${mixed} as set` : ''];
  return parts.filter((part) => part !== '').join(', ') || 'All';
}

const sentences: Readonly<Record<FieldState, (fields: string, kind: string) => string>> = {
  hidden: (fields, kind) => `They may no longer see ${fields} of ${kind}, which leaves their devices.`,
  see: (fields, kind) => `They may see ${fields} of ${kind}, and not change it.`,
  change: (fields, kind) => `They may see and change ${fields} of ${kind}.`,
  mixed: (fields, kind) => `They may do with ${fields} of ${kind} as it was set by hand.`,
};
const NAMED_MAX = 4;
const named = (labels: readonly string[]): string =>
  labels.length <= NAMED_MAX
    ? labels.join(', ')
    : `${labels.slice(0, NAMED_MAX - 1).join(', ')} and ${labels.length - NAMED_MAX + 1} more fields`;

/** What saving would change of the fields of a kind, a sentence a state. Of a kind that was or will not be seen at all, none. */
export function fieldChanges(before: readonly Grant[], after: readonly Grant[], entity: Entity): string[] {
  const [from, to] = [statesIn(before, entity), statesIn(after, entity)];
  if (!from.isRead || !to.isRead) return [];
  const changed = apart(to, fieldPaths(entity)).filter(
    (path) => from.of(path) !== to.of(path) && (from.isWritten === to.isWritten || [from.of(path), to.of(path)].includes('hidden')),
  );
  return (['hidden', 'see', 'change', 'mixed'] as const).flatMap((state) => {
    const labels = changed.filter((path) => to.of(path) === state).map((path) => labelOf(entity, path));
    return labels.length === 0 ? [] : [sentences[state](named(labels), entity.labels.toLowerCase())];
  });
}
