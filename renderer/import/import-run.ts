/**
 * The writing half of an import: reads what is stored, lets the engine decide, commits in chunks, keeps the journal that an
 * undo needs. Knows the desk, no screen.
 */
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import { type Finding, type OutcomeCounts, noCounts } from '../../domain/import/finding.ts';
import type { PlanOptions, PlannedRow, StoredState } from '../../domain/import/plan-row.ts';
import { type ReportRow, isListed } from '../../domain/import/report.ts';
import type { Actor } from '../../domain/record/record.commands.ts';
import { commitMany, plain, storedStates } from '../data/commit.ts';
import type { Desk } from '../data/desk.ts';
import { newId } from '../data/ids.ts';
import { saveSetting } from '../data/local-store.ts';
import { shelfOf } from '../data/shelf.ts';
import { submit } from '../data/submit.ts';
import type { ImportEngine, NameIndex, Prepared } from './import-engine.ts';
import { type ImportSummary, reportKey, writeJournal } from './journal.ts';

/** Rows a step. Small enough that no step holds the window for longer than a blink, large enough for one transaction each. */
const CHUNK = 200;
/** Rows with reasons that are kept for the report of one import. */
const REPORT_ROWS_MAX = 50_000;

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly counts: OutcomeCounts;
}
export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What is stored here under these ids, tombstones included, as the engine wants it. */
export async function statesOf(desk: Desk, collection: string, ids: readonly string[]): Promise<Map<string, StoredState>> {
  const stored = await storedStates(desk, collection, ids);
  return new Map(
    [...stored].filter(([, state]) => !isWithdrawn(state)).map(([id, state]) => [id, { document: plain(state), deleted: state._deleted }]),
  );
}

/** Titles of the collections that lookup columns point at. A title that two records bear links nothing. */
export async function namesFor(desk: Desk, collections: readonly string[]): Promise<NameIndex> {
  const index: Record<string, Map<string, string>> = {};
  for (const collection of new Set(collections)) {
    const { title } = desk.noun(collection).entity;
    const names = new Map<string, string>();
    for (const document of await desk.collection(collection).find().exec()) {
      const name = String(document.get(title)).toLowerCase();
      names.set(name, names.has(name) ? '' : document.primary);
    }
    index[collection] = names;
  }
  return index;
}

const listed = ({ line, cells, outcome, findings }: PlannedRow): ReportRow => ({
  line,
  cells,
  outcome,
  findings: findings.filter((f) => f.level !== 'note'),
});

export interface Preview {
  readonly counts: OutcomeCounts;
  readonly created: number;
  readonly changed: number;
  readonly rows: readonly ReportRow[];
  /** The first rows as they would be stored. */
  readonly firstDrafts: readonly PlannedRow[];
  /** Kinds of findings and how often, the gravest first, then the most frequent. */
  readonly reasons: readonly { readonly finding: Finding; readonly count: number }[];
}

const gravity: Record<Finding['level'], number> = { error: 0, warning: 1, repair: 2, note: 3 };

function tallyReasons(tally: Map<string, { finding: Finding; count: number }>, findings: readonly Finding[]): void {
  for (const each of findings) {
    const key = `${each.level} ${each.code} ${each.column}`;
    const known = tally.get(key);
    if (known) known.count += 1;
    else tally.set(key, { finding: each, count: 1 });
  }
}

type Stored = ReadonlyMap<string, StoredState>;
type EachChunk = (rows: readonly PlannedRow[], stored: Stored) => Promise<void>;
/** Decides all rows, a chunk at a time. Answers false when it was stopped between two chunks. */
async function walk(
  desk: Desk,
  engine: ImportEngine,
  prepared: Prepared,
  actor: Actor,
  options: PlanOptions,
  signal: AbortSignal | undefined,
  each: EachChunk,
): Promise<boolean> {
  const { collection, ids } = prepared;
  for (let from = 0; from < ids.length; from += CHUNK) {
    if (signal?.aborted) return false;
    const stored = await statesOf(desk, collection, ids.slice(from, from + CHUNK));
    // The write id is commit's to give; this one only completes the decision.
    // Rights are functions, which do not cross to a worker; whether this person may import was asked before, of all rows at once.
    const own = { userId: actor.userId, deskId: actor.deskId };
    const moment = { actor: own, now: new Date().toISOString(), w: 'import', company: desk.company.get() };
    await each(await engine.plan(from, Math.min(from + CHUNK, ids.length), stored, moment, options), stored);
  }
  return true;
}

const FIRST_DRAFTS = 25;

/** A dry run: decides every row and writes nothing. Undefined when it was stopped. */
export async function previewImport(
  desk: Desk,
  engine: ImportEngine,
  prepared: Prepared,
  actor: Actor,
  options: PlanOptions,
  run: RunOptions = {},
): Promise<Preview | undefined> {
  const counts = noCounts();
  const made = { created: 0, changed: 0 };
  const rows: ReportRow[] = [];
  const firstDrafts: PlannedRow[] = [];
  const tally = new Map<string, { finding: Finding; count: number }>();
  let done = 0;
  const finished = await walk(desk, engine, prepared, actor, options, run.signal, (planned) => {
    for (const row of planned) {
      counts[row.outcome] += 1;
      if (row.made !== undefined) made[row.made === 'changed' ? 'changed' : 'created'] += 1;
      if (isListed(row) && rows.length < REPORT_ROWS_MAX) rows.push(listed(row));
      if (firstDrafts.length < FIRST_DRAFTS) firstDrafts.push(row);
      if (row.outcome !== 'unchanged') tallyReasons(tally, row.findings);
    }
    done += planned.length;
    run.onProgress?.({ done, total: prepared.ids.length, counts: { ...counts } });
    return Promise.resolve();
  });
  if (!finished) return undefined;
  return {
    counts,
    ...made,
    rows,
    firstDrafts,
    reasons: [...tally.values()].sort((a, b) => gravity[a.finding.level] - gravity[b.finding.level] || b.count - a.count),
  };
}

export interface ImportFacts {
  readonly fileName: string;
  readonly profileId: string;
  /** `Plants (USDA FSIS directory)` */
  readonly label: string;
}
export interface ImportResult {
  readonly summary: ImportSummary;
  readonly rows: readonly ReportRow[];
}

const plural = (n: number, one: string, many: string): string => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/** One line for the activity that tells the others, and for the history. */
export function inWords(counts: OutcomeCounts): string {
  const written = counts.imported + counts.repaired;
  const parts = [`${plural(written, 'record', 'records')} written`];
  if (counts.repaired > 0) parts.push(`${counts.repaired.toLocaleString('en-US')} of them repaired`);
  if (counts.unchanged > 0) parts.push(`${counts.unchanged.toLocaleString('en-US')} unchanged`);
  if (counts.skipped > 0) parts.push(`${counts.skipped.toLocaleString('en-US')} skipped`);
  if (counts.bad > 0) parts.push(`${counts.bad.toLocaleString('en-US')} kept out`);
  return parts.join(', ');
}

export async function tellOthers(desk: Desk, actor: Actor, title: string, body: string): Promise<void> {
  const answer = await submit(desk, { collection: 'activities', command: 'create', draft: { kind: 'import', title, body } }, actor);
  if (!answer.ok) throw new Error(`the note about the import was refused: ${answer.rejection.message}`);
}

/** Commits one decided chunk and notes its before-images; answers the rows with what really happened to them. */
async function writeRows(
  desk: Desk,
  importId: string,
  collection: string,
  planned: readonly PlannedRow[],
  before: Stored,
): Promise<PlannedRow[]> {
  const changes = planned.flatMap((row) => (row.change ? [row.change] : []));
  if (changes.length === 0) return [...planned];
  const imageOf = (id: string, w: string) => {
    const state = before.get(id);
    return { importId, collection, id, w, ...(state ? { before: state } : {}) };
  };
  // First without the write id, which is not known yet: after a crash in between, the batch can still be undone.
  await desk.local.beforeImages.bulkPut(changes.map((change) => imageOf(change.after.id, '')));
  const { written, failed } = await commitMany(desk, changes, { chunk: CHUNK });
  await desk.local.beforeImages.bulkPut(written.map((document) => imageOf(document.id, document.w)));
  await desk.local.beforeImages.bulkDelete(failed.map(({ id }): [string, string, string] => [importId, collection, id]));
  if (failed.length === 0) return [...planned];
  const lost = new Set(failed.map(({ id }) => id));
  const message = 'The record was changed elsewhere at this very moment, so the row was kept out. Import the file again.';
  return planned.map((row): PlannedRow => {
    if (!row.change || !lost.has(row.change.after.id)) return row;
    return {
      line: row.line,
      cells: row.cells,
      outcome: 'bad',
      findings: [...row.findings, { level: 'error', code: 'stale', column: '', message }],
    };
  });
}

/** Imports a prepared file. Stopping leaves whole chunks behind, journaled, so that they can be undone. */
export async function runImport(
  desk: Desk,
  engine: ImportEngine,
  prepared: Prepared,
  actor: Actor,
  facts: ImportFacts,
  options: Omit<PlanOptions, 'importId'>,
  run: RunOptions = {},
): Promise<ImportResult> {
  // What is written is listed next: held from now on, the list needs not read it back while all of it is being sent.
  const letGo = shelfOf(desk, prepared.collection).follow(() => undefined);
  try {
    return await importRows(desk, engine, prepared, actor, facts, options, run);
  } finally {
    letGo();
  }
}

async function importRows(
  desk: Desk,
  engine: ImportEngine,
  prepared: Prepared,
  actor: Actor,
  facts: ImportFacts,
  options: Omit<PlanOptions, 'importId'>,
  run: RunOptions,
): Promise<ImportResult> {
  const importId = newId();
  const counts = noCounts();
  const rows: ReportRow[] = [];
  const startedAt = new Date().toISOString();
  const base = { importId, startedAt, ...facts, collection: prepared.collection, source: options.source, total: prepared.ids.length };
  await writeJournal(desk.local, { ...base, state: 'running', counts });
  let done = 0;
  const finished = await walk(desk, engine, prepared, actor, { ...options, importId }, run.signal, async (planned, stored) => {
    for (const row of await writeRows(desk, importId, prepared.collection, planned, stored)) {
      counts[row.outcome] += 1;
      if (isListed(row) && rows.length < REPORT_ROWS_MAX) rows.push(listed(row));
    }
    done += planned.length;
    run.onProgress?.({ done, total: prepared.ids.length, counts: { ...counts } });
  });
  const summary: ImportSummary = { ...base, state: finished ? 'done' : 'cancelled', counts, finishedAt: new Date().toISOString() };
  await saveSetting(desk.local, reportKey(importId), { headers: prepared.headers, rows });
  await writeJournal(desk.local, summary);
  if (counts.imported + counts.repaired > 0) {
    const stopped = finished ? '' : `, stopped after ${done.toLocaleString('en-US')} of ${base.total.toLocaleString('en-US')} rows`;
    await tellOthers(
      desk,
      actor,
      `Import of ${facts.fileName}: ${inWords(counts)}${stopped}`.slice(0, 300),
      `${facts.label}. Import ${importId}.`,
    );
  }
  return { summary, rows };
}
