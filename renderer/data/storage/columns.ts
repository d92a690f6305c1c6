/**
 * The indexed values of a collection, one column a field, addressed by slot. Every index, filter and sort works on columns,
 * so a document is decoded only when it is an answer or when a condition asks for something that no index names.
 */

/** The schema says which; a value of another type makes the column `irregular` and keeps the planner away from it. */
export type ColumnKind = 'text' | 'number' | 'flag';

export interface Column {
  readonly field: string;
  readonly kind: ColumnKind;
  /** Holds a value that is neither of its kind nor missing. Never reset: rare, and only costs speed. */
  irregular: boolean;
  set(slot: number, value: unknown): void;
  /** Would `set` change what `compare` answers? */
  differs(slot: number, value: unknown): boolean;
  /** Order of two slots; a missing value comes first, as in the sort comparator of RxDB. */
  compare(a: number, b: number): number;
  /** Order of a slot against a value of this kind. */
  compareTo(slot: number, value: string | number): number;
  /** What goes to disk: null for missing. Flags are 0 and 1. */
  pack(slot: number): string | number | null;
}

/** A field that holds a list of texts: which of them, not in what order. */
export interface ListColumn {
  readonly field: string;
  /** Holds something that is neither a list of texts nor missing. Never reset, as above. */
  irregular: boolean;
  set(slot: number, value: unknown): void;
  has(slot: number, text: string): boolean;
}

/** Below this number of different texts a column keeps one copy of each: choices such as a status cost a pointer. */
const MOST_INTERNED = 2048;

function makeIntern(): (value: string) => string {
  let known: Map<string, string> | undefined = new Map();
  return (value) => {
    if (known === undefined) return value;
    const found = known.get(value);
    if (found !== undefined) return found;
    if (known.size >= MOST_INTERNED) known = undefined;
    else known.set(value, value);
    return value;
  };
}

export function makeListColumn(field: string): ListColumn {
  const values: (readonly string[] | undefined)[] = [];
  const intern = makeIntern();
  const column: ListColumn = {
    field,
    irregular: false,
    set(slot, value) {
      const items: readonly unknown[] = Array.isArray(value) ? value : [];
      const texts = items.filter((item) => typeof item === 'string');
      values[slot] = texts.length === 0 ? undefined : texts.map(intern);
      const isMissing = value === undefined || value === null;
      if (!isMissing && (!Array.isArray(value) || texts.length < items.length)) column.irregular = true;
    },
    has: (slot, text) => values[slot]?.includes(text) === true,
  };
  return column;
}

function textColumn(field: string): Column {
  const values: (string | undefined)[] = [];
  const intern = makeIntern();
  const column: Column = {
    field,
    kind: 'text',
    irregular: false,
    set(slot, value) {
      if (typeof value === 'string') values[slot] = intern(value);
      else {
        values[slot] = undefined;
        if (value !== undefined && value !== null) column.irregular = true;
      }
    },
    differs: (slot, value) => values[slot] !== (typeof value === 'string' ? value : undefined),
    compare(a, b) {
      const left = values[a];
      const right = values[b];
      if (left === right) return 0;
      if (left === undefined) return -1;
      if (right === undefined) return 1;
      return left < right ? -1 : 1;
    },
    compareTo(slot, value) {
      const own = values[slot];
      if (own === undefined) return -1;
      return own === value ? 0 : own < (value as string) ? -1 : 1;
    },
    pack: (slot) => values[slot] ?? null,
  };
  return column;
}

const MISSING = Number.NEGATIVE_INFINITY;

function numberColumn(field: string, kind: 'number' | 'flag'): Column {
  let values = new Float64Array(256).fill(MISSING);
  const read = (value: unknown): number => {
    if (typeof value === 'number' && kind === 'number' && Number.isFinite(value)) return value;
    if (typeof value === 'boolean' && kind === 'flag') return value ? 1 : 0;
    return MISSING;
  };
  const column: Column = {
    field,
    kind,
    irregular: false,
    set(slot, value) {
      if (slot >= values.length) {
        const grown = new Float64Array(Math.max(slot + 1, values.length * 2)).fill(MISSING);
        grown.set(values);
        values = grown;
      }
      const own = read(value);
      values[slot] = own;
      if (own === MISSING && value !== undefined && value !== null) column.irregular = true;
    },
    differs: (slot, value) => (values[slot] ?? MISSING) !== read(value),
    compare(a, b) {
      const left = values[a] ?? MISSING;
      const right = values[b] ?? MISSING;
      return left === right ? 0 : left < right ? -1 : 1;
    },
    compareTo(slot, value) {
      const own = values[slot] ?? MISSING;
      return own === value ? 0 : own < (value as number) ? -1 : 1;
    },
    pack(slot) {
      const own = values[slot] ?? MISSING;
      return own === MISSING ? null : own;
    },
  };
  return column;
}

export const makeColumn = (field: string, kind: ColumnKind): Column => (kind === 'text' ? textColumn(field) : numberColumn(field, kind));

/** What `pack` wrote, as `set` takes it. */
export const unpack = (kind: ColumnKind, packed: unknown): unknown =>
  packed === null ? undefined : kind === 'flag' && typeof packed === 'number' ? packed === 1 : packed;
