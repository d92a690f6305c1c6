/** `drover import`: the same reading, cleaning and deciding as in the window, written over HTTP. */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Papa from 'papaparse';
import { type Company, usualCompany } from '../../domain/access/company.ts';
import {
  type Batch,
  type ImportSetup,
  type Platform,
  type Sheet,
  headersOf,
  openSheet,
  planRows,
  prepareBatch,
  setupProblems,
} from '../../domain/import/batch.ts';
import { type OutcomeCounts, noCounts } from '../../domain/import/finding.ts';
import { guessHeader } from '../../domain/import/header.ts';
import type { PlannedRow, StoredState } from '../../domain/import/plan-row.ts';
import { KEY, LEAVE_OUT, type Profile, proposeColumns } from '../../domain/import/profile.ts';
import { profileOf, profiles } from '../../domain/import/profiles.ts';
import { isListed, reportCsv } from '../../domain/import/report.ts';
import type { JournalEntry } from '../../domain/import/undo.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { PUSH_ROWS_MAX, type PushRow, type WireDocument } from '../../domain/protocol/protocol.ts';
import { type Actor, createRecord } from '../../domain/record/record.commands.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { nounOf } from '../../domain/registry.ts';
import { noteEntries, startJournal } from './import-journal.ts';
import { CliFault, type SyncClient } from './sync-client.ts';

/** A row whose record was changed between reading and writing is decided again this often. */
const ROUNDS = 3;

export interface ImportRequest {
  readonly file: string;
  readonly kind?: string;
  /** Line of the header, when the guess is wrong. */
  readonly headerLine?: number;
  /** `Header=field` */
  readonly maps: readonly string[];
  readonly source?: string;
  readonly bringBackDeleted: boolean;
  readonly dryRun: boolean;
  readonly report?: string;
  /** DROVER_DATA */
  readonly folder: string;
  readonly server: string;
}
export interface ImportOutcome {
  readonly importId: string;
  readonly kind: string;
  readonly dryRun: boolean;
  readonly counts: OutcomeCounts;
}
export type Say = (text: string) => void;

const platform: Platform = {
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  parse: (text, settings) => Papa.parse<string[]>(text, settings),
  sha256: (text) => Promise.resolve(new Uint8Array(createHash('sha256').update(text).digest())),
};

async function readSheet(file: string): Promise<Sheet> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new CliFault('file', `${file} cannot be read. Check the name, and that you may read it.`, cause);
  }
  const reading = openSheet(bytes, platform);
  if (!reading.ok) throw new CliFault('file', `${file} cannot be imported. ${reading.refusal.message}`);
  return reading.sheet;
}

const kindsInWords = (): string => profiles.map(({ id }) => id).join(', ');

function chooseProfile(sheet: Sheet, request: ImportRequest): { profile: Profile; headerRow: number } {
  const wanted = request.kind === undefined ? undefined : profileOf(request.kind);
  if (request.kind !== undefined && !wanted)
    throw new CliFault('usage', `"${request.kind}" is no kind of import. Choose one of ${kindsInWords()}.`);
  const guess = guessHeader(sheet.rows, wanted ? [wanted] : profiles);
  const profile = wanted ?? guess.profile;
  if (!profile)
    throw new CliFault(
      'usage',
      `No column of ${request.file} was recognised. Name the kind with --kind (${kindsInWords()}) and its columns with --map "Header=field".`,
    );
  const { headerLine } = request;
  if (headerLine === undefined) return { profile, headerRow: guess.row };
  const headerRow = sheet.rows.findIndex((row) => row.line === headerLine);
  if (headerRow < 0) throw new CliFault('usage', `Line ${headerLine} of ${request.file} holds no row.`);
  return { profile, headerRow };
}

function setupOf(sheet: Sheet, request: ImportRequest): { setup: ImportSetup; noun: Noun } {
  const { profile, headerRow } = chooseProfile(sheet, request);
  const headers = headersOf(sheet, headerRow);
  const targets = proposeColumns(profile, headers);
  const paths = new Set([KEY, LEAVE_OUT, ...profile.targets.map((target) => target.path)]);
  for (const map of request.maps) {
    const at = map.lastIndexOf('=');
    const [header, field] = [map.slice(0, at).trim(), map.slice(at + 1).trim()];
    const column = headers.findIndex((name) => name.trim() === header);
    if (at < 1 || column < 0)
      throw new CliFault('usage', `--map "${map}": the file has no column "${header}". Its columns are ${headers.join(', ')}.`);
    if (!paths.has(field))
      throw new CliFault('usage', `--map "${map}": "${field}" is no field of ${profile.label}. Its fields are ${[...paths].join(', ')}.`);
    targets[column] = field;
  }
  const noun = nounOf(profile.collection);
  if (!noun) throw new Error(`${profile.collection} is no collection`);
  const setup = { profile, headerRow, targets, source: request.source ?? profile.source };
  const problems = setupProblems(noun, setup);
  if (problems.length > 0) throw new CliFault('usage', `${request.file} cannot be imported as ${profile.label} yet. ${problems.join(' ')}`);
  return { setup, noun };
}

const stateOf = ({ _deleted: deleted, ...document }: WireDocument): StoredState => ({
  document: document as unknown as AnyDocument,
  deleted,
});
const wireOf = ({ document, deleted }: StoredState): WireDocument => ({ ...document, _deleted: deleted });

async function pullStates(client: SyncClient, noun: Noun, say: Say): Promise<Map<string, StoredState>> {
  const { collection, version, labels } = noun.entity;
  const all = await client.pullAll(collection, version, (count) => say(`Reading ${labels.toLowerCase()}: ${count}`));
  return new Map([...all].map(([id, document]) => [id, stateOf(document)]));
}

/** Titles of what lookup columns name; '' where two records bear one title. */
async function namesFor(client: SyncClient, setup: ImportSetup, say: Say): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const lookups = setup.profile.targets.flatMap((target) =>
    target.lookup !== undefined && setup.targets.includes(target.path) ? [target.lookup] : [],
  );
  for (const collection of new Set(lookups)) {
    const noun = nounOf(collection);
    if (!noun) continue;
    for (const { document, deleted } of (await pullStates(client, noun, say)).values()) {
      const key = `${collection} ${String(document[noun.entity.title]).toLowerCase()}`;
      if (!deleted) names.set(key, names.has(key) ? '' : document.id);
    }
  }
  return names;
}

interface Run {
  readonly client: SyncClient;
  readonly batch: Batch;
  readonly stored: Map<string, StoredState>;
  readonly request: ImportRequest;
  readonly importId: string;
  readonly company: Company;
}

function decide(run: Omit<Run, 'client'>, actor: Actor, from: number, to: number): PlannedRow[] {
  const moment = { actor, now: new Date().toISOString(), w: 'cli', company: run.company };
  const options = { importId: run.importId, source: run.batch.source, bringBackDeleted: run.request.bringBackDeleted };
  return planRows(run.batch, from, to, run.stored, moment, options).map((row) => {
    if (!row.change) return row;
    // Each write has an id of its own; it is known here before it is sent, so the journal can hold it.
    return { ...row, change: { ...row.change, after: { ...row.change.after, w: `cli-${randomUUID()}` } } };
  });
}

const kept = (row: PlannedRow, code: string, message: string): PlannedRow => ({
  line: row.line,
  cells: row.cells,
  outcome: 'bad',
  findings: [...row.findings, { level: 'error', code, column: '', message }],
});

/** Writes the rows from `from` to `to`; a row that somebody else changed meanwhile is decided anew on that state. */
async function writeRows(run: Run, from: number, to: number): Promise<PlannedRow[]> {
  const { client, batch, stored, request, importId } = run;
  const { collection, version } = batch.noun.entity;
  const actor: Actor = { userId: client.user.id, deskId: client.user.deskId };
  const result = decide(run, actor, from, to);
  let open = result.map((_, i) => i).filter((i) => result[i]?.change !== undefined);
  for (let round = 1; open.length > 0; round += 1) {
    const changes = open.flatMap((i) => {
      const change = result[i]?.change;
      return change ? [{ i, change, before: stored.get(change.after.id) }] : [];
    });
    const entries = changes.map(({ change, before }): JournalEntry => {
      const { id, w } = change.after;
      return before ? { collection, id, w, before } : { collection, id, w };
    });
    await noteEntries(request.folder, importId, entries);
    const rows = changes.map(({ change, before }): PushRow => {
      const newDocumentState = wireOf({ document: change.after, deleted: false });
      return before ? { newDocumentState, assumedMasterState: wireOf(before) } : { newDocumentState };
    });
    const answers = new Map((await client.push(collection, version, rows)).map((answer) => [answer.id, answer]));
    const again: number[] = [];
    for (const { i, change } of changes) {
      const answer = answers.get(change.after.id);
      const row = result[i];
      if (!answer || !row) continue;
      // A refused new record is answered with a stub that was never stored.
      if (String(answer['w']).startsWith('refused-') || round >= ROUNDS)
        result[i] = kept(row, 'refused', 'The server refused this record; its reason is in your inbox.');
      else {
        stored.set(change.after.id, stateOf(answer));
        again.push(i);
      }
    }
    for (const i of again) {
      const fresh = decide(run, actor, from + i, from + i + 1)[0];
      if (fresh) result[i] = fresh;
    }
    open = again.filter((i) => result[i]?.change !== undefined);
  }
  return result;
}

/** The activity that tells everybody's desk of the import. */
async function tellOthers(client: SyncClient, title: string, body: string): Promise<void> {
  const noun = nounOf('activities');
  if (!noun) return;
  const moment = { actor: { userId: client.user.id, deskId: client.user.deskId }, now: new Date().toISOString(), w: `cli-${randomUUID()}` };
  const decision = createRecord(noun, randomUUID(), { kind: 'import', title: title.slice(0, 300), body }, moment);
  if (!decision.ok) throw new Error(decision.rejection.message);
  await client.push('activities', noun.entity.version, [{ newDocumentState: wireOf({ document: decision.change.after, deleted: false }) }]);
}
export { stateOf, tellOthers, wireOf };

async function writeReport(file: string, batch: Batch, rows: readonly PlannedRow[]): Promise<void> {
  const listed = rows.filter(isListed);
  try {
    await writeFile(file, reportCsv(batch.headers, listed));
  } catch (cause) {
    throw new CliFault(
      'file',
      `The report ${file} cannot be written. Check the folder, and that no other program has the file open.`,
      cause,
    );
  }
}

/**
 * Runs an import. `connect` is called once the file is known to be a table that can be imported; it answers undefined for a
 * dry run without a server, which then compares with nothing.
 */
export async function importFile(request: ImportRequest, connect: () => Promise<SyncClient | undefined>, say: Say): Promise<ImportOutcome> {
  const sheet = await readSheet(request.file);
  for (const note of sheet.notes) say(note);
  const { setup, noun } = setupOf(sheet, request);
  say(
    `${path.basename(request.file)}: ${setup.profile.label}, header in line ${sheet.rows[setup.headerRow]?.line ?? 1}, ${sheet.rows.length - setup.headerRow - 1} rows.`,
  );
  const client = await connect();
  const company = client ? await client.company() : usualCompany;
  const names = client ? await namesFor(client, setup, say) : new Map<string, string>();
  const batch = await prepareBatch(
    noun,
    sheet,
    { ...setup, company },
    platform,
    (collection, name) => names.get(`${collection} ${name.toLowerCase()}`) || undefined,
  );
  const stored = client ? await pullStates(client, noun, say) : new Map<string, StoredState>();
  const importId = randomUUID();
  const total = batch.rows.length;
  const done: PlannedRow[] = [];
  const counts = noCounts();
  if (client && !request.dryRun) {
    const head = {
      importId,
      fileName: path.basename(request.file),
      collection: noun.entity.collection,
      server: request.server,
      startedAt: new Date().toISOString(),
    };
    await startJournal(request.folder, head);
  }
  const actor: Actor = client ? { userId: client.user.id, deskId: client.user.deskId } : { userId: 'nobody', deskId: 'none' };
  for (let from = 0; from < total; from += PUSH_ROWS_MAX) {
    const to = Math.min(from + PUSH_ROWS_MAX, total);
    const run = { batch, stored, request, importId, company };
    const rows = client && !request.dryRun ? await writeRows({ ...run, client }, from, to) : decide(run, actor, from, to);
    for (const row of rows) counts[row.outcome] += 1;
    done.push(...rows);
    say(`${request.dryRun ? 'Checked' : 'Imported'} ${to} of ${total} rows`);
  }
  if (request.report !== undefined) await writeReport(request.report, batch, done);
  if (client && !request.dryRun && counts.imported + counts.repaired > 0) {
    const title = `Import of ${path.basename(request.file)}: ${counts.imported + counts.repaired} records written, ${counts.repaired} of them repaired, ${counts.bad} kept out`;
    await tellOthers(client, title, `${setup.profile.label}. Import ${importId}, by the command line.`);
  }
  return { importId, kind: setup.profile.id, dryRun: request.dryRun, counts };
}
