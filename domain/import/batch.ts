/**
 * From bytes to rows that are ready to be decided: the part of an import that the window's worker and the command line
 * share. What needs a platform (decoder, CSV parser, SHA-256) comes in as an argument.
 */
import type { Company } from '../access/company.ts';
import type { Moment } from '../record/record.commands.ts';
import type { Noun } from '../record/noun.ts';
import { uuidFromHash } from '../record/uuid-from-hash.ts';
import { type BuiltRow, type ResolveName, rowBuilder } from './build-rows.ts';
import { type DecodeBytes, type Encoding, type FileRefusal, readFileText } from './file-text.ts';
import { type OutcomeCounts, noCounts } from './finding.ts';
import { externalIdOf } from './imported-id.ts';
import { type PlanOptions, type PlannedRow, type StoredState, planRow } from './plan-row.ts';
import { type ColumnTargets, KEY, type Profile } from './profile.ts';
import { type Delimiter, type LineEnd, type ParseCsv, type TableRow, readTable } from './table.ts';

export interface Platform {
  readonly decode: DecodeBytes;
  readonly parse: ParseCsv;
  /** SHA-256 of the text's UTF-8 bytes. */
  readonly sha256: (text: string) => Promise<Uint8Array>;
}

export interface Sheet {
  readonly rows: readonly TableRow[];
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  readonly lineEnd: LineEnd;
  readonly notes: readonly string[];
}
export type SheetReading = { readonly ok: true; readonly sheet: Sheet } | { readonly ok: false; readonly refusal: FileRefusal };

/** Reads a file as a table with at least a header and one row below it, or says why it is none. */
export function openSheet(bytes: Uint8Array, platform: Platform): SheetReading {
  const reading = readFileText(bytes, platform.decode);
  if (!reading.ok) return reading;
  const { text, encoding, notes } = reading.file;
  const table = readTable(text, platform.parse);
  if (table.rows.length < 2) {
    const message = 'The file has no row below its header. Choose a file that has a header row and at least one row below it.';
    return { ok: false, refusal: { code: 'no_table', message } };
  }
  const { rows, delimiter, lineEnd } = table;
  return { ok: true, sheet: { rows, encoding, delimiter, lineEnd, notes: [...notes, ...table.notes] } };
}

/** What a person settled before the rows are read: kind of record, header row, columns, and where the file came from. */
export interface ImportSetup {
  readonly profile: Profile;
  /** Index of the header among the sheet's rows. */
  readonly headerRow: number;
  readonly targets: ColumnTargets;
  /** Prefix of the external ids; the profile's own where it has one. */
  readonly source: string;
  /** What the company has set, such as its option lists; as usual unless told. */
  readonly company?: Company;
}

export interface Batch {
  readonly noun: Noun;
  readonly profile: Profile;
  readonly source: string;
  readonly headers: readonly string[];
  readonly rows: readonly BuiltRow[];
  /** Document id and external id of each row, by position. */
  readonly ids: readonly string[];
  readonly externalIds: readonly string[];
}

export const headersOf = (sheet: Sheet, headerRow: number): readonly string[] => sheet.rows[headerRow]?.cells ?? [];

const CONTENT_KEY_MAX = 60;

/** Cleans every row and gives each its id. `resolve` turns names in lookup columns into ids. */
export async function prepareBatch(
  noun: Noun,
  sheet: Sheet,
  setup: ImportSetup,
  platform: Platform,
  resolve?: ResolveName,
): Promise<Batch> {
  const headers = headersOf(sheet, setup.headerRow);
  const builder = rowBuilder(noun.entity, setup.profile, headers, setup.targets, resolve, setup.company);
  const rows = sheet.rows.slice(setup.headerRow + 1).map(builder.build);
  const keys = rows.map((row) => externalIdOf(setup.source, row.key));
  const ids = (await Promise.all(keys.map(platform.sha256))).map(uuidFromHash);
  // A content key is as long as its row; its id says the same in 36 characters.
  const externalIds = keys.map((key, i) =>
    key.length > CONTENT_KEY_MAX + setup.source.length ? externalIdOf(setup.source, `row-${ids[i] ?? ''}`) : key,
  );
  return { noun, profile: setup.profile, source: setup.source, headers, rows, ids, externalIds };
}

/** Decides the rows `from` to `to` (exclusive) against what is stored under their ids. */
export function planRows(
  batch: Batch,
  from: number,
  to: number,
  stored: ReadonlyMap<string, StoredState>,
  moment: Moment,
  options: PlanOptions,
): PlannedRow[] {
  return batch.rows.slice(from, to).map((row, offset) => {
    const id = batch.ids[from + offset] ?? '';
    const externalId = batch.externalIds[from + offset] ?? '';
    return planRow(batch.noun, batch.profile, row, id, externalId, stored.get(id), moment, options);
  });
}

export function countOutcomes(
  rows: readonly { readonly outcome: PlannedRow['outcome'] }[],
  into: OutcomeCounts = noCounts(),
): OutcomeCounts {
  for (const row of rows) into[row.outcome] += 1;
  return into;
}

/** What is missing before rows can be read, in sentences; [] when the import may start. */
export function setupProblems(noun: Noun, setup: ImportSetup): string[] {
  const mapped = new Set(setup.targets);
  const problems: string[] = [];
  if (!setup.targets.some((path) => path !== undefined && !path.startsWith('@')))
    problems.push('No column has a field yet; choose at least one.');
  for (const [key, f] of Object.entries(noun.entity.fields)) {
    if (!f.required || f.fallback !== undefined || f.computed || key in setup.profile.constants) continue;
    const given = [...mapped].some((path) => path === key || path?.startsWith(`${key}.`) === true);
    if (!given) problems.push(`${f.label} is required, but no column gives it; choose its column.`);
  }
  const twice = setup.targets.filter((path, i) => path !== undefined && path !== '@out' && setup.targets.indexOf(path) !== i);
  for (const path of new Set(twice)) {
    const label = path === KEY ? 'The key of the record' : (setup.profile.targets.find((target) => target.path === path)?.label ?? path);
    problems.push(`${label} is chosen for two columns; keep one.`);
  }
  if (!/^[a-z0-9][a-z0-9._-]{0,29}$/u.test(setup.source)) {
    problems.push(
      'The source needs a short name of small letters and digits, such as fsis or old-crm; it tells records of different systems apart.',
    );
  }
  return problems;
}
