/**
 * A write changes what its author changed: not the fields that the author could not see (SYN-7) or whose device did not know them
 * (SYN-10), nor what others changed meanwhile (SYN-2).
 */
import { isDeepStrictEqual } from 'node:util';
import { type Entity, allFields } from '../../domain/entity/entity.ts';
import type { Fields } from '../../domain/entity/field.ts';
import type { Commit } from './device.ts';
import { type Evidence, type Violation, keyOf } from './evidence.ts';
import { hiddenFields } from './sim-users.ts';
import type { AuditRow } from './stored-state.ts';
import { isNewField } from './versions.ts';

type Values = Readonly<Record<string, unknown>>;

const rowsOf = (value: unknown): Map<string, Values> =>
  new Map((Array.isArray(value) ? (value as Values[]) : []).map((row) => [String(row['lineId']), row]));
const isNothing = (value: unknown): boolean => value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
const differ = (a: unknown, b: unknown): boolean => !(isNothing(a) && isNothing(b)) && !isDeepStrictEqual(a, b);

function changesIn(fields: Fields, a: Values, b: Values, at: string): string[] {
  return Object.entries(fields).flatMap(([key, { computed, kind, fields: inner }]) => {
    const path = `${at}${key}`;
    if (computed || !differ(a[key], b[key])) return [];
    if (kind !== 'lines' || !inner) return [path];
    const [before, after] = [rowsOf(a[key]), rowsOf(b[key])];
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
      const [was, is] = [before.get(id), after.get(id)];
      return was && is ? changesIn(inner, was, is, `${path}.${id}.`) : [`${path}.${id}`];
    });
  });
}
/** Paths of what people enter that is not the same in both: `name`, `lines.<id>.price`, or `lines.<id>` for a row that only one has. */
const changes = (entity: Entity, before: Values, after: Values): string[] => changesIn(allFields(entity), before, after, '');

/** `lines.<id>.price` as rights name it. */
const fieldAt = (path: string): string => {
  const [key = '', , inner] = path.split('.');
  return inner === undefined ? key : `${key}.${inner}`;
};

const isHideable = (collection: string, path: string): boolean =>
  [fieldAt(path), path.split('.')[0] ?? ''].some((one) => hiddenFields[collection]?.includes(one));

/** Whether that path is a whole row of a list, and the document has it. */
function isRowOf(document: Values, path: string): boolean {
  const [key = '', id = '', inner] = path.split('.');
  return inner === undefined && rowsOf(document[key]).has(id);
}

export function checkTouched({ state, commits, entities, taken, restored, limited, hides }: Evidence): Violation[] {
  const byKey = new Map(commits.map((commit) => [keyOf(commit.collection, commit.id, commit.w), commit]));
  const stored = new Set(state.audit.map(({ collection, id, w }) => keyOf(collection, id, w)));
  /** Of a write and of those below it that the server did not store: never sent, or refused while its author went on. */
  const touchedBy = (entity: Entity, commit: Commit): string[] => {
    const below = commit.builtOn === undefined ? undefined : keyOf(commit.collection, commit.id, commit.builtOn);
    const earlier = below === undefined || stored.has(below) ? undefined : byKey.get(below);
    const own = changes(entity, commit.before ?? {}, commit.document);
    return earlier ? [...own, ...touchedBy(entity, earlier)] : own;
  };
  const mayHaveChanged = (entity: Entity, { collection, id, w, actor }: AuditRow): Set<string> => {
    const commit = byKey.get(keyOf(collection, id, w));
    // A merge has a write id of the server; whatever its author ever changed of the record may be in it.
    const causes = commit ? [commit] : commits.filter((one) => one.user === actor && one.id === id && one.collection === collection);
    return new Set(causes.flatMap((one) => touchedBy(entity, one)));
  };
  /** What the entry before it left: what an entry itself says was before is what its writer was told. */
  const left = new Map<string, AuditRow['after']>();
  return state.audit.flatMap((entry): Violation[] => {
    const { collection, id, w, after, actor, device } = entry;
    const before = left.get(`${collection} ${id}`);
    left.set(`${collection} ${id}`, after);
    const entity = entities.find((one) => one.collection === collection);
    const key = keyOf(collection, id, w);
    if (!before || !entity || device === 'server' || taken.has(key) || (restored && !byKey.has(key))) return [];
    const changed = changes(entity, before, after);
    if (changed.length === 0) return [];
    const may = mayHaveChanged(entity, entry);
    // A row that others removed comes back with what somebody else has changed in it.
    const isBack = (path: string): boolean => isRowOf(after, path) && [...may].some((one) => one.startsWith(`${path}.`));
    // What somebody gave back who does not see all fields, is whole again with the next write of somebody who does.
    const isFilled = (path: string): boolean => restored && limited && isHideable(collection, path);
    const strange = changed.filter(
      (path) => !isFilled(path) && !may.has(path) && !may.has(path.split('.').slice(0, 2).join('.')) && !isBack(path),
    );
    const [first] = strange;
    if (first === undefined) return [];
    const isNew = strange.every((path) => isNewField(entity, path));
    const isHidden = strange.some((path) => hides(actor, collection, fieldAt(path)));
    return [
      {
        rule: isNew ? 'SYN-10' : isHidden ? 'SYN-7' : 'SYN-2',
        what: `${key} of ${device} changed ${strange.join(', ')} at ${entry.seq}, which its author had left alone`,
      },
    ];
  });
}
