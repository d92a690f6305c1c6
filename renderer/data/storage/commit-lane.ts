/**
 * The one lane in which everything is written. What waits while a transaction runs goes together into the next one (group
 * commit), so a strict write costs one flush of the disk, however many there are. A write is decided, written, and only then
 * applied to memory and acknowledged; when the transaction fails, none of it happened.
 */
import type { CollectionState, Put } from './collection-state.ts';
import type { PageRows } from './disk.ts';
import { StorageFault, writeFault } from './fault.ts';
import { sealFrame } from './frame.ts';
import { type LogStep, encodeLogRow } from './log.ts';
import type { Manifest } from './manifest.ts';
import { cutPages, encodeBody } from './page.ts';
import { type PageStore, sealPage } from './page-store.ts';
import { type Place, type Segment, placesIn, segmentsOf } from './segment.ts';
import type { StoredDoc } from './stored.ts';

/** From this part of a page on the documents of one write become pages at once, and compaction has nothing to do with them. */
const PAGE_AT_ONCE = 1 / 4;
/** Documents a group; more wait for the next one, so that memory and pauses stay small. A pulled page of 1,000 leaves room for a few others. */
const GROUP = 1100;

/** The revision of a document as the write before this one leaves it; undefined for none. */
export type RevisionOf = (id: string) => string | undefined;

export interface Job {
  readonly collection: CollectionState;
  /** Waits for the disk. */
  readonly strict: boolean;
  /** Documents it may write at most. 0: it goes with the one before it, however many these are. */
  readonly size: number;
  /** Called once, in the order of the jobs: what is to be written, given what is stored then. */
  readonly decide: (revisionOf: RevisionOf) => {
    readonly put: readonly StoredDoc[];
    /** The documents of `put`, where they were packed before their turn came. */
    readonly packed?: readonly Packed[];
    readonly purge?: readonly string[];
    readonly drop?: true;
  };
  /** It is durable and visible. */
  readonly done: () => void;
  /** It is neither. A StorageFault, unless `decide` threw. */
  readonly failed: (fault: Error) => void;
}

/** The next ones that are free. Page numbers may be left out, the others are used one after the other. */
export interface Numbers {
  nextSequence: number;
  nextPage: number;
  nextCollection: number;
}
interface Write {
  readonly job: Job;
  readonly put: readonly StoredDoc[];
  readonly packed: readonly Packed[] | undefined;
  readonly purge: readonly string[];
  readonly drop: boolean;
}
/** Documents of one write with their texts, as a page or in the log. */
interface Part {
  readonly documents: readonly StoredDoc[];
  readonly texts: readonly string[];
  readonly lengths: readonly number[];
  /** 0 for the log. */
  readonly page: number;
  /** Documents in each row of the page's body. */
  readonly counts: readonly number[];
}
/** A part whose page, if it is one, is ready to be written. */
interface Packed extends Part {
  readonly page: number;
  readonly body: readonly string[];
  readonly rows: PageRows | undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

export class CommitLane {
  readonly numbers: Numbers;
  /** Characters in the log, for compaction to judge. */
  logChars: number;
  /** Documents that became pages and stand in no sorted order on the disk yet. */
  unsorted = 0;
  /** Collections that the log names since the last compaction began. */
  private readonly introduced = new Set<number>();
  /** Collections that the manifest on the disk names. */
  private named: ReadonlySet<number> = new Set();
  private readonly pages: PageStore;
  private readonly committed: () => void;
  private readonly waiting: Job[] = [];
  private running: Promise<void> | undefined;
  private exclusive: (() => Promise<void>)[] = [];

  /** `committed` is called after every commit. */
  constructor(pages: PageStore, numbers: Numbers, logChars: number, committed: () => void) {
    this.pages = pages;
    this.committed = committed;
    this.numbers = numbers;
    this.logChars = logChars;
  }

  /** The number of a page whose body takes so many rows. */
  takePage(rows = 1): number {
    const { nextPage } = this.numbers;
    this.numbers.nextPage += rows;
    return nextPage;
  }

  submit(job: Job): void {
    this.waiting.push(job);
    this.start();
  }

  /** The rows of the log from here on have to be readable without those before. */
  startAnew(): void {
    this.introduced.clear();
  }

  /** This manifest is on the disk. */
  nowNamed({ collections }: Manifest): void {
    this.named = new Set(collections.map(({ number }) => number));
  }

  /** Runs work between two commits; nothing is written meanwhile. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.exclusive.push(() => work().then(resolve, reject));
      this.start();
    });
  }

  /** When everything that was submitted has been settled. */
  async settled(): Promise<void> {
    while (this.running) await this.running;
  }

  private start(): void {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      // Between the last look of a run and here there are turns of the event loop in which something can be submitted.
      if (this.waiting.length > 0 || this.exclusive.length > 0) this.start();
    });
  }

  private async run(): Promise<void> {
    // One microtask later, so that writes of the same moment go together.
    await Promise.resolve();
    while (this.waiting.length > 0 || this.exclusive.length > 0) {
      const work = this.exclusive.shift();
      if (work) await work();
      if (this.waiting.length > 0) await this.commit(this.nextGroup());
    }
  }

  private nextGroup(): Job[] {
    let size = 0;
    let count = 0;
    for (const job of this.waiting) {
      if (count > 0 && job.size > 0 && size + job.size > GROUP) break;
      size += job.size;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** Asks each job in turn, showing it what those before it in the group will leave. */
  private decide(group: readonly Job[]): Write[] {
    const pending = new Map<CollectionState, Map<string, string>>();
    const dropped = new Set<CollectionState>();
    return group.flatMap((job) => {
      const { collection } = job;
      const own = pending.get(collection) ?? new Map<string, string>();
      pending.set(collection, own);
      const revisionOf: RevisionOf = (id) => {
        const slot = collection.slotOf(id);
        return own.get(id) ?? (slot === undefined ? undefined : collection.revOf(slot));
      };
      try {
        if (collection.removed || dropped.has(collection)) throw new StorageFault('closed', `${collection.name} was removed.`);
        const { put, packed, purge = [], drop = false } = job.decide(revisionOf);
        if (group.length > 1) for (const document of put) own.set(String(document[collection.primary]), document._rev);
        if (drop) dropped.add(collection);
        return [{ job, put, packed, purge, drop }];
      } catch (error) {
        job.failed(error instanceof Error ? error : new Error(String(error)));
        return [];
      }
    });
  }

  private split(put: readonly StoredDoc[], texts: readonly string[]): Part[] {
    const lengths = texts.map((text) => text.length);
    if (sum(lengths) < this.pages.pageChars * PAGE_AT_ONCE)
      return put.length === 0 ? [] : [{ documents: put, texts, lengths, page: 0, counts: [] }];
    let start = 0;
    return cutPages(lengths, this.pages).map((counts) => {
      const end = start + sum(counts);
      const part = { documents: put.slice(start, end), texts: texts.slice(start, end), lengths: lengths.slice(start, end) };
      start = end;
      return { ...part, counts, page: this.takePage(counts.length) };
    });
  }

  private async pack(collection: CollectionState, number: number, part: Part): Promise<Packed> {
    if (part.page === 0) return { ...part, body: [], rows: undefined };
    const owner = collection.ownerAs(number);
    const body = encodeBody(owner, part, part.texts);
    return { ...part, body, rows: await sealPage(this.pages, part.page, owner, collection.headOf(part.documents, part), body) };
  }

  /**
   * Packs documents before their turn comes, while the disk is busy with others. Undefined for a collection that was never
   * written to. What is not written after all leaves out its page numbers.
   */
  async packed(collection: CollectionState, documents: readonly StoredDoc[], texts: readonly string[]): Promise<Packed[] | undefined> {
    const { number } = collection;
    if (number === 0) return undefined;
    return Promise.all(this.split(documents, texts).map((part) => this.pack(collection, number, part)));
  }

  private async commit(group: readonly Job[]): Promise<void> {
    const writes = this.decide(group);
    try {
      if (writes.some(({ put, purge, drop }) => put.length > 0 || purge.length > 0 || drop)) await this.write(writes);
    } catch (error) {
      const fault = writeFault(error);
      for (const { job } of writes) job.failed(fault);
      return;
    }
    for (const { job } of writes) job.done();
    this.committed();
  }

  private async write(writes: readonly Write[]): Promise<void> {
    const { pages, numbers } = this;
    let { nextCollection } = numbers;
    const steps: LogStep[] = [];
    const logged: string[] = [];
    const fresh = new Map<CollectionState, number>();
    const introduced = new Set<number>();
    const parts: (Packed & { readonly write: Write })[] = [];
    for (const write of writes) {
      const { collection } = write.job;
      let number = collection.number || fresh.get(collection);
      if (number === undefined) {
        number = nextCollection;
        nextCollection += 1;
        fresh.set(collection, number);
      }
      // Said once in what a manifest does not cover yet, so that the log can be read without one; and by every row as long as
      // none names the collection, so that a row that is lost takes no other along.
      if (!introduced.has(number) && !(this.introduced.has(number) && this.named.has(number))) {
        introduced.add(number);
        steps.push(['new', number, collection.name, collection.version, collection.primary]);
      }
      for (const part of write.packed ?? (await this.packAll(write, number))) {
        parts.push({ ...part, write });
        if (part.page > 0) steps.push(['page', number, part.page, part.counts.length]);
        else {
          steps.push(['put', number, part.lengths]);
          for (const text of part.texts) logged.push(text);
        }
      }
      if (write.purge.length > 0) steps.push(['purge', number, write.purge]);
      if (write.drop) steps.push(['drop', number]);
    }
    const row = encodeLogRow(steps, logged);
    await pages.disk.commit({
      sequence: numbers.nextSequence,
      log: await sealFrame({ kind: 'log', position: numbers.nextSequence, store: pages.store }, row.text, pages.key),
      pages: parts.flatMap(({ rows }) => rows ?? []),
      strict: writes.some(({ job }) => job.strict),
    });
    const sequence = numbers.nextSequence;
    Object.assign(numbers, { nextSequence: sequence + 1, nextCollection });
    this.logChars += row.text.length;
    for (const [collection, number] of fresh) collection.number = number;
    for (const number of introduced) this.introduced.add(number);
    this.apply(writes, parts, row, sequence);
  }

  private async packAll({ job: { collection }, put }: Write, number: number): Promise<Packed[]> {
    const texts = put.map((document) => JSON.stringify(document));
    const packed: Packed[] = [];
    for (const part of this.split(put, texts)) packed.push(await this.pack(collection, number, part));
    return packed;
  }

  private apply(
    writes: readonly Write[],
    parts: readonly (Packed & { readonly write: Write })[],
    row: { readonly text: string; readonly from: number },
    sequence: number,
  ): void {
    const log: Segment = { page: 0, row: 0, text: row.text };
    let logged = row.from;
    const puts = new Map<Write, Put[][]>();
    for (const part of parts) {
      const { body, page } = part;
      let places: readonly Place[];
      if (page > 0) {
        const segments = segmentsOf(part.page, body.length, body);
        part.write.job.collection.addPage(segments, part.lengths, sequence);
        for (const segment of segments) this.pages.budget.touch(segment);
        this.unsorted += part.documents.length;
        places = placesIn(segments, part);
      } else {
        places = part.lengths.map((length) => {
          const place: Place = { segment: log, from: logged, length };
          logged += length;
          return place;
        });
      }
      const own = part.documents.map((document, i): Put => {
        const place = places[i];
        if (!place) throw new Error(`page ${part.page} has no place for document ${i}`);
        return { document, place, position: page > 0 ? i : -1 };
      });
      puts.set(part.write, [...(puts.get(part.write) ?? []), own]);
    }
    for (const write of writes) {
      const { collection } = write.job;
      for (const own of puts.get(write) ?? []) collection.put(own);
      if (write.purge.length > 0) collection.purge(write.purge);
      if (write.drop) collection.removed = true;
    }
  }
}
