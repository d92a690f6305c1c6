/**
 * The thinking half of an import: reads the file, cleans rows, decides them. It knows no database and no screen, so it runs
 * in a worker (import-worker.ts) and, in tests, in the same thread.
 */
import Papa from 'papaparse';
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
import type { FileRefusal } from '../../domain/import/file-text.ts';
import { guessHeader } from '../../domain/import/header.ts';
import type { PlanOptions, PlannedRow, StoredState } from '../../domain/import/plan-row.ts';
import { proposeColumns } from '../../domain/import/profile.ts';
import { profileOf, profiles } from '../../domain/import/profiles.ts';
import type { ParseCsv, TableRow } from '../../domain/import/table.ts';
import type { Moment } from '../../domain/record/record.commands.ts';
import { nounOf } from '../../domain/registry.ts';

/** What the window may show of an opened file, without holding all of it twice. */
export interface OpenedFile {
  readonly rowCount: number;
  readonly encoding: string;
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly notes: readonly string[];
  /** The first rows, among which the header is chosen. */
  readonly firstRows: readonly TableRow[];
  readonly headerRow: number;
  /** Kind of record that the header speaks for; '' when no column was recognised. */
  readonly profileId: string;
}
export type OpenAnswer = { readonly ok: true; readonly file: OpenedFile } | { readonly ok: false; readonly refusal: FileRefusal };

export interface Proposal {
  readonly headers: readonly string[];
  readonly targets: readonly (string | undefined)[];
  /** Up to three filled cells of each column. */
  readonly samples: readonly (readonly string[])[];
}
/** A setup as it travels to the worker: the profile by name, because functions do not cross threads. */
export interface SetupMessage extends Omit<ImportSetup, 'profile'> {
  readonly profileId: string;
}
/** Collection -> lower-case title -> id, '' where several records bear the title. */
export type NameIndex = Readonly<Record<string, ReadonlyMap<string, string>>>;

export interface Prepared {
  readonly collection: string;
  readonly headers: readonly string[];
  /** Document id of each row, by position. */
  readonly ids: readonly string[];
}

export interface ImportEngine {
  open(bytes: Uint8Array): Promise<OpenAnswer>;
  propose(profileId: string, headerRow: number): Promise<Proposal>;
  problems(setup: SetupMessage): Promise<readonly string[]>;
  prepare(setup: SetupMessage, names: NameIndex): Promise<Prepared>;
  /** Decides the rows from `from` to `to` (exclusive) against what is stored under their ids. */
  plan(
    from: number,
    to: number,
    stored: ReadonlyMap<string, StoredState>,
    moment: Moment,
    options: PlanOptions,
  ): Promise<readonly PlannedRow[]>;
}
export type EngineCall = keyof ImportEngine;

const parse: ParseCsv = (text, settings) => Papa.parse<string[]>(text, settings);

/** Platform of a browser, a worker and Node 24 alike. */
export const webPlatform: Platform = {
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  parse,
  sha256: async (text) => new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))),
};

const FIRST_ROWS = 40;
const SAMPLES = 3;

function samplesOf(sheet: Sheet, headerRow: number, columns: number): string[][] {
  const samples: string[][] = Array.from({ length: columns }, () => []);
  for (const row of sheet.rows.slice(headerRow + 1, headerRow + 400)) {
    samples.forEach((found, i) => {
      const cell = row.cells[i]?.trim() ?? '';
      if (cell !== '' && found.length < SAMPLES && !found.includes(cell)) found.push(cell);
    });
  }
  return samples;
}

/** An engine with the file it opened last. Calls before `open`, or for an unknown kind, are bugs of the caller. */
export function importEngine(platform: Platform): ImportEngine {
  let opened: Sheet | undefined;
  let batch: Batch | undefined;
  const sheet = (): Sheet => {
    if (!opened) throw new Error('no file is open');
    return opened;
  };
  const setupOf = ({ profileId, ...rest }: SetupMessage): ImportSetup => {
    const profile = profileOf(profileId);
    if (!profile) throw new Error(`${profileId} is no kind of import`);
    return { ...rest, profile };
  };
  const nounFor = (setup: ImportSetup) => {
    const noun = nounOf(setup.profile.collection);
    if (!noun) throw new Error(`${setup.profile.collection} is no collection`);
    return noun;
  };
  return {
    open(bytes) {
      const reading = openSheet(bytes, platform);
      batch = undefined;
      opened = reading.ok ? reading.sheet : undefined;
      if (!reading.ok) return Promise.resolve(reading);
      const { rows, encoding, delimiter, lineEnd, notes } = reading.sheet;
      const guess = guessHeader(rows, profiles);
      const facts = { rowCount: rows.length, encoding, delimiter, lineEnd, notes, firstRows: rows.slice(0, FIRST_ROWS) };
      return Promise.resolve({ ok: true, file: { ...facts, headerRow: guess.row, profileId: guess.profile?.id ?? '' } });
    },
    propose(profileId, headerRow) {
      const headers = headersOf(sheet(), headerRow);
      const profile = profileOf(profileId);
      const targets = profile ? proposeColumns(profile, headers) : headers.map(() => undefined);
      return Promise.resolve({ headers, targets, samples: samplesOf(sheet(), headerRow, headers.length) });
    },
    problems(message) {
      const setup = setupOf(message);
      return Promise.resolve(setupProblems(nounFor(setup), setup));
    },
    async prepare(message, names) {
      const setup = setupOf(message);
      const resolve = (collection: string, name: string) => names[collection]?.get(name.toLowerCase()) || undefined;
      batch = await prepareBatch(nounFor(setup), sheet(), setup, platform, resolve);
      return { collection: setup.profile.collection, headers: batch.headers, ids: batch.ids };
    },
    plan(from, to, stored, moment, options) {
      if (!batch) throw new Error('no rows are prepared');
      return Promise.resolve(planRows(batch, from, to, stored, moment, options));
    },
  };
}
