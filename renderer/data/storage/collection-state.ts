/**
 * One collection in memory: per document a slot with its key, its revision, where its text lies, and the indexed values in
 * columns; per index the slots in order. Documents themselves are decoded when asked for and kept while there is room.
 *
 * It holds only what is durable: the commit lane applies a write after its transaction has ended.
 */
import { type RxDocumentData, type RxJsonSchema, getPrimaryFieldOfPrimaryKey } from 'rxdb';
import { type Column, makeColumn, unpack } from './columns.ts';
import { type DecodedBudget } from './decoded.ts';
import { LearnedColumns, kindOf } from './learned-columns.ts';
import { decodeDocument } from './log.ts';
import { type PackedColumn, type PageHead, type PageOwner, packColumn, packedAt } from './page.ts';
import { type Place, type Segment, placesIn, segmentsOf } from './segment.ts';
import { type SortedIndex, makeSortedIndex } from './sorted-index.ts';
import { type StoredDoc, pathReader } from './stored.ts';

export type EngineSchema = Readonly<RxJsonSchema<RxDocumentData<Record<string, unknown>>>>;

export interface Put {
  readonly document: StoredDoc;
  readonly place: Place;
  /** Position in a page; -1 in the log. */
  readonly position: number;
}

/** A page whose documents this collection holds. */
export interface HeldPage {
  readonly no: number;
  /** The rows of its body. */
  readonly segments: readonly Segment[];
  /** Slot of each position, or DEAD or LOST. */
  readonly slots: Int32Array;
  readonly chars: number;
  /** Row of the log that names it, as long as the manifest does not; 0 in the manifest. */
  since: number;
  /** Positions that are not dead. */
  live: number;
}
const DEAD = -1;
/** In a body that cannot be read: not in memory any more, but listed on the disk until it is written again. */
const LOST = -2;

export const indexName = (fields: readonly string[]): string => fields.join(',');

/** The indexes of the schema, the primary key, and those that find what changed. Each ends with the primary key, so its order is total. */
function indexesOf(schema: EngineSchema, primary: string): string[][] {
  const listed = (schema.indexes ?? []).map((index) => (typeof index === 'string' ? [index] : [...index]));
  const all = [...listed, [primary], ['_meta.lwt'], ['_deleted', '_meta.lwt']].map((index) =>
    index.includes(primary) ? index : [...index, primary],
  );
  return [...new Map(all.map((index) => [indexName(index), index])).values()];
}

export class CollectionState {
  readonly name: string;
  readonly version: number;
  readonly schema: EngineSchema;
  readonly primary: string;
  /** Number in the log and the manifest; 0 until the first write. */
  number = 0;
  /** Dropped for good; nothing may be written any more. */
  removed = false;
  /** Of the fields that indexes name: these are on the disk. */
  readonly columns = new Map<string, Column>();
  readonly learned: LearnedColumns;
  readonly indexes: readonly SortedIndex[];
  readonly pages = new Map<number, HeldPage>();
  private readonly readers: readonly (readonly [Column, (document: StoredDoc) => unknown])[];
  private readonly slots = new Map<string, number>();
  private readonly ids: string[] = [];
  private readonly revs: string[] = [];
  private readonly segments: (Segment | undefined)[] = [];
  private froms = new Uint32Array(256);
  private lengths = new Uint32Array(256);
  private positions = new Int32Array(256);
  private readonly free: number[] = [];
  /** Slots whose texts are in the log. */
  private readonly logged = new Set<number>();
  /** A position of a page died since the manifest was written. */
  private changed = false;
  private readonly lost = new Map<string, { readonly page: HeldPage; readonly position: number }>();
  private readonly decoded: (StoredDoc | undefined)[] = [];
  private readonly budget: DecodedBudget;

  constructor(name: string, schema: EngineSchema, budget: DecodedBudget, learnFrom: number) {
    this.name = name;
    this.version = schema.version;
    this.schema = schema;
    this.primary = String(getPrimaryFieldOfPrimaryKey(schema.primaryKey));
    this.budget = budget;
    this.learned = new LearnedColumns(schema, learnFrom);
    const columnOf = (field: string): Column => {
      const found = this.columns.get(field) ?? makeColumn(field, kindOf(schema, field) ?? 'text');
      this.columns.set(field, found);
      return found;
    };
    this.indexes = indexesOf(schema, this.primary).map((fields) => makeSortedIndex(fields.map(columnOf)));
    this.readers = [...this.columns.values()].map((column) => [column, pathReader(column.field)]);
  }

  /** Throws for a name that is no index: a bug of the caller. */
  index(name: string): SortedIndex {
    const found = this.indexes.find(({ fields }) => indexName(fields) === name);
    if (!found) throw new Error(`${this.name} has no index ${name}`);
    return found;
  }
  /** The column that decides conditions on this field, if there is one. */
  columnOf(field: string): Column | undefined {
    return this.columns.get(field) ?? this.learned.column(field);
  }
  get size(): number {
    return this.slots.size;
  }
  slotOf(id: string): number | undefined {
    return this.slots.get(id);
  }
  idOf(slot: number): string {
    return this.ids[slot] ?? '';
  }
  revOf(slot: number): string {
    return this.revs[slot] ?? '';
  }
  placeOf(slot: number): Place | undefined {
    const segment = this.segments[slot];
    return segment && { segment, from: this.froms[slot] ?? 0, length: this.lengths[slot] ?? 0 };
  }
  /** The document, if that takes no reading from the disk. */
  documentAt(slot: number): StoredDoc | undefined {
    const known = this.decoded[slot];
    if (known) return known;
    const segment = this.segments[slot];
    if (segment?.text === undefined) return undefined;
    const document = decodeDocument(segment.text, this.froms[slot] ?? 0, this.lengths[slot] ?? 0);
    this.keep(slot, document);
    return document;
  }
  /** Only what is already an object. */
  decodedAt(slot: number): StoredDoc | undefined {
    return this.decoded[slot];
  }
  private keep(slot: number, document: StoredDoc): void {
    this.decoded[slot] = document;
    this.budget.hold(this.decoded, slot, this.lengths[slot] ?? 0);
  }

  private newSlot(id: string): number {
    const slot = this.free.pop() ?? this.ids.length;
    this.ids[slot] = id;
    this.slots.set(id, slot);
    if (slot >= this.froms.length) {
      const size = Math.max(slot + 1, this.froms.length * 2);
      const grow = <T extends Uint32Array | Int32Array>(from: T, to: T): T => {
        to.set(from);
        return to;
      };
      this.froms = grow(this.froms, new Uint32Array(size));
      this.lengths = grow(this.lengths, new Uint32Array(size));
      this.positions = grow(this.positions, new Int32Array(size));
    }
    return slot;
  }

  private leavePage(slot: number): void {
    const page = this.segments[slot] && this.pages.get(this.segments[slot].page);
    if (!page) return;
    page.slots[this.positions[slot] ?? 0] = DEAD;
    page.live -= 1;
    this.changed = true;
  }

  private setPlace(slot: number, place: Place, position: number): void {
    this.segments[slot] = place.segment;
    this.froms[slot] = place.from;
    this.lengths[slot] = place.length;
    this.positions[slot] = position;
    if (place.segment.page === 0) this.logged.add(slot);
    else this.logged.delete(slot);
    const page = position < 0 ? undefined : this.pages.get(place.segment.page);
    if (!page) return;
    page.slots[position] = slot;
    page.live += 1;
  }

  /** Takes over documents that became durable, in order. Each id at most once. */
  put(puts: readonly Put[]): void {
    const moved: { readonly slot: number; readonly put: Put; readonly indexes: readonly SortedIndex[] }[] = [];
    const gone = new Map<SortedIndex, number[]>();
    for (const put of puts) {
      const id = String(put.document[this.primary]);
      if (this.lost.size > 0) this.found(id);
      const slot = this.slots.get(id);
      if (slot === undefined) {
        moved.push({ slot: this.newSlot(id), put, indexes: this.indexes });
        continue;
      }
      const changed = new Set<Column>();
      for (const [column, read] of this.readers) if (column.differs(slot, read(put.document))) changed.add(column);
      const indexes = this.indexes.filter((index) => index.columns.some((column) => changed.has(column)));
      for (const index of indexes) {
        const positions = gone.get(index) ?? [];
        positions.push(index.positionOf(slot));
        gone.set(index, positions);
      }
      this.leavePage(slot);
      moved.push({ slot, put, indexes });
    }
    for (const [index, positions] of gone) index.removeAt(positions);
    for (const { slot, put } of moved) {
      this.revs[slot] = put.document._rev;
      this.setPlace(slot, put.place, put.position);
      for (const [column, read] of this.readers) column.set(slot, read(put.document));
      this.learned.set(slot, put.document);
      // What comes in bulk is pulled or imported, and would only push out what people work with.
      if (put.position < 0) this.keep(slot, put.document);
      else this.decoded[slot] = undefined;
    }
    for (const index of this.indexes) {
      const slots = moved.filter(({ indexes }) => indexes.includes(index)).map(({ slot }) => slot);
      if (slots.length > 0) index.insert(slots);
    }
  }

  /** Forgets documents for good. */
  purge(ids: readonly string[]): void {
    const slots = ids.map((id) => this.slots.get(id)).filter((slot) => slot !== undefined);
    for (const index of this.indexes) index.removeAt(slots.map((slot) => index.positionOf(slot)));
    for (const slot of slots) {
      this.leavePage(slot);
      this.slots.delete(this.idOf(slot));
      this.logged.delete(slot);
      this.segments[slot] = undefined;
      this.decoded[slot] = undefined;
      this.ids[slot] = '';
      this.free.push(slot);
    }
  }

  /** What was lost has been written again. */
  private found(id: string): void {
    const lost = this.lost.get(id);
    if (!lost) return;
    this.lost.delete(id);
    lost.page.slots[lost.position] = DEAD;
    lost.page.live -= 1;
    this.changed = true;
  }

  /** A row of a page's body cannot be read: forgets what it held, and answers the ids. */
  lose(segment: Segment): string[] {
    const page = this.pages.get(segment.page);
    if (!page) return [];
    const ids: string[] = [];
    for (const [position, slot] of page.slots.entries()) {
      if (slot < 0 || this.segments[slot] !== segment) continue;
      ids.push(this.idOf(slot));
      this.lost.set(this.idOf(slot), { page, position });
    }
    this.purge(ids);
    for (const { page: own, position } of this.lost.values()) if (own === page) own.slots[position] = LOST;
    page.live = page.slots.filter((slot) => slot !== DEAD).length;
    return ids;
  }

  hasLost(page: HeldPage): boolean {
    return page.slots.includes(LOST);
  }
  /** Does a position with this slot count as a document on the disk? */
  isListed(slot: number): boolean {
    return slot !== DEAD;
  }
  /** Positions of a page that hold nothing any more. */
  deadIn(page: HeldPage): number[] {
    const dead: number[] = [];
    for (const [position, slot] of page.slots.entries()) if (slot === DEAD) dead.push(position);
    return dead;
  }

  /** Makes a page known whose documents `put` will name. */
  addPage(segments: readonly Segment[], lengths: readonly number[], since: number): void {
    const no = segments[0]?.page ?? 0;
    const chars = lengths.reduce((sum, length) => sum + length, 0);
    this.pages.set(no, { no, segments, slots: new Int32Array(lengths.length).fill(DEAD), chars, since, live: 0 });
  }

  /**
   * Takes over a page by its head, when a collection is opened. The columns are set, the indexes are not: answers the slots
   * that the caller has to put into them. Documents that are known already are replaced.
   */
  addHead(no: number, head: PageHead, dead: ReadonlySet<number>, since: number): number[] {
    const segments = segmentsOf(no, head.counts.length);
    this.addPage(segments, head.lengths, since);
    const fresh: number[] = [];
    const known: string[] = head.ids.filter((id, position) => !dead.has(position) && this.slots.has(id));
    if (known.length > 0) this.purge(known);
    for (const [position, place] of placesIn(segments, head).entries()) {
      if (dead.has(position)) continue;
      const slot = this.newSlot(head.ids[position] ?? '');
      this.revs[slot] = String(packedAt(head.revs, position) ?? '');
      this.setPlace(slot, place, position);
      fresh.push(slot);
    }
    for (const column of this.columns.values()) {
      const packed = head.columns[column.field];
      let next = 0;
      for (let position = 0; position < head.ids.length; position += 1) {
        if (dead.has(position)) continue;
        column.set(fresh[next] ?? 0, unpack(column.kind, packedAt(packed, position)));
        next += 1;
      }
    }
    return fresh;
  }

  insertIntoIndexes(slots: readonly number[]): void {
    for (const index of this.indexes) index.insert(slots);
  }

  /** As whose pages are written; a collection gets its number with its first write. */
  ownerAs(number: number): PageOwner {
    return { number, name: this.name, version: this.version, primary: this.primary };
  }

  /** The head of a page of these documents. */
  headOf(documents: readonly StoredDoc[], { lengths, counts }: Pick<PageHead, 'lengths' | 'counts'>): PageHead {
    const columns: Record<string, PackedColumn> = {};
    for (const [column, read] of this.readers) {
      const values = documents.map((document) => {
        const value = read(document);
        return value === undefined ? null : typeof value === 'boolean' && column.kind === 'flag' ? (value ? 1 : 0) : value;
      });
      columns[column.field] = packColumn(values);
    }
    return {
      ids: documents.map((document) => String(document[this.primary])),
      revs: packColumn(documents.map(({ _rev }) => _rev)),
      lengths,
      counts,
      columns,
    };
  }

  /** Points a document at another place of the same text, after compaction. */
  move(slot: number, place: Place, position: number): void {
    this.leavePage(slot);
    this.setPlace(slot, place, position);
  }
  /** Is this still where the document lies? */
  liesAt(slot: number, place: Place): boolean {
    return this.segments[slot] === place.segment && this.froms[slot] === place.from;
  }
  allSlots(): number[] {
    return [...this.slots.values()];
  }
  /** The same slots, by the place of their texts on the disk. */
  asTheyLie(slots: readonly number[]): number[] {
    const row = (slot: number): number => this.segments[slot]?.row ?? 0;
    return slots.toSorted((a, b) => row(a) - row(b));
  }
  /** Slots whose texts are in the log. */
  loggedSlots(): number[] {
    return [...this.logged];
  }
  /** Differs from what the manifest says of it. */
  get unsettled(): boolean {
    return this.changed || this.logged.size > 0 || [...this.pages.values()].some(({ since }) => since > 0);
  }
  /** The manifest names all pages that the log before this row named, and knows what is dead. */
  settled(logFrom: number): void {
    this.changed = false;
    for (const page of this.pages.values()) if (page.since < logFrom) page.since = 0;
  }
  /** One more than the highest slot. */
  get slotRange(): number {
    return this.ids.length;
  }
}
