/**
 * A built row against what is already here -> what to write. Three-way: what the source said last time is remembered in
 * the record as short hashes, so a re-import writes only where the source itself changed, and a person's own edits stay.
 */
import type { AnyDocument } from '../entity/entity.ts';
import type { Problem } from '../entity/problem.ts';
import { type Change, type Decision, type Moment, changeRecord, createRecord } from '../record/record.commands.ts';
import type { Noun } from '../record/noun.ts';
import type { BuiltRow } from './build-rows.ts';
import { type Finding, type Outcome, finding, quote } from './finding.ts';
import { type Profile, type RowDraft, placeAt, valueAt } from './profile.ts';

export interface PlannedRow {
  readonly line: number;
  readonly cells: readonly string[];
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  readonly change?: Change;
  /** Set on a change: the row makes a record, or changes one. */
  readonly made?: 'created' | 'changed' | 'brought_back';
}

/** What is stored under the row's id, tombstones included. */
export interface StoredState {
  readonly document: AnyDocument;
  readonly deleted: boolean;
}

export interface PlanOptions {
  readonly importId: string;
  readonly source: string;
  /** Records that a person deleted are written again instead of skipped. */
  readonly bringBackDeleted: boolean;
}

/** What the source said last, and the columns without a field. Lives in `importedRaw`, as short as it can be. */
interface Remembered {
  /** `name=oc8la city=12j1x`: path and hash of each value that was said; a path that said nothing is not there. */
  readonly seen: string;
  readonly extras?: Readonly<Record<string, string>>;
}
type RememberedBySource = Readonly<Record<string, Remembered>>;

/** Longest `importedRaw`, as the entity says; extras beyond it are dropped and the row says so. */
const RAW_MAX = 20_000;

/** 25 bits of FNV-1a over the JSON of a cleaned value, base 36. Tells change from no change; guards nothing. */
export function valueHash(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return (hash >>> 7).toString(36);
}

function rememberedOf(document: AnyDocument): RememberedBySource {
  const raw = document.importedRaw;
  if (raw === undefined || raw === '') return {};
  try {
    const parsed: unknown = JSON.parse(raw);
    return typeof parsed === 'object' && parsed !== null ? (parsed as RememberedBySource) : {};
  } catch (error) {
    // Another version or another tool wrote it: nothing is remembered then, which only makes the import write more.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

type Hashes = ReadonlyMap<string, string>;
const NOTHING = valueHash(undefined);

const readSeen = (seen: string | undefined): Hashes =>
  new Map(
    (seen ?? '')
      .split(' ')
      .flatMap((pair) => (pair.includes('=') ? [[pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const] : [])),
  );

/** The hashes of this row over those of earlier files that knew other columns. */
function seenWith(earlier: Hashes, row: BuiltRow): string {
  const all = new Map(earlier);
  for (const path of row.paths) {
    const value = valueAt(row.draft, path);
    if (value === undefined) all.delete(path);
    else all.set(path, valueHash(value));
  }
  return [...all].map(([path, hash]) => `${path}=${hash}`).join(' ');
}

const rememberedNow = (seen: string, extras: Readonly<Record<string, string>>): Remembered =>
  Object.keys(extras).length > 0 ? { seen, extras } : { seen };

/** `importedRaw` with this source's part replaced; extras go overboard when the whole would be too long. */
function rawWith(earlier: RememberedBySource, source: string, now: Remembered, findings: Finding[]): string {
  const text = JSON.stringify({ ...earlier, [source]: now });
  if (text.length <= RAW_MAX) return text;
  findings.push(
    finding(
      'warning',
      'extras_too_long',
      '',
      'The columns without a field hold more than a record can keep; they were left out of this row.',
    ),
  );
  return JSON.stringify({ [source]: { seen: now.seen } });
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

const levels: Record<Problem['severity'], Finding['level']> = { hard: 'error', soft: 'warning' };
/** A rule speaks of fields; the reader of a report knows columns. `dbas.2` is of the column that gives `dbas`. */
const fromProblems = (problems: readonly Problem[], row: BuiltRow): Finding[] =>
  problems.map((p) =>
    finding(levels[p.severity], p.code, row.columns[p.field] ?? row.columns[p.field.split('.')[0] ?? ''] ?? '', p.message),
  );

const outcomeOf = (findings: readonly Finding[]): Outcome => (findings.some((f) => f.level === 'repair') ? 'repaired' : 'imported');

function planned(row: BuiltRow, findings: readonly Finding[], decision: Decision, made: NonNullable<PlannedRow['made']>): PlannedRow {
  const { line, cells } = row;
  if (!decision.ok) {
    const { problems, message, code } = decision.rejection;
    const reasons = problems.length > 0 ? fromProblems(problems, row) : [finding('error', code, '', message)];
    return { line, cells, outcome: 'bad', findings: [...findings, ...reasons] };
  }
  const all = [...findings, ...fromProblems(decision.warnings, row)];
  return { line, cells, outcome: outcomeOf(all), findings: all, change: decision.change, made };
}

/** Paths whose source value differs from last time, as a patch over the stored record. */
function patchOf(row: BuiltRow, stored: AnyDocument, seen: Hashes, labelOf: (path: string) => string, findings: Finding[]): RowDraft {
  const patch: RowDraft = {};
  for (const path of row.paths) {
    const next = valueAt(row.draft, path);
    const before = seen.get(path) ?? NOTHING;
    if (valueHash(next) === before) continue;
    const current = valueAt(stored, path);
    if (same(next, current)) continue;
    const own = valueHash(current) !== before;
    // The cell is empty now. Only what the source itself had put there goes; a person's own value stays.
    if (next === undefined && own) continue;
    if (own && current !== undefined) {
      const text = `${labelOf(path)}: ${quote(String(current))} was entered here, the file changed to ${quote(String(next))}; the file's value was taken.`;
      findings.push(finding('warning', 'own_edit_replaced', labelOf(path), text));
    }
    patchAt(patch, stored, path, next);
  }
  return patch;
}

/** Sets one path of a patch; groups and lines start from what the record holds, so that their other parts stay. */
function patchAt(patch: RowDraft, stored: AnyDocument, path: string, value: unknown): void {
  const [head = '', second, third] = path.split('.');
  if (second === undefined) {
    patch[head] = value;
    return;
  }
  const base = patch[head] ?? stored[head];
  if (third === undefined) {
    patch[head] = { ...(base as RowDraft | undefined), [second]: value };
    return;
  }
  const draft: RowDraft = {};
  const lines = (base as readonly RowDraft[] | undefined) ?? [];
  const own = lines.find((line) => line['lineId'] === 'imported-1');
  placeAt(draft, path, value);
  const [fresh] = draft[head] as readonly RowDraft[];
  const merged = { ...own, ...fresh };
  patch[head] = own ? lines.map((line) => (line === own ? merged : line)) : [...lines, merged];
}

function planCreate(
  noun: Noun,
  row: BuiltRow,
  id: string,
  externalId: string,
  moment: Moment,
  options: PlanOptions,
  tombstone: AnyDocument | undefined,
): PlannedRow {
  const findings = [...row.findings];
  const earlier = tombstone ? rememberedOf(tombstone) : {};
  const draft = {
    ...row.draft,
    externalIds: [...new Set([...(tombstone?.externalIds ?? []), externalId])],
    importId: options.importId,
    importedRaw: rawWith(earlier, options.source, rememberedNow(seenWith(new Map(), row), row.extras), findings),
  };
  return planned(row, findings, createRecord(noun, id, draft, moment), tombstone ? 'brought_back' : 'created');
}

function planChange(
  noun: Noun,
  profile: Profile,
  row: BuiltRow,
  externalId: string,
  stored: AnyDocument,
  moment: Moment,
  options: PlanOptions,
): PlannedRow {
  const { line, cells } = row;
  const findings = [...row.findings];
  const memory = rememberedOf(stored);
  const mine = memory[options.source];
  const seen = readSeen(mine?.seen);
  const now = rememberedNow(seenWith(seen, row), { ...mine?.extras, ...row.extras });
  const labels = new Map(profile.targets.map((target) => [target.path, target.label]));
  const patch = patchOf(row, stored, seen, (path) => labels.get(path) ?? path, findings);
  const known = stored.externalIds?.includes(externalId) ?? false;
  if (Object.keys(patch).length === 0 && known && same(mine?.extras, now.extras)) return { line, cells, outcome: 'unchanged', findings };
  const draft = {
    ...patch,
    externalIds: [...new Set([...(stored.externalIds ?? []), externalId])],
    importId: options.importId,
    importedRaw: rawWith(memory, options.source, now, findings),
  };
  return planned(row, findings, changeRecord(noun, stored, draft, moment), 'changed');
}

/**
 * Decides one row. `id` is the deterministic id behind `externalId`; `stored` is what this device (or the server) holds
 * under it. The write id in `moment` is replaced by whoever writes.
 */
export function planRow(
  noun: Noun,
  profile: Profile,
  row: BuiltRow,
  id: string,
  externalId: string,
  stored: StoredState | undefined,
  moment: Moment,
  options: PlanOptions,
): PlannedRow {
  const { line, cells, findings } = row;
  if (findings.some((f) => f.level === 'error')) return { line, cells, outcome: 'bad', findings };
  if (row.skip) return { line, cells, outcome: 'skipped', findings };
  if (stored === undefined) return planCreate(noun, row, id, externalId, moment, options, undefined);
  if (!stored.deleted) return planChange(noun, profile, row, externalId, stored.document, moment, options);
  // An undone import leaves its tombstones without a batch; what still names one was deleted by a person.
  if (stored.document.importId !== undefined && !options.bringBackDeleted) {
    const reason = finding(
      'warning',
      'deleted_here',
      '',
      'This record was deleted after an earlier import, so it was skipped. Restore it from the trash, or import with "Bring back deleted records".',
    );
    return { line, cells, outcome: 'skipped', findings: [...findings, reason] };
  }
  return planCreate(noun, row, id, externalId, moment, options, stored.document);
}
