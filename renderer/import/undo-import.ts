/** Takes a whole import back: made records go to the trash, changed ones get their old content, edited ones are kept. */
import type { StoredState } from '../../domain/import/plan-row.ts';
import { type JournalEntry, planUndo } from '../../domain/import/undo.ts';
import { noteHeld, pointersTo } from '../../domain/record/pointers.ts';
import type { Actor } from '../../domain/record/record.commands.ts';
import { commitMany } from '../data/commit.ts';
import type { Desk } from '../data/desk.ts';
import type { StoredBeforeImage } from '../data/local-store.ts';
import { type RunOptions, statesOf, tellOthers } from './import-run.ts';
import { loadImport, writeJournal } from './journal.ts';

const CHUNK = 250;

export interface KeptRecord {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
}
export interface UndoResult {
  readonly undone: number;
  readonly kept: readonly KeptRecord[];
}

/** Ids of this collection that live records point at, with the kind of record that does. One pass over each collection. */
async function heldIds(desk: Desk, target: string): Promise<Map<string, string>> {
  const held = new Map<string, string>();
  for (const { noun, pointers } of pointersTo(desk.nouns, target)) {
    for (const document of await desk.collection(noun.entity.collection).find().exec()) noteHeld(held, noun, pointers, document.toJSON());
  }
  return held;
}

const entryOf = (image: StoredBeforeImage, current: StoredState | undefined): JournalEntry => {
  // Without a write id the window closed between the note and the write: the record is ours if it still names the batch.
  const w = image.w !== '' ? image.w : current?.document.importId === image.importId ? current.document.w : '';
  const { collection, id } = image;
  return image.before === undefined ? { collection, id, w } : { collection, id, w, before: image.before as StoredState };
};

/** Undoes an import on this device; the result syncs like any other change. Can be run again after an interruption. */
export async function undoImport(desk: Desk, importId: string, actor: Actor, run: RunOptions = {}): Promise<UndoResult> {
  const summary = await loadImport(desk.local, importId);
  if (!summary) throw new Error(`import ${importId} is not known on this device`);
  const images = await desk.local.beforeImages.where('importId').equals(importId).toArray();
  const { title } = desk.noun(summary.collection).entity;
  const held = await heldIds(desk, summary.collection);
  const kept: KeptRecord[] = [];
  let undone = 0;
  for (let from = 0; from < images.length; from += CHUNK) {
    const part = images.slice(from, from + CHUNK);
    const current = await statesOf(
      desk,
      summary.collection,
      part.map((image) => image.id),
    );
    const moment = { actor, now: new Date().toISOString(), w: 'undo' };
    const steps = part.map((image) => {
      const state = current.get(image.id);
      const name = String(state?.document[title] ?? image.id);
      return planUndo(entryOf(image, state), state, name, held.get(image.id) ?? '', moment);
    });
    const changes = steps.flatMap((step) => (step.kind === 'write' ? [step.change] : []));
    const { written, failed } = await commitMany(desk, changes, { chunk: CHUNK });
    undone += written.length;
    for (const step of steps) if (step.kind === 'kept') kept.push({ id: step.id, title: step.title, reason: step.reason });
    for (const { id } of failed) {
      const name = String(current.get(id)?.document[title] ?? id);
      kept.push({ id, title: name, reason: `${name} was changed at this very moment, so it was kept as it is.` });
    }
    // What was undone is forgotten, what was kept stays noted: running it again offers only the rest.
    const stay = new Set(kept.map((record) => record.id));
    await desk.local.beforeImages.bulkDelete(
      part.filter((image) => !stay.has(image.id)).map((image): [string, string, string] => [importId, image.collection, image.id]),
    );
    run.onProgress?.({ done: Math.min(from + CHUNK, images.length), total: images.length, counts: summary.counts });
  }
  await writeJournal(desk.local, {
    ...summary,
    state: kept.length === 0 ? 'undone' : 'partly_undone',
    finishedAt: new Date().toISOString(),
  });
  if (undone > 0)
    await tellOthers(
      desk,
      actor,
      `Import of ${summary.fileName} undone: ${undone} records taken back`.slice(0, 300),
      `${kept.length} kept. Import ${importId}.`,
    );
  return { undone, kept };
}
