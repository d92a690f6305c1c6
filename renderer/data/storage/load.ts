/**
 * Opens one collection: the heads of its pages, their sorted orders, then what the log did since. In slices, and without
 * reading a body unless a head is damaged or older than the indexes of the schema.
 */
import type { CollectionState } from './collection-state.ts';
import { indexName } from './collection-state.ts';
import { openFrame } from './frame.ts';
import { decodeDocument } from './log.ts';
import type { ManifestCollection } from './manifest.ts';
import { decodeOrders } from './order-page.ts';
import { makePace } from './pace.ts';
import { type PageHead, fits } from './page.ts';
import { type PageStore, type Read, readBodies, readHeads } from './page-store.ts';
import type { Pending } from './recovery.ts';
import type { Segment } from './segment.ts';
import type { StoredDoc } from './stored.ts';

/** Heads read in one request: some 2 MB. */
const HEADS = 32;
/** Slots sorted into an index at once. */
const SORTED = 4000;
/** Documents of the log taken over at once. */
const REPLAYED = 250;

/** Documents of a text, one after the other. */
function documentsIn(text: string, from: number, lengths: readonly number[]): StoredDoc[] {
  let at = from;
  return lengths.map((length) => {
    const document = decodeDocument(text, at, length);
    at += length;
    return document;
  });
}

/** The head of a page as it was written, or made again from the body. Undefined when the page is lost. */
async function headOf(
  state: CollectionState,
  pages: PageStore,
  no: number,
  read: Read<PageHead> | undefined,
): Promise<PageHead | undefined> {
  if (read?.ok && fits(read.value, [...state.columns.values()])) return read.value;
  const about = { position: no, collection: state.name, version: state.version };
  const [body] = await readBodies(pages, [no]);
  if (!body?.ok) {
    const ids = read?.ok ? read.value.ids : [];
    pages.onDamage({ kind: 'body_page', ...about, ids, healed: false, reason: body?.reason ?? 'missing' });
    return undefined;
  }
  const { text, from, lengths } = body.value;
  if (!read?.ok) pages.onDamage({ kind: 'head_page', ...about, ids: [], healed: true, reason: read?.reason ?? 'missing' });
  return state.headOf(documentsIn(text, from, lengths), lengths, from);
}

async function loadPages(state: CollectionState, pages: PageStore, listed: ManifestCollection): Promise<void> {
  const breathe = makePace();
  for (let start = 0; start < listed.pages.length; start += HEADS) {
    const part = listed.pages.slice(start, start + HEADS);
    const heads = await readHeads(
      pages,
      part.map(({ no }) => no),
    );
    for (const [i, { no, dead }] of part.entries()) {
      const head = await headOf(state, pages, no, heads[i]);
      if (head) state.addHead({ page: no, text: undefined }, head, new Set(dead), 0);
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
      const head = await headOf(state, pages, step.page, read);
      if (head) state.insertIntoIndexes(state.addHead({ page: step.page, text: undefined }, head, new Set(), step.since));
    }
    await breathe();
  }
}
