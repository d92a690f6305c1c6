/**
 * What roles allow, said a second time and as plainly as possible, straight from the stored grants: the matrix compares the server
 * with this, so it shares no code with the rights of domain/access.
 */
import type { Role } from '../../../domain/access/rights.ts';
import type { Entity } from '../../../domain/entity/entity.ts';

export interface Person {
  readonly id: string;
  readonly desks: readonly string[];
  readonly role: Role;
}
type Doc = Readonly<Record<string, unknown>>;

export function holds(when: unknown, doc: Doc, who: Person): boolean {
  const { is, of, field, values } = when as { is: string; of: unknown; field: string; values: readonly unknown[] };
  if (is === 'all') return true;
  if (is === 'none') return false;
  if (is === 'and') return (of as unknown[]).filter((part) => !holds(part, doc, who)).length === 0;
  if (is === 'or') return (of as unknown[]).filter((part) => holds(part, doc, who)).length > 0;
  if (is === 'not') return !holds(of, doc, who);
  if (is === 'in') return values.includes(doc[field]);
  if (is === 'mine') return doc[field] === who.id;
  if (is === 'my_desks') return who.desks.some((desk) => desk === doc[field]);
  throw new Error(`what is ${is}?`);
}
function grantsOf(who: Person, collection: string, action: string): Role['grants'] {
  const one = who.role.grants.filter(({ permission }) => permission === `${collection}:${action}`);
  const every = who.role.grants.filter(({ permission }) => permission === `*:${action}`);
  const [start, rest] = [`${collection}:`, (path: string): string => path.split(':')[1] ?? ''];
  return [
    ...one,
    ...every.map((grant) => ({ ...grant, without: (grant.without ?? []).filter((path) => path.startsWith(start)).map(rest) })),
  ];
}
export const granted = (who: Person, collection: string, action: string, doc: Doc): boolean =>
  grantsOf(who, collection, action).some(({ when }) => holds(when, doc, who));

/** What goes with a field that the roles of the matrix hide: what gives an amount its meaning. Written down, not looked up. */
const goesWith: Readonly<Record<string, readonly string[]>> = {
  'lines.price': ['lines.priceUnit', 'lines.priceKind', 'lines.priceFormula'],
  'lines.referencePrice': ['lines.referencePriceUnit'],
  cost: ['costUnit'],
};
const namedBy = ({ without = [] }: Pick<Role['grants'][number], 'without'>): string[] =>
  without.flatMap((path) => [path, ...(goesWith[path] ?? [])]);

/** Keys of the document, and of the rows of its lists (`lines.price`), that the person must not be sent. */
export function mustLack(who: Person, collection: string, doc: Doc): string[] {
  const through = grantsOf(who, collection, 'read').filter(({ when }) => holds(when, doc, who));
  const named = new Set(through.flatMap(namedBy));
  return [...named].filter((path) => through.every((grant) => namedBy(grant).includes(path))).sort();
}
/** Whether the document says something there that somebody typed. */
function isTyped({ fields }: Entity, doc: Doc, path: string): boolean {
  const [key = '', inner] = path.split('.');
  if (fields[key]?.computed === true) return false;
  const rows = Array.isArray(doc[key]) ? (doc[key] as readonly Doc[]) : [];
  return inner === undefined ? doc[key] !== undefined : rows.some((row) => row[inner] !== undefined);
}
export function mayCreate(who: Person, entity: Entity, doc: Doc): boolean {
  const { collection } = entity;
  if (!granted(who, collection, 'create', doc) || !granted(who, collection, 'read', doc)) return false;
  return !mustLack(who, collection, doc).some((path) => isTyped(entity, doc, path));
}
/** Only this field is changed. */
export function mayUpdate(who: Person, { collection, appendOnly }: Entity, doc: Doc, field: string): boolean {
  if (appendOnly || !granted(who, collection, 'read', doc)) return false;
  return grantsOf(who, collection, 'update').some(
    ({ when, fields, without }) =>
      holds(when, doc, who) && (fields === undefined || fields.includes(field)) && without?.includes(field) !== true,
  );
}
export function mayDelete(who: Person, { collection, appendOnly }: Entity, doc: Doc): boolean {
  return !appendOnly && granted(who, collection, 'read', doc) && granted(who, collection, 'delete', doc);
}
export function mayRestore(who: Person, { collection, appendOnly }: Entity, doc: Doc): boolean {
  return !appendOnly && granted(who, collection, 'read', doc) && granted(who, collection, 'restore', doc);
}
/** An import changes a record that is there; nothing that people set. */
export function mayImport(who: Person, { collection, appendOnly }: Entity, doc: Doc): boolean {
  const [first, second, third] = ['read', 'import', 'update'].map((action) => granted(who, collection, action, doc));
  return !appendOnly && first === true && second === true && third === true;
}
