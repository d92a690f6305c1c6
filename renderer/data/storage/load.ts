/**
 * Opens one collection: the heads of its pages, their sorted orders, then what the log did since. In slices, and without
 * reading a body unless a head is damaged or older than the indexes of the schema.
 */
import type { CollectionState } from './collection-state.ts';
import { indexName } from './collection-state.ts';
import { openFrame } from './frame.ts';
import type { ManifestCollection } from './manifest.ts';
import { decodeOrders } from './order-page.ts';
import { makePace } from './pace.ts';
import { type PageHead, documentsIn, fits, rowsOf } from './page.ts';
import { type PageStore, type Read, readHeads, readRows } from './page-store.ts';
import type { Pending } from './recovery.ts';
import type { Segment } from './segment.ts';
import type { StoredDoc } from './stored.ts';

/** Heads read in one request: some 2 MB. */
const HEADS = 32;
/** Slots sorted into an index at once. */
const SORTED = 4000;
/** Documents of the log taken over at once. */
const REPLAYED = 250;

/** Stands in a head for a document whose row is lost. */
const NOTHING: StoredDoc = { _deleted: true, _rev: '', _meta: { lwt: 0 } };

interface Found {
  readonly head: PageHead;
  /** Positions whose rows are lost. */
  readonly lost: readonly number[];
}

/** The head of a page, made again from the rows of its body that can be read; undefined when none can. The others are told. */
async function remadeHead(
  state: CollectionState,
  pages: PageStore,
  no: number,
  rows: number,
  read: Read<PageHead> | undefined,
): Promise<Found | undefined> {
  const about = { collection: state.name, version: state.version };
  const documents: StoredDoc[] = [];
  const lengths: number[] = [];
  const counts: number[] = [];
  const lost: number[] = [];
  const known = read?.ok ? read.value : undefined;
  /** What a lost row leaves is a gap: how wide it is says the head, or else the next row that can be read. */
  const gap = (row: number, upTo: number): void => {
    for (let position = lengths.length; position < upTo; position += 1) {
      lost.push(position);
      lengths.push(known?.lengths[position] ?? 0);
      documents.push(NOTHING);
      counts[row] = (counts[row] ?? 0) + 1;
    }
  };
  for (const [row, found] of (await readRows(pages, rowsOf(no, rows))).entries()) {
    counts.push(0);
    if (!found.ok) {
      const before = lengths.length;
      gap(row, before + (known?.counts[row] ?? 0));
      const ids = known?.ids.slice(before, lengths.length) ?? [];
      pages.onDamage({ kind: 'body_page', position: no + row, ...about, ids, healed: false, reason: found.reason });
      continue;
    }
    gap(row - 1, found.value.first);
    documents.push(...documentsIn(found.value.text, 0, found.value.lengths));
    lengths.push(...found.value.lengths);
    counts[row] = found.value.lengths.length;
  }
  if (lost.length === lengths.length) return undefined;
  if (!known)
    pages.onDamage({
      kind: 'head_page',
      position: no,
      ...about,
      ids: [],
      healed: true,
      reason: read?.ok === false ? read.reason : 'missing',
    });
  return { head: state.headOf(documents, { lengths, counts }), lost };
}

/** Takes over a page by its head as it was written, or made again. Answers the slots that are in no index yet. */
async function takePage(
  state: CollectionState,
  pages: PageStore,
  read: Read<PageHead> | undefined,
  { no, rows, dead = [], since }: { readonly no: number; readonly rows: number; readonly dead?: readonly number[]; readonly since: number },
): Promise<number[]> {
  if (read?.ok && fits(read.value, [...state.columns.values()])) return state.addHead(no, read.value, new Set(dead), since);
  const made = await remadeHead(state, pages, no, rows, read);
  return made ? state.addHead(no, made.head, new Set([...dead, ...made.lost]), since) : [];
}

async function loadPages(state: CollectionState, pages: PageStore, listed: ManifestCollection): Promise<void> {
  const breathe = makePace();
  for (let start = 0; start < listed.pages.length; start += HEADS) {
    const part = listed.pages.slice(start, start + HEADS);
    const heads = await readHeads(
      pages,
      part.map(({ no }) => no),
    );
    for (const [i, page] of part.entries()) {
      await takePage(state, pages, heads[i], { ...page, since: 0 });
      await breathe();
    }
  }
}

async function sortAll(state: CollectionState): Promise<void> {
  const slots = state.allSlots();
  const breathe = makePace();
  for (const index of state.indexes) {
    for (let start = 0; start < slots.length; start += SORTED) {
      index.insert(slots.slice(start, start + SORTED));
      await breathe();
    }
  }
}

async function loadOrders(state: CollectionState, pages: PageStore, listed: ManifestCollection): Promise<void> {
  if (listed.order === 0) return sortAll(state);
  const opened = await openFrame(
    { kind: 'order', position: listed.order, store: pages.store },
    await pages.disk.readOrder(listed.order),
    pages.key,
    pages.mixed,
  );
  if (!opened.ok) {
    const about = { position: listed.order, collection: state.name, version: state.version };
    pages.onDamage({ kind: 'order_page', ...about, ids: [], healed: true, reason: opened.reason });
    return sortAll(state);
  }
  const { count, byIndex } = decodeOrders(opened.payload);
  // Fewer documents than were sorted: a page was lost. Another set of indexes: the schema was changed.
  if (count !== state.size || state.indexes.some(({ fields }) => !byIndex.has(indexName(fields)))) return sortAll(state);
  for (const index of state.indexes) index.adopt(byIndex.get(indexName(index.fields)) ?? new Uint32Array());
}

async function replayPut(state: CollectionState, segment: Segment, from: number, lengths: readonly number[]): Promise<void> {
  const breathe = makePace();
  let at = from;
  for (let start = 0; start < lengths.length; start += REPLAYED) {
    const part = lengths.slice(start, start + REPLAYED);
    const documents = documentsIn(segment.text ?? '', at, part);
    state.put(
      documents.map((document, i) => {
        const length = part[i] ?? 0;
        const place = { segment, from: at, length };
        at += length;
        return { document, place, position: -1 };
      }),
    );
    await breathe();
  }
}

/** Fills a state that nothing reads yet. */
export async function loadCollection(
  state: CollectionState,
  pages: PageStore,
  listed: ManifestCollection | undefined,
  pending: readonly Pending[],
): Promise<void> {
  if (listed) {
    await loadPages(state, pages, listed);
    await loadOrders(state, pages, listed);
  }
  const breathe = makePace();
  for (const step of pending) {
    if (step.kind === 'put') await replayPut(state, step.segment, step.from, step.lengths);
    else if (step.kind === 'purge') state.purge(step.ids);
    else {
      const [read] = await readHeads(pages, [step.page]);
      state.insertIntoIndexes(await takePage(state, pages, read, { no: step.page, rows: step.rows, since: step.since }));
    }
    await breathe();
  }
}
