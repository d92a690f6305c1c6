/** The slots of a plan, in the order of the query. */
import type { CollectionState } from './collection-state.ts';
import type { Column } from './columns.ts';
import type { Plan, Run, SortField, Stretch } from './plan.ts';
import type { SortedIndex } from './sorted-index.ts';

/** Calls `take` with each slot of a stretch in order until it answers false. */
function walkRuns(index: SortedIndex, { from, to }: Stretch, runs: readonly Run[], take: (slot: number) => boolean): boolean {
  const [run, ...rest] = runs;
  if (!run || rest.length === 0) {
    if (run?.descending) {
      for (let position = to - 1; position >= from; position -= 1) if (!take(index.at(position))) return false;
    } else {
      for (let position = from; position < to; position += 1) if (!take(index.at(position))) return false;
    }
    return true;
  }
  // The direction changes within what agrees so far: group by group, each walked its own way.
  if (run.descending) {
    for (let end = to; end > from; ) {
      const start = index.startOfGroup(run.depth, from, end);
      if (!walkRuns(index, { from: start, to: end }, rest, take)) return false;
      end = start;
    }
    return true;
  }
  for (let start = from; start < to; ) {
    const end = index.endOfGroup(run.depth, start, to);
    if (!walkRuns(index, { from: start, to: end }, rest, take)) return false;
    start = end;
  }
  return true;
}

/** The first `most` slots of a plan that comes in order. */
function inOrder({ index, stretches, accepts }: Plan, runs: readonly Run[], most: number): number[] {
  const slots: number[] = [];
  if (!index || most <= 0) return slots;
  const take = (slot: number): boolean => {
    if (!accepts || accepts(slot)) slots.push(slot);
    return slots.length < most;
  };
  const backwards = runs[0]?.descending === true;
  for (const stretch of backwards ? [...stretches].reverse() : stretches) if (!walkRuns(index, stretch, runs, take)) break;
  return slots;
}

/** All slots of a plan, in no order that means anything. */
function unordered({ index, stretches, accepts }: Plan, state: CollectionState): number[] {
  if (!index) {
    const slots = state.allSlots();
    return accepts ? slots.filter(accepts) : slots;
  }
  const slots: number[] = [];
  for (const { from, to } of stretches) {
    for (let position = from; position < to; position += 1) {
      const slot = index.at(position);
      if (!accepts || accepts(slot)) slots.push(slot);
    }
  }
  return slots;
}

/** Compares slots by columns; undefined when a field of the sort has none. */
function comparator(state: CollectionState, sort: readonly SortField[]): ((a: number, b: number) => number) | undefined {
  const parts: (readonly [Column, boolean])[] = [];
  for (const { field, descending } of sort) {
    const column = state.columnOf(field);
    if (!column || column.irregular) return undefined;
    parts.push([column, descending]);
  }
  return (a, b) => {
    for (const [column, descending] of parts) {
      const answer = column.compare(a, b);
      if (answer !== 0) return descending ? -answer : answer;
    }
    return 0;
  };
}

/** The first `most` in order, without sorting the rest: a heap whose top is the last of those kept. */
export function smallest(items: readonly number[], most: number, compare: (a: number, b: number) => number): number[] {
  if (most >= items.length / 8) return [...items].sort(compare).slice(0, most);
  const heap: number[] = [];
  const at = (i: number): number => heap[i] ?? 0;
  const sink = (start: number): void => {
    for (let i = start; ; ) {
      let last = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && compare(at(child), at(last)) > 0) last = child;
      if (last === i) return;
      [heap[i], heap[last]] = [at(last), at(i)];
      i = last;
    }
  };
  for (const item of items) {
    if (heap.length < most) {
      heap.push(item);
      if (heap.length === most) for (let i = most >>> 1; i >= 0; i -= 1) sink(i);
    } else if (most > 0 && compare(item, at(0)) < 0) {
      heap[0] = item;
      sink(0);
    }
  }
  return heap.sort(compare);
}

export interface Walked {
  readonly slots: readonly number[];
  /** They are in the order of the query. */
  readonly ordered: boolean;
}

/** The slots that may be answers, at most `most` of them where the columns decide everything. */
export function walkPlan(state: CollectionState, plan: Plan, most: number): Walked {
  const enough = plan.mustMatch ? Number.POSITIVE_INFINITY : most;
  if (plan.runs) return { slots: inOrder(plan, plan.runs, enough), ordered: true };
  const slots = unordered(plan, state);
  const compare = comparator(state, plan.sort);
  if (!compare) return { slots, ordered: false };
  return { slots: smallest(slots, enough, compare), ordered: true };
}
