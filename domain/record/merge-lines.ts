/** Merge of lists whose rows have ids: rows are added, removed and changed one by one. */
import type { Field } from '../entity/field.ts';
import { type FindClash, type Three, type Values, clashAt } from './clash.ts';
import { same } from './same.ts';

export type Row = Values & { readonly lineId: string };

/** The rows by id, in their order; undefined for what is no list of rows with ids of their own. */
export function rowsById(list: unknown): Map<string, Row> | undefined {
  if (list === undefined) return new Map();
  if (!Array.isArray(list)) return undefined;
  const rows = new Map<string, Row>();
  for (const row of list as readonly unknown[]) {
    if (typeof row !== 'object' || row === null || !('lineId' in row)) return undefined;
    const { lineId } = row;
    if (typeof lineId !== 'string' || lineId === '' || rows.has(lineId)) return undefined;
    rows.set(lineId, { ...row, lineId });
  }
  return rows;
}

/** Without what is computed: a new amount alone does not make a row a changed one. */
function isUntouched(f: Field, base: Row, row: Row): boolean {
  const { fields = {} } = f;
  return [...new Set([...Object.keys(base), ...Object.keys(row)])].every(
    (key) => (Object.hasOwn(fields, key) && fields[key]?.computed === true) || same(base[key], row[key]),
  );
}

/** What becomes of one row; undefined when it goes. */
function mergeRow(f: Field, path: string, three: Three<Row | undefined>, find: FindClash, mergeBoth: MergeBoth): Values | undefined {
  const { base, mine, theirs } = three;
  if (mine && theirs) return { ...mergeBoth(path, { base: base ?? {}, mine, theirs }, find), lineId: theirs.lineId };
  const left = mine ?? theirs;
  if (!left || !base) return left;
  // One side removed it. What the other did to it meanwhile is not thrown away.
  if (isUntouched(f, base, left)) return undefined;
  find(clashAt(path, three));
  return left;
}

/**
 * Ids in the order of the stored list, those of mine behind them; when only mine brought the rows into another order, the
 * other way round.
 */
function ordered(surviving: ReadonlySet<string>, { base, mine, theirs }: Three<readonly string[]>): string[] {
  const known = new Set(base);
  const moved = (ids: readonly string[]): boolean => {
    const common = new Set(ids.filter((id) => surviving.has(id) && known.has(id)));
    return !same(
      [...common],
      base.filter((id) => common.has(id)),
    );
  };
  const [first, second] = moved(mine) && !moved(theirs) ? [mine, theirs] : [theirs, mine];
  return [...new Set([...first, ...second])].filter((id) => surviving.has(id));
}

type MergeBoth = (path: string, row: Three<Values>, find: FindClash) => Record<string, unknown>;

/** Undefined where the lists cannot be merged row by row: one of them is no list of rows, or there would be too many. */
export function mergeLines(
  f: Field,
  path: string,
  lists: Three<unknown>,
  find: FindClash,
  mergeBoth: MergeBoth,
): { readonly value: unknown } | undefined {
  const [base, mine, theirs] = [rowsById(lists.base), rowsById(lists.mine), rowsById(lists.theirs)];
  if (!base || !mine || !theirs) return undefined;
  const rows = new Map<string, Values>();
  const clashes: Parameters<FindClash>[0][] = [];
  for (const id of new Set([...theirs.keys(), ...mine.keys()])) {
    const row = { base: base.get(id), mine: mine.get(id), theirs: theirs.get(id) };
    const merged = mergeRow(f, `${path}.${id}`, row, (clash) => clashes.push(clash), mergeBoth);
    if (merged) rows.set(id, merged);
  }
  if (rows.size > (f.max ?? 500) || (rows.size === 0 && f.required)) return undefined;
  clashes.forEach(find);
  const order = ordered(new Set(rows.keys()), { base: [...base.keys()], mine: [...mine.keys()], theirs: [...theirs.keys()] });
  const value = order.map((id) => rows.get(id));
  return { value: value.length === 0 && !f.present ? undefined : value };
}
