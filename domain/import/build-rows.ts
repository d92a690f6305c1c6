/** A table and its mapping -> one draft a row, with everything that was done to it. Pure and without memory between rows. */
import type { Company } from '../access/company.ts';
import type { Entity } from '../entity/entity.ts';
import { type Finding, finding, quote } from './finding.ts';
import { type ColumnTargets, KEY, LEAVE_OUT, type Profile, type RowDraft, type Target, pathsOf, placeAt, valueAt } from './profile.ts';
import type { TableRow } from './table.ts';

export interface BuiltRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** What names the record in its source; '' only where its column is empty. */
  readonly key: string;
  readonly draft: Readonly<RowDraft>;
  /** The paths that the file speaks for, also where this row's cell is empty. */
  readonly paths: readonly string[];
  /** Path -> header of the column that gives it; one object for all rows. */
  readonly columns: Readonly<Record<string, string>>;
  /** Header -> cell of the columns that have no field. */
  readonly extras: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  /** Set when the row must not be written at all and is no error. */
  readonly skip?: true;
}

export interface RowBuilder {
  readonly build: (row: TableRow) => BuiltRow;
}

/** Begins the name of a row that has none but its content. */
const CONTENT_KEY = 'row:';

interface Column {
  readonly header: string;
  readonly index: number;
  readonly target?: Target;
}

const message = {
  noKey: (header: string) => `${header} is empty, so the row cannot be told from others; fill it in.`,
  sameKey: (header: string, key: string, line: number) =>
    `${header} ${quote(key)} stands in line ${line} already with other content; keep one of the two rows.`,
  twice: (line: number) => `The row repeats line ${line}; it was skipped.`,
  tooMany: (found: number, wanted: number) =>
    `The row has ${found} cells, the header has ${wanted}. Check quotation marks and separators in this line.`,
  lookup: (header: string, name: string, label: string) =>
    `${header}: ${quote(name)} names a ${label}; no record could be linked by name alone. Link it by hand.`,
};

function columnsOf(profile: Profile, headers: readonly string[], targets: ColumnTargets): Column[] {
  const byPath = new Map(profile.targets.map((target) => [target.path, target]));
  return headers.flatMap((header, index): Column[] => {
    const path = targets[index];
    if (path === LEAVE_OUT) return [];
    const target = path === undefined ? undefined : byPath.get(path);
    const name = header.trim() === '' ? `column ${index + 1}` : header.trim();
    return [target === undefined ? { header: name, index } : { header: name, index, target }];
  });
}

/** Resolves the name in a lookup cell to the id of a record; undefined when none or several bear it. */
export type ResolveName = (collection: string, name: string) => string | undefined;

/**
 * Prepares the building of rows. The builder remembers keys, so feed it each row of a file once and in order; `entity`
 * names the fields in messages.
 */
export function rowBuilder(
  entity: Entity,
  profile: Profile,
  headers: readonly string[],
  targets: ColumnTargets,
  resolve?: ResolveName,
  company?: Company,
): RowBuilder {
  const columns = columnsOf(profile, headers, targets);
  const headerOf = new Map(columns.flatMap(({ target, header }) => (target ? pathsOf(target).map((path) => [path, header] as const) : [])));
  const columnOf = (path: string): string => headerOf.get(path) ?? entity.fields[path]?.label ?? path;
  const columnNames = Object.fromEntries(headerOf);
  const keyColumn = columns.find((c) => c.target?.path === KEY);
  const paths = columns.flatMap((c) => (c.target ? pathsOf(c.target) : []));
  const firstLineOf = new Map<string, TableRow>();

  const build = (row: TableRow): BuiltRow => {
    const draft: RowDraft = { ...profile.constants };
    const extras: Record<string, string> = {};
    const findings: Finding[] = [];
    let key = '';
    const surplus = row.cells.slice(headers.length).filter((cell) => cell.trim() !== '');
    if (surplus.length > 0) findings.push(finding('error', 'too_many_cells', '', message.tooMany(row.cells.length, headers.length)));

    for (const { header, index, target } of columns) {
      const raw = row.cells[index] ?? '';
      if (target === undefined) {
        if (raw.trim() !== '') extras[header] = raw.trim();
        continue;
      }
      const cleaned = target.clean(raw, header, company);
      findings.push(...cleaned.findings);
      if (target.path === KEY) key = typeof cleaned.value === 'string' ? cleaned.value : '';
      const value = target.lookup === undefined ? cleaned.value : linked(target, cleaned.value, header, extras, findings, resolve);
      if (value !== undefined) spread(target, draft, value);
      else if (raw.trim() !== '' && cleaned.findings.some((f) => f.level === 'warning')) extras[header] = raw.trim();
    }
    if (profile.finish) findings.push(...profile.finish(draft, columnOf));

    if (keyColumn === undefined) key = ownName(profile, paths, draft);
    const earlier = key === '' ? undefined : firstLineOf.get(key);
    let skip = false;
    if (keyColumn !== undefined && key === '' && !findings.some((f) => f.level === 'error'))
      findings.push(finding('error', 'no_key', keyColumn.header, message.noKey(keyColumn.header)));
    if (earlier === undefined) firstLineOf.set(key, row);
    else if (key.startsWith(CONTENT_KEY) || earlier.cells.join('\u001f') === row.cells.join('\u001f')) {
      skip = true;
      findings.push(finding('warning', 'repeated_row', keyColumn?.header ?? '', message.twice(earlier.line)));
    } else
      findings.push(finding('error', 'same_key', keyColumn?.header ?? '', message.sameKey(keyColumn?.header ?? '', key, earlier.line)));

    const built = { line: row.line, cells: row.cells, key, draft, paths, columns: columnNames, extras, findings };
    return skip ? { ...built, skip: true } : built;
  };
  return { build };
}

/**
 * Without a key column a row is told by the profile's natural key, else by its content: the same row again is the same
 * record then, and a changed row is a new one.
 */
function ownName({ naturalKey }: Profile, paths: readonly string[], draft: RowDraft): string {
  const natural = naturalKey === undefined ? undefined : valueAt(draft, naturalKey);
  if (typeof natural === 'string' && natural !== '') return natural;
  return `${CONTENT_KEY}${JSON.stringify(paths.map((path) => valueAt(draft, path) ?? null))}`;
}

function spread(target: Target, draft: RowDraft, value: unknown): void {
  const values = target.spread ? target.spread.parts(value) : [value];
  pathsOf(target).forEach((path, i) => placeAt(draft, path, values[i]));
}

/** A lookup cell holds a name, or an id that Drover made; a name that is not found stays an extra and is reported. */
function linked(
  target: Target,
  value: unknown,
  header: string,
  extras: Record<string, string>,
  findings: Finding[],
  resolve?: ResolveName,
): unknown {
  if (typeof value !== 'string' || target.lookup === undefined) return undefined;
  const id = resolve?.(target.lookup, value);
  if (id !== undefined) return id;
  extras[header] = value;
  findings.push(finding('warning', 'lookup_unmatched', header, message.lookup(header, value, target.label.toLowerCase())));
  return undefined;
}
