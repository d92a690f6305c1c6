/**
 * The engine of one database: its disk, its log, and the collections that are open. All instances of a database in one
 * process share it; of several engines on one database only the last one opened may write.
 */
import { fillWithDefaultSettings } from 'rxdb';
import { Subject } from 'rxjs';
import { CollectionState, type EngineSchema } from './collection-state.ts';
import { CommitLane, type Job } from './commit-lane.ts';
import { compact, sealManifest } from './compaction.ts';
import { makeDecodedBudget } from './decoded.ts';
import { encryptPages } from './encrypting.ts';
import { type Disk, type DiskSettings, openDisk } from './disk.ts';
import { beginFreshLog } from './fresh-log.ts';
import { type OnDamage, StorageFault, isDiskFull } from './fault.ts';
import type { Unreadable } from './frame.ts';
import { loadCollection } from './load.ts';
import { type Manifest, firstManifest } from './manifest.ts';
import { rowsOf } from './page.ts';
import { type PageStore, textsOf } from './page-store.ts';
import { type KnownCollection, type Recovered, recover } from './recovery.ts';
import { type Segment, makePageBudget } from './segment.ts';

export interface EngineSettings extends DiskSettings {
  /** AES-GCM key, for encryption at rest. */
  readonly key?: CryptoKey;
  /** With a key: a store that was written without one is encrypted, in the background, instead of being refused. */
  readonly encryptExisting: boolean;
  readonly onDamage: OnDamage;
  /** Characters of documents a page. */
  readonly pageChars: number;
  /** Characters of documents a row of a page's body: what is read for one of them. */
  readonly rowChars: number;
  /** Characters of page texts kept in memory. */
  readonly heldChars: number;
  /** Characters of texts whose documents are kept decoded. */
  readonly decodedChars: number;
  /** Documents from which on fields without an index are worth a column in memory, when queries keep asking for them. */
  readonly learnFrom: number;
  /** Characters that the log may hold before it is compacted; an opening replays it. */
  readonly logChars: number;
  /** How long after the opening the browser is made to leave its own log behind (fresh-log.ts), in milliseconds; never unless told. */
  readonly freshLogAfter?: number;
}

/** Documents that may stand in no sorted order on the disk; an opening merges them in, page by page. */
const MOST_UNSORTED = 20_000;

/** Enough to know a collection that nobody opened by its keys. */
const bareSchema = ({ primary, version }: KnownCollection): EngineSchema =>
  fillWithDefaultSettings<Record<string, unknown>>({
    version,
    primaryKey: primary,
    type: 'object',
    properties: { [primary]: { type: 'string', maxLength: 1000 } },
  });

const keyOf = (name: string, version: number): string => `${version}/${name}`;

/** A new store: its number is on the disk before the first frame that carries it. */
async function found(disk: Disk, key: CryptoKey | undefined): Promise<Recovered> {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  const manifest = firstManifest((high & 0x1fffff) * 2 ** 32 + low);
  await disk.switchTo({ manifest: await sealManifest(manifest, key), orders: [], logFrom: 1 });
  return {
    manifest,
    remade: false,
    collections: new Map(),
    nextSequence: 1,
    nextPage: 1,
    nextCollection: 1,
    logChars: 0,
    orphans: [],
    logWhole: true,
  };
}

/** Where even that finds no room they stay for the next opening. */
async function clearAway(disk: Disk, pages: readonly number[]): Promise<void> {
  try {
    await disk.dropPages(pages);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

export class Engine {
  readonly lane: CommitLane;
  private manifest: Manifest;
  private readonly pages: PageStore;
  private readonly known = new Map<string, KnownCollection>();
  private readonly states = new Map<string, Promise<CollectionState>>();
  private readonly decoded;
  private readonly channels = new Map<string, Subject<unknown>>();
  private readonly settings: EngineSettings;
  private readonly dropped = new Set<number>();
  private readonly loaded = new Set<CollectionState>();
  private compacting: Promise<void> | undefined;
  /** Collections that the compaction under way has loaded for itself. */
  private readonly bare = new Set<string>();
  /** Characters in the log from which on a compaction that failed is tried again. */
  private retryAt = 0;
  private readers = 0;
  private garbage: number[] = [];
  /** No page is plain any more: the next manifest may say so. */
  private whollySealed = false;
  private closed = false;
  /** Ends when every column is there that was asked for (learning.ts). Never rejects. */
  learning: Promise<void> = Promise.resolve();
  private freshLog: ReturnType<typeof setTimeout> | undefined;
  /** Ends when nothing on the disk is plain any more. Never rejects: what fails is tried again by the next opening. */
  encrypting: Promise<void> = Promise.resolve();

  private constructor(pages: PageStore, recovered: Recovered, settings: EngineSettings) {
    const { manifest, collections, nextSequence, nextPage, nextCollection, logChars } = recovered;
    this.pages = pages;
    this.manifest = manifest;
    this.settings = settings;
    this.lane = new CommitLane(pages, { nextSequence, nextPage, nextCollection }, logChars, () => this.tidy());
    this.lane.nowNamed(manifest);
    this.decoded = makeDecodedBudget(settings.decodedChars);
    for (const collection of collections.values()) this.known.set(keyOf(collection.name, collection.version), collection);
  }

  /** Throws StorageFault. */
  static async open(name: string, settings: EngineSettings): Promise<Engine> {
    const disk = await openDisk(name, settings);
    try {
      await disk.claim();
      const { key, onDamage } = settings;
      const recovered = (await recover(disk, settings)) ?? (await found(disk, key));
      // Behind a damaged log they may be all that is left of what it named.
      if (recovered.logWhole && recovered.orphans.length > 0) await clearAway(disk, recovered.orphans);
      const pages: PageStore = {
        disk,
        key,
        mixed: recovered.manifest.mixed === true,
        store: recovered.manifest.store,
        budget: makePageBudget(settings.heldChars),
        pageChars: settings.pageChars,
        rowChars: settings.rowChars,
        onDamage,
      };
      if (pages.mixed || recovered.remade) {
        // From here on a mixed store asks for its key, however far the encryption of its pages has come.
        const { manifest } = recovered;
        await disk.switchTo({ manifest: await sealManifest(manifest, key), orders: [], logFrom: manifest.logFrom });
      }
      const engine = new Engine(pages, recovered, settings);
      if (pages.mixed) engine.encrypting = engine.encrypt();
      if (settings.freshLogAfter !== undefined) engine.freshLog = setTimeout(() => void engine.leaveLog(), settings.freshLogAfter);
      return engine;
    } catch (error) {
      disk.close();
      throw error;
    }
  }

  /** The state of a collection, read from the disk at the first call. */
  collection(name: string, schema: EngineSchema): Promise<CollectionState> {
    const key = keyOf(name, schema.version);
    const open = this.states.get(key) ?? this.load(key, name, schema);
    this.states.set(key, open);
    // What could not be read is tried again when it is asked for again.
    open.catch(() => this.states.delete(key));
    return open;
  }

  private async load(key: string, name: string, schema: EngineSchema): Promise<CollectionState> {
    const state = new CollectionState(name, schema, this.decoded, this.settings.learnFrom);
    const known = this.known.get(key);
    if (known) {
      // A compaction that works through its log for it comes first; one that fails leaves the log as it is.
      if (this.bare.has(key)) await this.compacting?.catch(() => undefined);
      state.number = known.number;
      const listed = this.manifest.collections.find(({ number }) => number === known.number);
      await loadCollection(state, this.pages, listed, known.pending);
      // Its steps are applied; the texts they point at are held by what is still alive of them.
      known.pending.length = 0;
    }
    this.loaded.add(state);
    return state;
  }

  /** Starts a compaction when the log has grown, or when many documents stand in no sorted order on the disk. */
  private tidy(): void {
    const { lane } = this;
    if (this.closed || this.compacting || lane.logChars < this.retryAt) return;
    const stored = [...this.loaded].reduce((total, { size }) => total + size, 0);
    if (lane.logChars < this.settings.logChars && lane.unsorted < Math.max(MOST_UNSORTED, stored / 4)) return;
    // What fails here has changed nothing; it is tried again when the log has grown, and the log itself is whole.
    this.compact().catch(() => undefined);
  }

  private async encrypt(): Promise<void> {
    try {
      await encryptPages(this.pages, () => this.closed);
      // A run under way may have begun before; the next one empties the log of plain rows.
      await this.compacting?.catch(() => undefined);
      this.whollySealed = true;
      await this.compact();
      this.pages.mixed = false;
    } catch {
      this.whollySealed = false;
    }
  }

  /** Moves the log into pages now. Throws StorageFault; nothing is lost then. */
  compact(): Promise<void> {
    this.compacting ??= this.runCompaction().finally(() => {
      this.compacting = undefined;
      this.bare.clear();
    });
    return this.compacting;
  }

  private async runCompaction(): Promise<void> {
    const written: number[] = [];
    try {
      const unopened = await this.loadUnopened();
      const { manifest, garbage } = await compact({
        pages: this.pages,
        lane: this.lane,
        manifest: this.manifest,
        sealed: this.whollySealed,
        states: () => [...this.loaded, ...unopened],
        dropped: this.dropped,
        texts: (state, segments) => this.texts(state, segments),
        written,
      });
      this.manifest = manifest;
      this.retryAt = 0;
      for (const { number } of unopened) {
        const known = [...this.known.values()].find((one) => one.number === number);
        if (known) known.pending.length = 0;
      }
      this.discard(garbage);
    } catch (error) {
      this.retryAt = this.lane.logChars + this.settings.logChars;
      this.discard(written);
      throw error;
    }
  }

  /** Collections that nobody opened but the log knows of: loaded for this one run, with no index but the necessary ones. */
  private async loadUnopened(): Promise<CollectionState[]> {
    const states: CollectionState[] = [];
    for (const [key, known] of this.known) {
      if (known.pending.length === 0) continue;
      const opening = this.states.get(key);
      if (opening) {
        await opening;
        continue;
      }
      this.bare.add(key);
      const state = new CollectionState(known.name, bareSchema(known), this.decoded, this.settings.learnFrom);
      state.number = known.number;
      const listed = this.manifest.collections.find(({ number }) => number === known.number);
      await loadCollection(state, this.pages, listed, known.pending);
      states.push(state);
    }
    return states;
  }

  /** Removes pages as soon as no query may still read them. What a crash leaves is removed by the next opening. */
  private discard(pages: readonly number[]): void {
    this.garbage.push(...pages);
    if (this.readers > 0 || this.garbage.length === 0) return;
    const { garbage } = this;
    this.garbage = [];
    // What stays is named by nothing, and goes with the next opening.
    this.pages.disk.dropPages(garbage).catch(() => undefined);
  }

  /** While somebody reads, no page is removed. */
  beginReading(): void {
    this.readers += 1;
  }
  endReading(): void {
    this.readers -= 1;
    if (this.readers === 0) this.discard([]);
  }

  /** Where all instances of a collection announce and hear what was written. */
  channel(name: string, version: number): Subject<unknown> {
    const key = keyOf(name, version);
    const channel = this.channels.get(key) ?? new Subject<unknown>();
    this.channels.set(key, channel);
    return channel;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  submit(job: Job): void {
    if (this.closed) job.failed(new StorageFault('closed', 'The storage was closed.'));
    else this.lane.submit(job);
  }

  /** The texts of segments; documents of a row that cannot be read are forgotten and told. */
  texts(state: CollectionState, segments: Iterable<Segment>): Promise<Map<Segment, string>> {
    return textsOf(this.pages, segments, (segment: Segment, reason: Unreadable) => {
      const ids = state.lose(segment);
      this.pages.onDamage({
        kind: 'body_page',
        position: segment.row,
        collection: state.name,
        version: state.version,
        ids,
        healed: false,
        reason,
      });
    });
  }

  /** Forgets a collection whose `drop` is durable. */
  async forget(state: CollectionState): Promise<void> {
    const key = keyOf(state.name, state.version);
    this.states.delete(key);
    this.known.delete(key);
    this.loaded.delete(state);
    this.dropped.add(state.number);
    await this.pages.disk.dropPages([...state.pages.values()].flatMap(({ no, segments }) => rowsOf(no, segments.length)));
  }

  /** Never rejects: where there is no room for it the old log stays, and whoever writes next is told so. */
  private leaveLog(): Promise<void> {
    return beginFreshLog(this.pages.disk, () => this.closed).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.freshLog);
    await Promise.all([this.encrypting, this.learning]);
    // A compaction that fails has told its caller and changed nothing.
    await this.compacting?.catch(() => undefined);
    await this.lane.settled();
    this.pages.disk.close();
  }
}
