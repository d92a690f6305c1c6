/**
 * Edits that lost against the server's state: what of them is missing from the record as it is stored now, and the two ways
 * out. Taking up an edit sets only the fields that the person had changed, so that what others did since stays.
 */
import { liveQuery } from 'dexie';
import { type AnyDocument, type Entity, allFields } from '../../domain/entity/entity.ts';
import { type RecordState, mergeRecord } from '../../domain/record/merge.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Actor } from '../../domain/record/record.commands.ts';
import { same } from '../../domain/record/same.ts';
import { plain, storedStates } from './commit.ts';
import type { Desk } from './desk.ts';
import type { SetAsideRow } from './local-store.ts';
import { type Live, makeLive } from './live-value.ts';
import { type SubmitResult, submit } from './submit.ts';

type State = Readonly<Record<string, unknown>>;
export type KeptEdit = SetAsideRow & { readonly number: number };

/** Keys that the edit changed and that `other` holds differently. Computed fields follow from the others and are left out. */
export function lostKeys(entity: Entity, edit: Pick<SetAsideRow, 'base' | 'mine'>, other: State): string[] {
  return Object.entries(allFields(entity))
    .filter(([, f]) => !f.computed)
    .map(([key]) => key)
    .filter((key) => !same(edit.mine[key], edit.base?.[key]) && !same(edit.mine[key], other[key]));
}

/**
 * What became of an edit in the server's answer: `whole`, all of it is there; `joined`, it was merged with what others had
 * changed in the same fields, so that the record now says something else than was typed; `lost`, some of it is missing.
 */
export function arrivalOf(
  { entity, merge = mergeRecord }: Noun,
  edit: Pick<SetAsideRow, 'base' | 'mine'>,
  other: State,
): 'whole' | 'joined' | 'lost' {
  const stateOf = ({ _deleted, ...doc }: State): RecordState => ({ doc: doc as AnyDocument, deleted: _deleted === true });
  const [mine, theirs] = [stateOf(edit.mine), stateOf(other)];
  const missing = lostKeys(entity, edit, other);
  if (mine.deleted === theirs.deleted && missing.length === 0) return 'whole';
  if (!edit.base) return 'lost';
  // Merging once more what was merged already finds nothing new.
  const again = merge(entity, stateOf(edit.base), mine, theirs);
  const isThere =
    again.clashes.length === 0 && again.deleted === theirs.deleted && missing.every((key) => same(again.doc[key], theirs.doc[key]));
  return isThere ? 'joined' : 'lost';
}

/** What people enter of a document: without what the commands and the server own. */
export const entered = (entity: Entity, document: State): State =>
  Object.fromEntries(
    Object.entries(allFields(entity))
      .filter(([key, f]) => !f.computed && document[key] !== undefined)
      .map(([key]) => [key, document[key]]),
  );

/** The edits that are kept, oldest first. */
export function observeSetAside(desk: Desk): Live<readonly KeptEdit[]> {
  return makeLive<readonly KeptEdit[]>([], (set) => {
    const sub = liveQuery(() => desk.local.setAside.orderBy(':id').toArray()).subscribe((rows) =>
      set(rows.flatMap((row) => (row.number === undefined ? [] : [{ ...row, number: row.number }]))),
    );
    return () => sub.unsubscribe();
  });
}

export const discardEdit = (desk: Desk, edit: KeptEdit): Promise<void> => desk.local.setAside.delete(edit.number);

/** An edit that did not make it to the server as it was written. */
export type Edit = Pick<SetAsideRow, 'collection' | 'id' | 'base' | 'mine'>;

/**
 * Repeats an edit on top of the record as it is stored now, as a change of its own: only the fields that the person had
 * changed. A record that was deleted in the meantime is restored first.
 */
export async function applyEdit(desk: Desk, edit: Edit, actor: Actor): Promise<SubmitResult> {
  const { collection, id, mine } = edit;
  const { entity } = desk.noun(collection);
  const stored = (await storedStates(desk, collection, [id])).get(id);
  const draft = Object.fromEntries(lostKeys(entity, edit, stored ?? {}).map((key) => [key, mine[key]]));
  const run = (command: 'create' | 'change' | 'delete' | 'restore', more: { readonly draft?: State } = {}): Promise<SubmitResult> =>
    submit(desk, { collection, command, id, again: true, ...more }, actor);
  if (mine['_deleted'] === true)
    return !stored || stored._deleted ? { ok: true, document: mine as AnyDocument, warnings: [] } : run('delete');
  // A new record that was refused stands in the trash, perhaps without what could not be stored of it.
  if (!stored || (stored._deleted && edit.base === undefined)) return run('create', { draft: entered(entity, mine) });
  if (stored._deleted) {
    const restored = await run('restore');
    if (!restored.ok) return restored;
  }
  const now = (await storedStates(desk, collection, [id])).get(id);
  return Object.keys(draft).length === 0 && now ? { ok: true, document: plain(now), warnings: [] } : run('change', { draft });
}

/** Takes up a kept edit. It is dropped only when it went through; a rejection leaves it where it is. */
export async function takeUpEdit(desk: Desk, edit: KeptEdit, actor: Actor): Promise<SubmitResult> {
  const result = await applyEdit(desk, edit, actor);
  if (result.ok) await discardEdit(desk, edit);
  return result;
}

export interface ExportedRecord {
  readonly collection: string;
  readonly id: string;
  readonly writtenAt: string;
  readonly deleted: boolean;
  readonly document: AnyDocument;
}

/** Every record that waits to be sent, with its whole content: the way out when a device must be given up. */
export async function waitingRecords(desk: Desk): Promise<ExportedRecord[]> {
  const rows = await desk.local.waiting.toArray();
  const collections = [...new Set(rows.map((row) => row.collection))];
  const parts = await Promise.all(
    collections.map(async (collection) => {
      const own = rows.filter((row) => row.collection === collection);
      const states = await storedStates(
        desk,
        collection,
        own.map((row) => row.id),
      );
      return own.flatMap((row): ExportedRecord[] => {
        const stored = states.get(row.id);
        return stored ? [{ collection, id: row.id, writtenAt: row.at, deleted: stored._deleted, document: plain(stored) }] : [];
      });
    }),
  );
  return parts.flat();
}
