/**
 * How a query is answered: which index, which stretches of it, what has to be checked besides, and whether it comes in the
 * asked order. The sizes of all stretches are known exactly (two binary searches each), so the plan is chosen by counting,
 * not by guessing.
 *
 * The answer is always the one of a full scan with RxDB's own matcher and sort comparator; conditions that the columns
 * cannot decide are left to the matcher.
 */
import type { FilledMangoQuery } from 'rxdb';
import type { CollectionState } from './collection-state.ts';
import type { Column } from './columns.ts';
import type { SortedIndex } from './sorted-index.ts';

type Value = string | number;
export type Query = FilledMangoQuery<Record<string, unknown>>;

/** One simple condition on one column. */
interface Condition {
  readonly column: Column;
  readonly op: '$eq' | '$ne' | '$in' | '$nin' | '$gt' | '$gte' | '$lt' | '$lte' | '$regex';
  readonly value: Value;
  readonly values: readonly Value[];
  readonly pattern?: RegExp;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}
export interface SortField {
  readonly field: string;
  readonly descending: boolean;
}
/** Sort fields of one direction, as a number of leading columns of the index. */
export interface Run {
  readonly depth: number;
  readonly descending: boolean;
}

export interface Plan {
  /** Undefined: all slots in no order. */
  readonly index: SortedIndex | undefined;
  /** In the order of the index. */
  readonly stretches: readonly Stretch[];
  /** Documents in all stretches. */
  readonly size: number;
  /** What a slot of a stretch has to pass, besides. */
  readonly accepts: ((slot: number) => boolean) | undefined;
  /** The columns do not decide it: the matcher has to look at the document. */
  readonly mustMatch: boolean;
  /** How to walk the stretches so that the answers come in order; undefined when they have to be sorted. */
  readonly runs: readonly Run[] | undefined;
  readonly sort: readonly SortField[];
}

/** Prefixes that `$in` may fan out to; more are left to the filter. */
const MOST_PREFIXES = 1024;

function valueFor(column: Column, value: unknown): Value | undefined {
  if (column.kind === 'text') return typeof value === 'string' ? value : undefined;
  if (column.kind === 'flag') return typeof value === 'boolean' ? Number(value) : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

const single = new Set(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte']);
const several = new Set(['$in', '$nin']);

function patternOf(column: Column, operand: unknown, options: unknown): RegExp | undefined {
  if (column.kind !== 'text') return undefined;
  if (operand instanceof RegExp) return operand.global || operand.sticky ? undefined : operand;
  if (typeof operand !== 'string' || (options !== undefined && typeof options !== 'string')) return undefined;
  try {
    return new RegExp(operand, options?.replace(/[^imsu]/gu, ''));
  } catch {
    return undefined;
  }
}

/** The condition, or undefined when only the matcher can decide it. */
function conditionOf(column: Column, op: string, operand: unknown, all: Readonly<Record<string, unknown>>): Condition | undefined {
  if (column.irregular) return undefined;
  if (single.has(op)) {
    const value = valueFor(column, operand);
    return value === undefined ? undefined : { column, op: op as Condition['op'], value, values: [] };
  }
  if (several.has(op) && Array.isArray(operand)) {
    const values: Value[] = [];
    for (const one of operand as unknown[]) {
      const value = valueFor(column, one);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return { column, op: op as Condition['op'], value: 0, values };
  }
  if (op !== '$regex') return undefined;
  const pattern = patternOf(column, operand, all['$options']);
  return pattern && { column, op, value: 0, values: [], pattern };
}

/** The text that a list has to hold by this matcher, whatever else it says. */
function itemOf(matcher: unknown): string | undefined {
  const { $elemMatch: own } = matcher as { readonly $elemMatch?: unknown };
  const item = typeof own === 'object' && own !== null && '$eq' in own ? own.$eq : undefined;
  return typeof item === 'string' ? item : undefined;
}

interface Conditions {
  readonly simple: readonly Condition[];
  /** Of lists: what every answer passes; the matcher looks at those that do. */
  readonly holds: readonly ((slot: number) => boolean)[];
  readonly mustMatch: boolean;
}

function conditionsOf(state: CollectionState, selector: Readonly<Record<string, unknown>>): Conditions {
  const simple: Condition[] = [];
  const holds: ((slot: number) => boolean)[] = [];
  let mustMatch = false;
  const read = (part: Readonly<Record<string, unknown>>): void => {
    for (const [field, matcher] of Object.entries(part)) {
      if (field === '$and' && Array.isArray(matcher)) {
        for (const one of matcher as Readonly<Record<string, unknown>>[]) read(one);
        continue;
      }
      const column = state.columnOf(field);
      if (!column || typeof matcher !== 'object' || matcher === null) {
        const list = state.learned.list(field);
        const item = list?.irregular === false && typeof matcher === 'object' && matcher !== null ? itemOf(matcher) : undefined;
        if (list && item !== undefined) holds.push((slot) => list.has(slot, item));
        mustMatch = true;
        continue;
      }
      const operators = matcher as Readonly<Record<string, unknown>>;
      for (const [op, operand] of Object.entries(operators)) {
        if (op === '$options') continue;
        const condition = conditionOf(column, op, operand, operators);
        if (condition) simple.push(condition);
        // A pattern narrows down, but what it means exactly is the matcher's.
        if (!condition || op === '$regex') mustMatch = true;
      }
    }
  };
  read(selector);
  return { simple, holds, mustMatch };
}

/** A missing value fits none but the negations, as in the matcher. */
function tester({ column, op, value, values, pattern }: Condition): (slot: number) => boolean {
  const { compareTo } = column;
  const present = (slot: number): boolean => column.pack(slot) !== null;
  switch (op) {
    case '$eq':
      return (slot) => compareTo(slot, value) === 0;
    case '$ne':
      return (slot) => compareTo(slot, value) !== 0;
    case '$gt':
      return (slot) => compareTo(slot, value) > 0;
    case '$gte':
      return (slot) => compareTo(slot, value) >= 0;
    case '$lt':
      return (slot) => compareTo(slot, value) < 0 && present(slot);
    case '$lte':
      return (slot) => compareTo(slot, value) <= 0 && present(slot);
    case '$in': {
      const set = new Set<unknown>(values);
      return (slot) => set.has(column.pack(slot));
    }
    case '$nin': {
      const set = new Set<unknown>(values);
      return (slot) => !set.has(column.pack(slot));
    }
    case '$regex':
      return (slot) => {
        const text = column.pack(slot);
        return typeof text === 'string' && pattern !== undefined && pattern.test(text);
      };
  }
}

const both = (tests: readonly ((slot: number) => boolean)[]): ((slot: number) => boolean) | undefined => {
  const [first, second] = tests;
  if (!first) return undefined;
  if (!second) return first;
  return (slot) => tests.every((test) => test(slot));
};

interface Stretches {
  readonly stretches: Stretch[];
  readonly size: number;
  readonly used: ReadonlySet<Condition>;
  /** Fields that have one value in all stretches. */
  readonly fixed: ReadonlySet<string>;
}

const LOWEST: Record<Column['kind'], Value> = { text: '', number: -Number.MAX_VALUE, flag: 0 };

function rangeOn(index: SortedIndex, prefix: readonly Value[], conditions: readonly Condition[], used: Set<Condition>): Stretch {
  let from = index.bound(prefix, false);
  let to = index.bound(prefix, true);
  const [first] = conditions;
  // Missing values lie below all others, and no range takes them in.
  if (first) from = index.bound([...prefix, LOWEST[first.column.kind]], false, from, to);
  for (const condition of conditions) {
    const { op, value } = condition;
    const at = [...prefix, value];
    if (op === '$gt' || op === '$gte') from = Math.max(from, index.bound(at, op === '$gt', from, to));
    else to = Math.min(to, index.bound(at, op === '$lte', from, to));
    used.add(condition);
  }
  return { from, to: Math.max(from, to) };
}

/** The stretches of an index that hold all answers: equal values first, fanned out for `$in`, then one range. */
function stretchesOf(index: SortedIndex, byColumn: ReadonlyMap<Column, readonly Condition[]>): Stretches {
  let prefixes: readonly (readonly Value[])[] = [[]];
  const used = new Set<Condition>();
  const fixed = new Set<string>();
  let ranges: readonly Condition[] = [];
  for (const column of index.columns) {
    const own = byColumn.get(column) ?? [];
    const equal = own.find(({ op }) => op === '$eq');
    const among = own.find(({ op, values }) => op === '$in' && values.length * prefixes.length <= MOST_PREFIXES);
    if (equal) {
      prefixes = prefixes.map((prefix) => [...prefix, equal.value]);
      used.add(equal);
      fixed.add(column.field);
    } else if (among) {
      const values = [...new Set(among.values)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      prefixes = prefixes.flatMap((prefix) => values.map((value) => [...prefix, value]));
      used.add(among);
    } else {
      ranges = own.filter(({ op }) => op === '$gt' || op === '$gte' || op === '$lt' || op === '$lte');
      break;
    }
  }
  const stretches = prefixes.map((prefix) => rangeOn(index, prefix, ranges, used)).filter(({ from, to }) => to > from);
  return { stretches, size: stretches.reduce((total, { from, to }) => total + to - from, 0), used, fixed };
}

/** How to walk the index to get this order, or undefined when it does not hold it. */
function runsOn(index: SortedIndex, fixed: ReadonlySet<string>, sort: readonly SortField[]): Run[] | undefined {
  const wanted = sort.filter(({ field }) => !fixed.has(field));
  const runs: Run[] = [];
  let next = 0;
  for (const [position, field] of index.fields.entries()) {
    if (next === wanted.length) break;
    if (fixed.has(field)) continue;
    const own = wanted[next];
    if (own?.field !== field) return undefined;
    next += 1;
    const last = runs.at(-1);
    const depth = position + 1;
    if (last && last.descending === own.descending) runs[runs.length - 1] = { ...last, depth };
    else runs.push({ depth, descending: own.descending });
  }
  return next === wanted.length ? runs : undefined;
}

export const sortOf = (query: Query): SortField[] =>
  query.sort.flatMap((part) => Object.entries(part).map(([field, direction]) => ({ field, descending: direction === 'desc' })));

/** What a document costs to look at, against a walk over a slot. */
const LOOK = 20;
/** What a slot costs to sort. */
const SORT = 4;

export function planQuery(state: CollectionState, query: Query): Plan {
  const { simple, holds, mustMatch } = conditionsOf(state, query.selector);
  const byColumn = new Map<Column, Condition[]>();
  for (const condition of simple) byColumn.set(condition.column, [...(byColumn.get(condition.column) ?? []), condition]);
  const sort = sortOf(query);
  const wanted = typeof query.limit === 'number' ? query.limit + query.skip : Number.POSITIVE_INFINITY;
  let best: { readonly plan: Plan; readonly cost: number } | undefined;
  for (const index of state.indexes) {
    if (index.columns.some(({ irregular }) => irregular)) continue;
    const { stretches, size, used, fixed } = stretchesOf(index, byColumn);
    const runs = runsOn(index, fixed, sort);
    const rest = simple.filter((condition) => !used.has(condition));
    const accepts = both([...rest.map(tester), ...holds]);
    const exact = !accepts && !mustMatch;
    const walked = runs ? (exact ? Math.min(size, wanted) : size) : size;
    const cost = stretches.length * 8 + walked * (mustMatch ? LOOK : 1) + (runs ? 0 : size * SORT);
    if (!best || cost < best.cost) best = { plan: { index, stretches, size, accepts, mustMatch, runs, sort }, cost };
  }
  if (best) return best.plan;
  const accepts = both([...simple.map(tester), ...holds]);
  return { index: undefined, stretches: [], size: state.size, accepts, mustMatch, runs: undefined, sort };
}
