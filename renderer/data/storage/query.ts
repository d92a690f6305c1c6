/**
 * Answers queries from a collection's state. What is in memory is answered at once; where pages have to be read, the answer
 * is still that of the moment of the question, because the places of all candidates are noted before the first wait.
 */
import { getQueryMatcher, getSortComparator } from 'rxdb';
import type { CollectionState } from './collection-state.ts';
import { documentsOf } from './documents.ts';
import type { Engine } from './engine.ts';
import { learnFrom } from './learning.ts';
import { type Query, planQuery } from './plan.ts';
import type { StoredDoc } from './stored.ts';
import { walkPlan } from './walk.ts';

/** From so many answers on they are read as they lie on the disk: in another order each row of a page would be read again and again. */
const MANY = 2000;

async function manyInOrder(engine: Engine, state: CollectionState, slots: readonly number[]): Promise<StoredDoc[]> {
  const ids = slots.map((slot) => state.idOf(slot));
  const byId = new Map<string, StoredDoc>();
  for await (const documents of documentsOf(engine, state, state.asTheyLie(slots))) {
    for (const document of documents) byId.set(String(document[state.primary]), document);
  }
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The answer of a query, in its order, after skip and limit. */
export async function runQuery(engine: Engine, state: CollectionState, query: Query): Promise<StoredDoc[]> {
  const { skip } = query;
  const most = skip + (typeof query.limit === 'number' ? query.limit : Number.POSITIVE_INFINITY);
  learnFrom(engine, state, query);
  const plan = planQuery(state, query);
  const { slots, ordered } = walkPlan(state, plan, most);
  const matches = plan.mustMatch ? getQueryMatcher(state.schema, query) : undefined;
  const found: StoredDoc[] = [];
  const wanted = ordered && !matches ? slots.slice(skip) : slots;
  if (ordered && !matches && wanted.length >= MANY) return manyInOrder(engine, state, wanted);
  const enough = ordered && matches ? most : Number.POSITIVE_INFINITY;
  for await (const documents of documentsOf(engine, state, wanted)) {
    for (const document of documents) {
      if (found.length < enough && (!matches || matches(document as never))) found.push(document);
    }
    if (found.length >= enough) break;
  }
  if (ordered) return matches ? found.slice(skip) : found;
  const compare = getSortComparator(state.schema, query);
  return found.sort((a, b) => compare(a, b)).slice(skip, most);
}

/** How many the query would answer. */
export async function countQuery(engine: Engine, state: CollectionState, query: Query): Promise<number> {
  const { limit: most = Number.POSITIVE_INFINITY, ...unlimited } = query;
  learnFrom(engine, state, { ...unlimited, sort: [] });
  const plan = planQuery(state, { ...unlimited, sort: [] });
  const bounded = (count: number): number => Math.max(0, Math.min(most, count - query.skip));
  if (!plan.mustMatch && !plan.accepts) return bounded(plan.size);
  const { slots } = walkPlan(state, plan, Number.POSITIVE_INFINITY);
  if (!plan.mustMatch) return bounded(slots.length);
  const matches = getQueryMatcher(state.schema, query);
  let count = 0;
  for await (const documents of documentsOf(engine, state, slots)) for (const one of documents) if (matches(one as never)) count += 1;
  return bounded(count);
}

/** Documents by id as they are now, in the order asked; ids that are not there are left out. */
export async function findById(engine: Engine, state: CollectionState, ids: readonly string[], withDeleted: boolean): Promise<StoredDoc[]> {
  const slots: number[] = [];
  for (const id of ids) {
    const slot = state.slotOf(id);
    if (slot !== undefined) slots.push(slot);
  }
  const found: StoredDoc[] = [];
  for await (const documents of documentsOf(engine, state, slots)) {
    for (const document of documents) if (withDeleted || !document._deleted) found.push(document);
  }
  return found;
}
