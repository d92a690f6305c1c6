/** Takes one written row of an import back, unless somebody has worked on the record since. */
import type { AnyDocument } from '../entity/entity.ts';
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
