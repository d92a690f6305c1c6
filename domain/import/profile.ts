/** What an import knows of a kind of file: where its columns go, how each is cleaned, which column names the record. */
import { normalizeHeader } from '../entity/import-mapping.ts';
import type { Clean } from './clean-cell.ts';
import type { Finding } from './finding.ts';

/** A draft being filled: field key -> value; groups are objects of their own. */
export type RowDraft = Record<string, unknown>;

export interface Target {
  /** `name`, `address.city`, `lines.0.price`, or KEY. Unique within a profile. */
  readonly path: string;
  readonly label: string;
  /** Headers that mean this target, beside its label and path. */
  readonly headers: readonly string[];
  readonly clean: Clean;
  /** Splits the cleaned value over several paths where it is not simply stored at `path`. */
  readonly spread?: { readonly paths: readonly string[]; readonly parts: (value: unknown) => readonly unknown[] };
  /** Collection whose record the cell names; the value stays a name until it is looked up. */
  readonly lookup?: string;
}

export interface Profile {
  /** Name on the command line: `plants`. */
  readonly id: string;
  readonly label: string;
  readonly collection: string;
  /** Prefix of the external ids: `fsis`. */
  readonly source: string;
  /**
   * Headers that only this kind has, for kinds of one entity, which share all their fields: `CustomerName` is a customer's.
   */
  readonly marks: readonly string[];
  /** Path whose value names the record where the file has no column for the key. */
  readonly naturalKey?: string;
  /** Fields that every record of this kind gets: kind, roles. */
  readonly constants: RowDraft;
  readonly targets: readonly Target[];
  /** Cleaning that needs several cells of the row; may change the draft. `columnOf` gives the header behind a path. */
  readonly finish?: (draft: RowDraft, columnOf: (path: string) => string) => readonly Finding[];
}

/** The target of the column that names the record in its source. */
export const KEY = '@key';
/** A column that a person chose to leave out; a column without any target is kept as an extra. */
export const LEAVE_OUT = '@out';

/** Sets `a.b` or `lines.0.price` in a draft; an undefined value changes nothing. */
export function placeAt(draft: RowDraft, path: string, value: unknown): void {
  if (value === undefined) return;
  const [head = '', second, third] = path.split('.');
  if (second === undefined) draft[head] = value;
  else if (third === undefined) draft[head] = { ...(draft[head] as RowDraft | undefined), [second]: value };
  else {
    const [first] = (draft[head] as readonly RowDraft[] | undefined) ?? [];
    draft[head] = [{ lineId: 'imported-1', ...first, [third]: value }];
  }
}

/** The paths of a draft that a target speaks for. */
export const pathsOf = (target: Target): readonly string[] => target.spread?.paths ?? (target.path === KEY ? [] : [target.path]);

/** What a document holds at a path as placeAt writes it. */
export function valueAt(document: Readonly<Record<string, unknown>>, path: string): unknown {
  const [head = '', second, third] = path.split('.');
  const top = document[head];
  if (second === undefined || typeof top !== 'object' || top === null) return second === undefined ? top : undefined;
  if (third === undefined) return (top as RowDraft)[second];
  return Array.isArray(top) ? (top as readonly RowDraft[]).find((line) => line['lineId'] === 'imported-1')?.[third] : undefined;
}

const aliasCache = new WeakMap<Profile, ReadonlyMap<string, string>>();
/** Normalized header -> target path. The first target that claims a header keeps it. */
export function targetAliases(profile: Profile): ReadonlyMap<string, string> {
  const cached = aliasCache.get(profile);
  if (cached) return cached;
  const map = new Map<string, string>();
  for (const target of profile.targets) {
    for (const header of [...target.headers, target.label, target.path]) {
      const normalized = normalizeHeader(header);
      if (normalized !== '' && !map.has(normalized)) map.set(normalized, target.path);
    }
  }
  aliasCache.set(profile, map);
  return map;
}

/** A target for each column: its path, LEAVE_OUT, or undefined where the column is kept as an extra. */
export type ColumnTargets = readonly (string | undefined)[];

/** Dataverse puts `(Do Not Modify)` on three columns: the row's GUID, a checksum, and when it was changed. */
function dataverseColumn(header: string): string | undefined {
  const named = /^\(do not modify\)\s*(.+)$/iu.exec(header.trim());
  if (!named) return undefined;
  return /^(row checksum|modified on)$/iu.test(named[1] ?? '') ? LEAVE_OUT : KEY;
}
const ownReportColumns = new Set(['line', 'outcome', 'reasons']);

/** Proposes a target for each header; no target is proposed twice. The columns of our own report are left out. */
export function proposeColumns(profile: Profile, headers: readonly string[]): (string | undefined)[] {
  const aliases = targetAliases(profile);
  const taken = new Set<string>();
  const isReport = ['line', 'outcome', 'reasons'].every((name, i) => normalizeHeader(headers[i] ?? '') === name);
  return headers.map((header, i) => {
    const normalized = normalizeHeader(header);
    if (isReport && i < 3 && ownReportColumns.has(normalized)) return LEAVE_OUT;
    const path = dataverseColumn(header) ?? aliases.get(normalized);
    if (path === undefined || path === LEAVE_OUT) return path;
    if (taken.has(path)) return undefined;
    taken.add(path);
    return path;
  });
}
