/** What of a record somebody may not see or change, and why, in words for a form: before anything was typed, and offline too. */
import type { AnyDocument, Entity } from '../entity/entity.ts';
import { isWithin } from './condition.ts';
import { labelAt, rateUnder } from './field-limits.ts';
import { type Rights, deniedWrite } from './rights.ts';

export interface Locks {
  /** Why nothing of it can be changed; undefined where something can. */
  readonly whole: string | undefined;
  /** Why this field cannot be; `lines.price` for a field of rows. */
  reason(path: string): string | undefined;
  isHidden(path: string): boolean;
}
export const OPEN: Locks = { whole: undefined, reason: () => undefined, isHidden: () => false };

/** Of a stored record, or of a new one where `record` is undefined. */
export function locksOf(rights: Rights | undefined, entity: Entity, record: AnyDocument | undefined): Locks {
  if (!rights) return OPEN;
  const whole = record
    ? deniedWrite(rights, entity, { doc: record, deleted: false }, { doc: record, deleted: false })?.message
    : mayNot(rights, entity, 'create');
  const hidden = new Set(record ? rights.hidden(entity, record) : []);
  const grants = rights.writes(entity, record ? 'update' : 'create').filter(({ scope }) => record === undefined || isWithin(scope, record));
  const rate = rateUnder(entity, [...hidden]);
  const isOpen = (path: string): boolean => {
    const [key = ''] = path.split('.');
    if (rate.includes(key)) return false;
    return grants.some(
      ({ fields, without = [] }) => (fields === undefined || fields.includes(key)) && !without.includes(key) && !without.includes(path),
    );
  };
  const isHidden = (path: string): boolean => hidden.has(path) || hidden.has(path.split('.')[0] ?? '');
  return {
    whole,
    isHidden,
    reason(path) {
      if (whole !== undefined) return whole;
      const label = labelAt(entity, path);
      if (isHidden(path)) return `Your role does not show you "${label}".`;
      return isOpen(path) ? undefined : `Your role does not allow you to change "${label}".`;
    },
  };
}

const verbs = { create: 'create', update: 'change', delete: 'delete', restore: 'restore', import: 'import', export: 'export' } as const;
/** Why somebody may do that to no record of the collection, or not to this one; undefined where it is allowed, or not known. */
export function mayNot(
  rights: Rights | undefined,
  { collection, labels, label }: Pick<Entity, 'collection' | 'label' | 'labels'>,
  action: keyof typeof verbs,
  record?: AnyDocument,
): string | undefined {
  const scope = rights?.scope(collection, action);
  if (!scope || (record ? isWithin(scope, record) : scope.is !== 'none')) return undefined;
  const what = record && scope.is !== 'none' ? `this ${label.toLowerCase()}` : labels.toLowerCase();
  return `Your role does not allow you to ${verbs[action]} ${what}. Ask an administrator for the right.`;
}
