/**
 * Compaction: moves the documents of the log, and those of pages that are mostly garbage, into new pages; then switches to a
 * manifest that names them and drops the log up to there, in one transaction. Writes and queries go on meanwhile; only the
 * switch holds writes up, and nothing on the thread for longer than a slice.
 *
 * A crash before the switch leaves pages that nothing names, which the next opening removes; one after it, pages and rows
 * that are named no more, which it removes as well.
 */
import { type CollectionState, type HeldPage, indexName } from './collection-state.ts';
import type { CommitLane } from './commit-lane.ts';
import type { PageRows } from './disk.ts';
import { StorageFault } from './fault.ts';
import { sealFrame } from './frame.ts';
import { decodeDocument } from './log.ts';
import { type Manifest, type ManifestCollection, type ManifestPage, encodeManifest } from './manifest.ts';
import { encodeOrders } from './order-page.ts';
import { makePace } from './pace.ts';
import { cutPages, encodeBody, rowsOf } from './page.ts';
import { type PageStore, sealPage } from './page-store.ts';
import { type Place, type Segment, placesIn, segmentsOf } from './segment.ts';

/** A page is written anew when less than this part of its documents is alive. */
const WORTH_KEEPING = 0.5;
/** Such pages a run; the next run takes more. */
const MOST_REWRITTEN = 16;
/** Pages a transaction. */
const PAGES_AT_ONCE = 4;

/** A document as it lay when the run began. */
interface Taken {
  readonly slot: number;
  readonly id: string;
  readonly place: Place;
}
interface NewPage {
  readonly no: number;
  readonly documents: readonly Taken[];
  readonly lengths: readonly number[];
  /** Documents in each row of its body. */
  readonly counts: readonly number[];
}
interface Taking {
  readonly state: CollectionState;
  readonly documents: readonly Taken[];
  /** Pages that are empty once these documents have moved. */
  readonly rewritten: readonly HeldPage[];
}
interface Moving extends Taking {
  readonly pages: NewPage[];
}

export interface CompactionRun {
  readonly pages: PageStore;
  readonly lane: CommitLane;
  readonly manifest: Manifest;
  /** Nothing but the log before this run may be plain in a store that is being encrypted: the new manifest accepts it no more. */
  readonly sealed: boolean;
  /**
   * The loaded collections, asked for at the moment from which on the log stays. What is not among them then has nothing in
   * the log before, and its part of the manifest stays as it is.
   */
  readonly states: () => readonly CollectionState[];
  /** Numbers of collections that were dropped. */
  readonly dropped: ReadonlySet<number>;
  /** Reads segments; what cannot be read is told and missing in the answer. */
  readonly texts: (state: CollectionState, segments: Iterable<Segment>) => Promise<ReadonlyMap<Segment, string>>;
  /** Numbers of the pages that were written: garbage, should the run fail. */
  readonly written: number[];
}
export interface Compacted {
  readonly manifest: Manifest;
  /** Pages that nothing names any more; they can go as soon as nobody reads them. */
  readonly garbage: readonly number[];
}

/** What is taken up by a run that covers the rows of the log before `logFrom`. Nothing is written while this looks. */
function take(state: CollectionState, logFrom: number): Taking {
  const rewritten = [...state.pages.values()]
    .filter((page) => page.since < logFrom && page.live > 0 && page.live < page.slots.length * WORTH_KEEPING && !state.hasLost(page))
    .slice(0, MOST_REWRITTEN);
  const slots = [...rewritten.flatMap((page) => [...page.slots].filter((slot) => slot >= 0)), ...state.loggedSlots()];
  const documents = slots.flatMap((slot) => {
    const place = state.placeOf(slot);
    return place ? [{ slot, id: state.idOf(slot), place }] : [];
  });
  return { state, documents, rewritten };
}

const isCurrent = (state: CollectionState, { slot, id, place }: Taken): boolean => state.slotOf(id) === slot && state.liesAt(slot, place);

async function writeOne(
  { pages, lane, texts, written }: CompactionRun,
  state: CollectionState,
  documents: readonly Taken[],
): Promise<[NewPage, PageRows]> {
  const read = await texts(
    state,
    documents.map(({ place }) => place.segment),
  );
  const parts = documents.map(({ place }) => {
    const text = read.get(place.segment);
    // Its page is known as damaged from here on, and the next run leaves it alone.
    if (text === undefined) throw new StorageFault('read_failed', `Page ${place.segment.page} of ${state.name} cannot be read.`);
    return text.slice(place.from, place.from + place.length);
  });
  const lengths = documents.map(({ place }) => place.length);
  const [counts = []] = cutPages(lengths, { pageChars: Infinity, rowChars: pages.rowChars });
  const no = lane.takePage(counts.length);
  const owner = state.ownerAs(state.number);
  const head = state.headOf(
    parts.map((part) => decodeDocument(part, 0, part.length)),
    { lengths, counts },
  );
  written.push(...rowsOf(no, counts.length));
  return [{ no, documents, lengths, counts }, await sealPage(pages, no, owner, head, encodeBody(owner, head, parts))];
}

async function writePages(run: CompactionRun, { state, documents, rewritten }: Taking): Promise<Moving> {
  const { disk } = run.pages;
  const breathe = makePace();
  const written: NewPage[] = [];
  let rows: PageRows[] = [];
  const flush = async (): Promise<void> => {
    if (rows.length > 0) await disk.writePages(rows);
    rows = [];
  };
  const lengths = documents.map(({ place }) => place.length);
  let end = 0;
  for (const rowsOfPage of cutPages(lengths, run.pages)) {
    const start = end;
    for (const count of rowsOfPage) end += count;
    // What was written again meanwhile lies in the log behind this run.
    const current = documents.slice(start, end).filter((one) => isCurrent(state, one));
    if (current.length > 0) {
      const [page, row] = await writeOne(run, state, current);
      written.push(page);
      rows.push(row);
    }
    if (rows.length >= PAGES_AT_ONCE) await flush();
    await breathe();
  }
  await flush();
  return { state, documents, rewritten, pages: written };
}

const pageOf = (state: CollectionState, page: HeldPage): ManifestPage => ({
  no: page.no,
  rows: page.segments.length,
  count: page.slots.length,
  chars: page.chars,
  dead: state.deadIn(page),
});

interface Switched {
  readonly entry: ManifestCollection;
  readonly order: { readonly no: number; readonly bytes: Uint8Array<ArrayBuffer> };
  readonly garbage: readonly number[];
}

/** The part of the new manifest, and the sorted orders that go with it. Memory is not changed. */
async function switchOf({ pages, lane, manifest, written }: CompactionRun, moving: Moving, logFrom: number): Promise<Switched> {
  const { state } = moving;
  const breathe = makePace();
  const before = manifest.collections.find(({ number }) => number === state.number);
  const gone = new Set(moving.rewritten.filter((page) => !state.hasLost(page)));
  const held = [...state.pages.values()].filter((page) => page.since < logFrom);
  const kept = held.filter((page) => page.live > 0 && !gone.has(page));
  // Ranks count the live positions of the manifest's pages in order: the slots of a later opening.
  const ranks = new Int32Array(state.slotRange).fill(-1);
  let rank = 0;
  for (const page of kept) {
    for (const slot of page.slots) {
      if (slot >= 0) ranks[slot] = rank;
      if (state.isListed(slot)) rank += 1;
    }
    await breathe();
  }
  const made = moving.pages.map((page): ManifestPage => {
    const dead: number[] = [];
    for (const [position, taken] of page.documents.entries()) {
      if (isCurrent(state, taken)) {
        ranks[taken.slot] = rank;
        rank += 1;
      } else dead.push(position);
    }
    const chars = page.lengths.reduce((sum, length) => sum + length, 0);
    return { no: page.no, rows: page.counts.length, count: page.documents.length, chars, dead };
  });
  const byIndex = new Map<string, Uint32Array<ArrayBuffer>>();
  for (const index of state.indexes) {
    const order = new Uint32Array(rank);
    let next = 0;
    for (let position = 0; position < index.length; position += 1) {
      const own = ranks[index.at(position)] ?? -1;
      if (own < 0) continue;
      order[next] = own;
      next += 1;
    }
    byIndex.set(indexName(index.fields), order);
    await breathe();
  }
  const order = lane.takePage();
  written.push(order);
  const bytes = await sealFrame({ kind: 'order', position: order, store: pages.store }, encodeOrders({ count: rank, byIndex }), pages.key);
  const { number, name, version, primary } = state;
  return {
    entry: { number, name, version, primary, order, pages: [...kept.map((page) => pageOf(state, page)), ...made] },
    order: { no: order, bytes },
    garbage: [
      ...held.filter((page) => !kept.includes(page)).flatMap(({ no, segments }) => rowsOf(no, segments.length)),
      ...(before && before.order > 0 ? [before.order] : []),
    ],
  };
}

function settle(moving: Moving, garbage: readonly number[]): void {
  const { state } = moving;
  for (const page of moving.pages) {
    const current = page.documents.map((taken) => isCurrent(state, taken));
    const segments = segmentsOf(page.no, page.counts.length);
    state.addPage(segments, page.lengths, 0);
    for (const [position, place] of placesIn(segments, page).entries()) {
      const taken = page.documents[position];
      if (taken && current[position] === true) state.move(taken.slot, place, position);
    }
  }
  for (const no of garbage) state.pages.delete(no);
}

/** Both copies of a manifest. */
export async function sealManifest(
  manifest: Manifest,
  key: CryptoKey | undefined,
): Promise<readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]> {
  const text = encodeManifest(manifest);
  const seal = (position: number): Promise<Uint8Array<ArrayBuffer>> =>
    sealFrame({ kind: 'manifest', position, store: manifest.store }, text, key);
  return [await seal(1), await seal(2)];
}

/** One run. Throws StorageFault; the old manifest and the whole log are then as they were. */
export async function compact(run: CompactionRun): Promise<Compacted> {
  const { pages, lane, manifest } = run;
  const began = await lane.between(async () => {
    const logFrom = lane.numbers.nextSequence;
    lane.startAnew();
    const taken = run
      .states()
      .filter(({ number, removed, unsettled }) => number > 0 && !removed && unsettled)
      .map((state) => take(state, logFrom));
    return { logFrom, taken, logChars: lane.logChars, unsorted: lane.unsorted };
  });
  const moving: Moving[] = [];
  for (const taking of began.taken) moving.push(await writePages(run, taking));
  return lane.between(async () => {
    const alive = moving.filter(({ state }) => !state.removed);
    const switched: Switched[] = [];
    for (const one of alive) switched.push(await switchOf(run, one, began.logFrom));
    const mine = new Set(switched.map(({ entry }) => entry.number));
    const untouched = manifest.collections.filter(({ number }) => !mine.has(number) && !run.dropped.has(number));
    const { mixed, ...rest } = manifest;
    const next: Manifest = {
      ...rest,
      ...(mixed && !run.sealed ? { mixed } : {}),
      generation: manifest.generation + 1,
      logFrom: began.logFrom,
      nextPage: lane.numbers.nextPage,
      nextCollection: lane.numbers.nextCollection,
      collections: [...untouched, ...switched.map(({ entry }) => entry)],
    };
    const removed = moving
      .filter(({ state }) => state.removed)
      .flatMap((one) => one.pages.flatMap((page) => rowsOf(page.no, page.counts.length)));
    const garbage = [...switched.flatMap((one) => one.garbage), ...removed];
    await pages.disk.switchTo({
      manifest: await sealManifest(next, pages.key),
      orders: switched.map(({ order }) => order),
      logFrom: began.logFrom,
    });
    lane.nowNamed(next);
    for (const [i, one] of alive.entries()) settle(one, switched[i]?.garbage ?? []);
    for (const { state } of alive) state.settled(began.logFrom);
    lane.logChars -= began.logChars;
    lane.unsorted -= began.unsorted;
    return { manifest: next, garbage };
  });
}
