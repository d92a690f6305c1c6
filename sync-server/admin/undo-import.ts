/**
 * Takes back an import of anybody, by what the audit says that it replaced. What somebody has worked on since stays and is listed;
 * the judgement is that of the device (domain/import/undo.ts), and what is written goes the way of every push.
 */
import { randomUUID } from 'node:crypto';
import { deniedWrite } from '../../domain/access/rights.ts';
import { planUndo } from '../../domain/import/undo.ts';
import { holderWords, pointersTo } from '../../domain/record/pointers.ts';
import type { ImportUndoAnswer } from '../../domain/protocol/admin.ts';
import { PUSH_ROWS_MAX, type PushRow } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { AccountAccess } from '../access/access.ts';
import type { By } from '../auth/devices.ts';
import { announce } from '../db/feed.ts';
import { type ImportedEntry, importedEntries, importsSeen } from '../db/imports.ts';
import { referrers } from '../db/referrers.ts';
import { securityEvent } from '../db/security-events.ts';
import { type Stored, storedStates } from '../db/stored.ts';
import { type PushDependencies, pushRows } from '../push/push-rows.ts';
import { byCollection } from '../push/references.ts';
import { wire } from '../push/row.ts';
import { currentRequest } from '../request-context.ts';

export interface UndoDependencies extends PushDependencies {
  readonly nouns: readonly Noun[];
}
/** Who takes it back, and by whose rights. */
export interface Undoer {
  readonly by: By;
  readonly account: AccountAccess;
}
type Import = ImportUndoAnswer['import'];
type Kept = ImportUndoAnswer['kept'][number];

interface Step {
  readonly noun: Noun;
  readonly id: string;
  readonly title: string;
  readonly row: PushRow;
  readonly removes: boolean;
}
interface Page {
  readonly steps: readonly Step[];
  readonly kept: readonly Kept[];
}

/** Kept records that are named; of the others there is only how many they are. */
const KEPT_MAX = 200;

/** Live records hold these ones: id -> words for who does. */
async function heldIds({ db, nouns }: UndoDependencies, collection: string, ids: readonly string[]): Promise<Map<string, string>> {
  const held = new Map<string, string>();
  for (const { noun, pointers } of pointersTo(nouns, collection))
    for (const { id, title } of await referrers(db, noun.entity, pointers, ids, { live: true }))
      held.set(id, holderWords(noun.entity, title ?? ''));
  return held;
}

/** A record that may not be seen is named by its id. */
const titleOf = ({ entity }: Noun, account: AccountAccess, id: string, stored: Stored | undefined): string => {
  const title = stored && account.mayRead(entity.collection, stored.doc) ? stored.doc[entity.title] : undefined;
  return typeof title === 'string' && title !== '' ? title : id;
};

async function planOf(
  dependencies: UndoDependencies,
  noun: Noun,
  entries: readonly ImportedEntry[],
  { by, account }: Undoer,
): Promise<Page> {
  const { entity } = noun;
  const { collection } = entity;
  const ids = entries.map(({ id }) => id);
  const stored = await storedStates(dependencies.db, collection, ids);
  const held = await heldIds(dependencies, collection, ids);
  const moment = { actor: { userId: by.id, deskId: '' }, now: dependencies.now().toISOString(), w: '' };
  const steps: Step[] = [];
  const kept: Kept[] = [];
  for (const { id, w, before, wasDeleted } of entries) {
    const now = stored.get(id);
    // It names this import no more, but the one before: it was taken back already.
    if (now?.doc.importId === before?.importId) continue;
    const title = titleOf(noun, account, id, now);
    const entry = { collection, id, w, ...(before === null ? {} : { before: { document: before, deleted: wasDeleted } }) };
    const current = now && { document: now.doc, deleted: now.deleted };
    const step = planUndo(entry, current, title, held.get(id) ?? '', { ...moment, w: `s-${randomUUID()}` });
    if (step.kind === 'kept') kept.push({ collection, id, title, reason: step.reason });
    if (step.kind !== 'write' || !now) continue;
    const { after, deleted } = step.change;
    const denied = deniedWrite(account.rights, entity, now, { doc: after, deleted });
    if (denied) kept.push({ collection, id, title, reason: `${title}: ${denied.message}` });
    else {
      const row = { newDocumentState: wire({ doc: after, deleted }), assumedMasterState: wire(now) };
      steps.push({ noun, id, title, row, removes: deleted });
    }
  }
  return { steps, kept };
}

/** The import in pages of records of one collection, each planned when it is asked for. */
async function* pagesOf(dependencies: UndoDependencies, { id, at }: Import, undoer: Undoer): AsyncGenerator<Page> {
  for (let after = 0; ; ) {
    const entries = await importedEntries(dependencies.db, { id, at, after, limit: PUSH_ROWS_MAX });
    const known = entries.flatMap((entry) => {
      const noun = dependencies.nounOf(entry.collection);
      return noun ? [{ ...entry, noun }] : [];
    });
    for (const group of byCollection(known).values()) {
      const [first] = group;
      if (first) yield planOf(dependencies, first.noun, group, undoer);
    }
    const last = entries.at(-1);
    if (!last || entries.length < PUSH_ROWS_MAX) return;
    after = last.seq;
  }
}

function openTally(seen: Import) {
  let removed = 0;
  let putBack = 0;
  let keptCount = 0;
  const kept: Kept[] = [];
  return {
    keep(more: readonly Kept[]): void {
      keptCount += more.length;
      kept.push(...more.slice(0, KEPT_MAX - kept.length));
    },
    take(steps: readonly Step[]): void {
      for (const { removes } of steps) if (removes) removed += 1;
      putBack += steps.filter(({ removes }) => !removes).length;
    },
    answer: (): ImportUndoAnswer => ({ import: seen, removed, putBack, keptCount, kept }),
  };
}

async function seenImport({ db }: UndoDependencies, id: string): Promise<Import | undefined> {
  const [seen] = await importsSeen(db, 1, id);
  return seen;
}

/** What it would do, without doing it; undefined for an import that never came. */
export async function previewUndo(dependencies: UndoDependencies, undoer: Undoer, id: string): Promise<ImportUndoAnswer | undefined> {
  const seen = await seenImport(dependencies, id);
  if (!seen) return undefined;
  const tally = openTally(seen);
  for await (const { steps, kept } of pagesOf(dependencies, seen, undoer)) {
    tally.take(steps);
    tally.keep(kept);
  }
  return tally.answer();
}

/** Writes a page; answers those that something came in between. */
async function write(dependencies: UndoDependencies, steps: readonly Step[], reason: string, { by }: Undoer): Promise<ReadonlySet<string>> {
  const [first] = steps;
  if (!first) return new Set();
  const request = currentRequest()?.request;
  const origin = { address: by.address, ...(request === undefined ? {} : { request }), command: 'undo_import', reason };
  const rows = steps.map(({ row }) => row);
  const { answers } = await pushRows(dependencies, first.noun, rows, { actor: by.id, device: by.device, origin });
  return new Set(answers.map(({ id }) => id));
}

/**
 * Takes it back; undefined for an import that never came. Can be asked for again after an interruption: what was taken back is
 * not looked at a second time. What a rule refuses on the way stays, and is kept as a refusal of whoever asked.
 */
export async function undoImport(
  dependencies: UndoDependencies,
  undoer: Undoer,
  id: string,
  reason: string,
): Promise<ImportUndoAnswer | undefined> {
  const { db, now } = dependencies;
  const { by } = undoer;
  const seen = await seenImport(dependencies, id);
  if (!seen) return undefined;
  const tally = openTally(seen);
  for await (const { steps, kept } of pagesOf(dependencies, seen, undoer)) {
    const stayed = await write(dependencies, steps, reason, undoer);
    tally.take(steps.filter((step) => !stayed.has(step.id)));
    tally.keep(kept);
    tally.keep(
      steps
        .filter((step) => stayed.has(step.id))
        .map(({ noun, id: record, title }) => ({
          collection: noun.entity.collection,
          id: record,
          title,
          reason: `${title} could not be put back as it was, or was changed at this very moment; what is stored stays.`,
        })),
    );
    await announce(db);
  }
  const { removed, putBack, keptCount } = tally.answer();
  const details = { importId: id, removed, putBack, kept: keptCount, by: { id: by.id, name: by.name } };
  const who = { id: seen.accountId, name: seen.accountName };
  await securityEvent(db, { kind: 'import_undone', who, device: by.device, address: by.address, at: now(), reason, details });
  return tally.answer();
}
