/** Takes one written row of an import back, unless somebody has worked on the record since. */
import { type AnyDocument, type Entity, allFields } from '../entity/entity.ts';
import type { Field } from '../entity/field.ts';
import type { Noun } from '../record/noun.ts';
import type { Change, Moment } from '../record/record.commands.ts';
import type { StoredState } from './plan-row.ts';

/** What an import noted of each record that it wrote. */
export interface JournalEntry {
  readonly collection: string;
  readonly id: string;
  /** Write id that the import left; the record is untouched since while it still has it. */
  readonly w: string;
  /** What was stored before; absent where the import made the record. */
  readonly before?: StoredState;
}

export type UndoStep =
  | { readonly kind: 'write'; readonly change: Change }
  | { readonly kind: 'kept'; readonly id: string; readonly title: string; readonly reason: string }
  /** There is nothing to take back. */
  | { readonly kind: 'gone'; readonly id: string };

/**
 * A made record becomes a tombstone (without its batch, so that the same file can be imported again); a changed one gets
 * its old content back. `usedBy` names live records that hold it: undoing would leave them dangling.
 */
export function planUndo(entry: JournalEntry, current: StoredState | undefined, title: string, usedBy: string, moment: Moment): UndoStep {
  const { collection, id, w, before } = entry;
  // Nothing stored, or what was stored before: the write never arrived, or was taken back already.
  if (current === undefined || (before !== undefined && current.document.w === before.document.w)) return { kind: 'gone', id };
  if (current.document.w !== w) {
    const reason = current.deleted ? 'was deleted since the import' : 'was changed since the import';
    return { kind: 'kept', id, title, reason: `${title} ${reason}, so it was kept as it is.` };
  }
  const takesAway = before === undefined || before.deleted;
  if (takesAway && usedBy !== '') return { kind: 'kept', id, title, reason: `${title} is used by ${usedBy}, so it was kept.` };
  const stamp = { w: moment.w, modifiedAt: moment.now, modifiedBy: moment.actor.userId };
  const after: AnyDocument = { ...(before?.document ?? current.document), ...stamp };
  if (before === undefined) delete after.importId;
  return { kind: 'write', change: { collection, command: 'undo_import', before: current.document, after, deleted: takesAway } };
}

/** A field that points at another collection: its own key, or a list of lines and the key inside. */
export type Pointer = readonly [key: string, inLine?: string];

const pointsTo = (f: Field, target: string): boolean => (f.kind === 'ref' || f.kind === 'refs') && f.to === target;

/** What is said of the record that holds another one. */
export const holderWords = ({ label }: Entity, title: unknown): string => `${label.toLowerCase()} "${String(title)}"`;

/** Collections whose records may point at this one, each with the fields that do, inside lines as well. */
export function pointersTo(nouns: readonly Noun[], target: string): { readonly noun: Noun; readonly pointers: readonly Pointer[] }[] {
  return nouns.flatMap((noun) => {
    const pointers = Object.entries(allFields(noun.entity)).flatMap(([key, f]): Pointer[] => {
      if (pointsTo(f, target)) return [[key]];
      return Object.entries(f.fields ?? {}).flatMap(([inLine, child]): Pointer[] => (pointsTo(child, target) ? [[key, inLine]] : []));
    });
    return pointers.length === 0 ? [] : [{ noun, pointers }];
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Notes in `held` every record that a live document points at, with the words for who holds it. */
export function noteHeld(
  held: Map<string, string>,
  { entity }: Noun,
  pointers: readonly Pointer[],
  document: Readonly<Record<string, unknown>>,
): void {
  for (const [key, inLine] of pointers) {
    const values =
      inLine === undefined
        ? listOf(document[key])
        : listOf(document[key]).flatMap((line) => listOf((line as Record<string, unknown> | undefined)?.[inLine]));
    for (const id of values)
      if (typeof id === 'string' && id !== '') held.set(id, holderWords(entity, document[entity.title]));
  }
}
