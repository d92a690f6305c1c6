/** `drover undo`: takes one import of this machine back, but for records that somebody has worked on since. */
import { randomUUID } from 'node:crypto';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { StoredState } from '../../domain/import/plan-row.ts';
import { type JournalEntry, planUndo } from '../../domain/import/undo.ts';
import { noteHeld, pointersTo } from '../../domain/record/pointers.ts';
import { PUSH_ROWS_MAX, type PushRow } from '../../domain/protocol/protocol.ts';
import { nounOf, nouns } from '../../domain/registry.ts';
import { type Say, stateOf, tellOthers, wireOf } from './import-file.ts';
import { readJournal } from './import-journal.ts';
import { CliFault, type SyncClient } from './sync-client.ts';

export interface UndoOutcome {
  readonly undone: number;
  /** Sentences, one for each record that was kept. */
  readonly kept: readonly string[];
}

async function heldIds(client: SyncClient, target: string): Promise<Map<string, string>> {
  const held = new Map<string, string>();
  for (const { noun, pointers } of pointersTo(nouns, target)) {
    const documents = await client.pullAll(noun.entity.collection, noun.entity.version, () => undefined);
    for (const document of documents.values()) if (!document._deleted) noteHeld(held, noun, pointers, document);
  }
  return held;
}

/** A record may stand in the journal twice, when its row was decided anew: the first has the state before the import. */
function oneEach(entries: readonly JournalEntry[], stored: ReadonlyMap<string, StoredState>): JournalEntry[] {
  const byId = new Map<string, JournalEntry>();
  for (const entry of entries) {
    // Only the write that is stored can be taken back; one that never arrived left nothing.
    if (!byId.has(entry.id) || stored.get(entry.id)?.document.w === entry.w) byId.set(entry.id, entry);
  }
  return [...byId.values()];
}

export async function undoImport(importId: string, folder: string, server: string, client: SyncClient, say: Say): Promise<UndoOutcome> {
  const { head, entries } = await readJournal(folder, importId);
  if (head.server !== server)
    throw new CliFault('journal', `Import ${importId} was written to ${head.server}, not to ${server}. Name that server with --server.`);
  const noun = nounOf(head.collection);
  if (!noun) throw new CliFault('journal', `Import ${importId} wrote to ${head.collection}, which this Drover does not know.`);
  const { collection, version, title } = noun.entity;
  const pulled = await client.pullAll(collection, version, (count) => say(`Reading ${collection}: ${count}`));
  const stored = new Map([...pulled].map(([id, document]) => [id, stateOf(document)]));
  const held = await heldIds(client, collection);
  const actor = { userId: client.user.id, deskId: client.user.deskId };
  const kept: string[] = [];
  const rows: PushRow[] = [];
  for (const entry of oneEach(entries, stored)) {
    const current = stored.get(entry.id);
    const name = String(current?.document[title] ?? entry.id);
    const step = planUndo(entry, current, name, held.get(entry.id) ?? '', {
      actor,
      now: new Date().toISOString(),
      w: `cli-${randomUUID()}`,
    });
    if (step.kind === 'kept') kept.push(step.reason);
    if (step.kind !== 'write' || !current) continue;
    rows.push({
      newDocumentState: wireOf({ document: step.change.after, deleted: step.change.deleted }),
      assumedMasterState: wireOf(current),
    });
  }
  let undone = 0;
  for (let from = 0; from < rows.length; from += PUSH_ROWS_MAX) {
    const part = rows.slice(from, from + PUSH_ROWS_MAX);
    const answers = await client.push(collection, version, part);
    for (const answer of answers)
      kept.push(`${String((answer as unknown as AnyDocument)[title])} was changed at this very moment, so it was kept as it is.`);
    undone += part.length - answers.length;
    say(`Undone ${Math.min(from + PUSH_ROWS_MAX, rows.length)} of ${rows.length} records`);
  }
  if (undone > 0)
    await tellOthers(
      client,
      `Import of ${head.fileName} undone: ${undone} records taken back`,
      `${kept.length} kept. Import ${importId}, by the command line.`,
    );
  return { undone, kept };
}
