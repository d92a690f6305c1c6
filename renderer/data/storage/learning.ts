/** Notices which fields queries ask for in vain, and reads their values when that is worth it (learned-columns.ts). */
import type { CollectionState } from './collection-state.ts';
import { documentsOf } from './documents.ts';
import type { Engine } from './engine.ts';
import type { Learned } from './learned-columns.ts';
import { type Query, sortOf } from './plan.ts';

/** Fields with conditions that a column can decide, and fields of the sort. */
function fieldsOf(query: Query): string[] {
  const fields = new Set(sortOf(query).map(({ field }) => field));
  const read = (part: Readonly<Record<string, unknown>>): void => {
    for (const [field, matcher] of Object.entries(part)) {
      if (field === '$and' && Array.isArray(matcher)) for (const one of matcher as Readonly<Record<string, unknown>>[]) read(one);
      else if (!field.startsWith('$')) fields.add(field);
    }
  };
  read(query.selector);
  return [...fields];
}

async function learn(engine: Engine, state: CollectionState, one: Learned): Promise<void> {
  const { learned } = state;
  for await (const documents of documentsOf(engine, state, state.allSlots())) {
    if (engine.isClosed || !learned.isWanted(one)) return learned.giveUp(one, engine.isClosed);
    for (const document of documents) {
      const slot = state.slotOf(String(document[state.primary]));
      // What was written since has been noted with the write.
      if (slot !== undefined && state.revOf(slot) === document._rev) learned.set(slot, document, one);
    }
  }
  one.ready = learned.isWanted(one);
}

export function learnFrom(engine: Engine, state: CollectionState, query: Query): void {
  const missing = fieldsOf(query).filter((field) => !state.columnOf(field));
  for (const one of state.learned.missed(missing, state.size)) {
    // One after another; what cannot be read just now is asked for again.
    engine.learning = engine.learning.then(() => learn(engine, state, one)).catch(() => state.learned.giveUp(one, true));
  }
}
