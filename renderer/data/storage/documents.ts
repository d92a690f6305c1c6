/** Fetches documents by slot. What is in memory is answered at once; pages are read where they have to be, as they were at the call. */
import type { CollectionState } from './collection-state.ts';
import type { Engine } from './engine.ts';
import { decodeDocument } from './log.ts';
import { makePace } from './pace.ts';
import type { Place } from './segment.ts';
import type { StoredDoc } from './stored.ts';

/** Documents fetched together; their pages are held meanwhile. */
const CHUNK = 512;

/** A document as it is now, or where it lies. */
type Candidate = StoredDoc | Place;
const isPlace = (candidate: Candidate): candidate is Place => 'segment' in candidate && 'from' in candidate && !('_rev' in candidate);

/** The documents of these slots as they are at the moment of the call, in order, some at a time. */
export async function* documentsOf(
  engine: Engine,
  state: CollectionState,
  slots: readonly number[],
): AsyncGenerator<StoredDoc[], void, undefined> {
  const first = slots.slice(0, CHUNK).map((slot) => state.documentAt(slot) ?? state.placeOf(slot));
  const later = slots.slice(CHUNK).map((slot) => state.decodedAt(slot) ?? state.placeOf(slot));
  engine.beginReading();
  try {
    yield await fetched(engine, state, first);
    for (let start = 0; start < later.length; start += CHUNK) yield await fetched(engine, state, later.slice(start, start + CHUNK));
  } finally {
    engine.endReading();
  }
}

async function fetched(engine: Engine, state: CollectionState, candidates: readonly (Candidate | undefined)[]): Promise<StoredDoc[]> {
  const places = candidates.filter((one) => one !== undefined && isPlace(one));
  const texts =
    places.length > 0
      ? await engine.texts(
          state,
          places.map(({ segment }) => segment),
        )
      : undefined;
  const breathe = makePace();
  const documents: StoredDoc[] = [];
  for (const one of candidates) {
    if (one === undefined) continue;
    if (!isPlace(one)) {
      documents.push(one);
      continue;
    }
    const text = texts?.get(one.segment);
    if (text !== undefined) documents.push(decodeDocument(text, one.from, one.length));
    const pause = breathe();
    if (pause) await pause;
  }
  return documents;
}
