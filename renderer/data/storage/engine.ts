/**
 * The engine of one database: its disk, its log, and the collections that are open. All instances of a database in one
 * process share it; of several engines on one database only the last one opened may write.
 */
import { Subject } from 'rxjs';
import { CollectionState, type EngineSchema } from './collection-state.ts';
import { CommitLane, type Job } from './commit-lane.ts';
import { makeDecodedBudget } from './decoded.ts';
import { type Disk, type DiskSettings, openDisk } from './disk.ts';
import { type OnDamage, StorageFault } from './fault.ts';
import { type Unreadable, sealFrame } from './frame.ts';
import { loadCollection } from './load.ts';
import { type Manifest, encodeManifest, firstManifest } from './manifest.ts';
import { type PageStore, textsOf } from './page-reader.ts';
import { type KnownCollection, type Recovered, recover } from './recovery.ts';
import { type Segment, makePageBudget } from './segment.ts';

export interface EngineSettings extends DiskSettings {
  /** AES-GCM key, for encryption at rest. */
  readonly key?: CryptoKey;
  readonly onDamage: OnDamage;
  /** Characters of page texts kept in memory. */
  readonly pageChars: number;
  /** Characters of texts whose documents are kept decoded. */
  readonly decodedChars: number;
}

const keyOf = (name: string, version: number): string => `${version}/${name}`;

async function sealManifest(
  manifest: Manifest,
  key: CryptoKey | undefined,
): Promise<readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]> {
  const text = encodeManifest(manifest);
  const seal = (position: number): Promise<Uint8Array<ArrayBuffer>> =>
    sealFrame({ kind: 'manifest', position, store: manifest.store }, text, key);
  return [await seal(1), await seal(2)];
}

/** A new store: its number is on the disk before the first frame that carries it. */
async function found(disk: Disk, key: CryptoKey | undefined): Promise<Recovered> {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  const manifest = firstManifest((high & 0x1fffff) * 2 ** 32 + low);
  await disk.switchTo({ manifest: await sealManifest(manifest, key), orders: [], logFrom: 1, dropOrders: [] });
  return { manifest, collections: new Map(), nextSequence: 1, nextPage: 1, nextCollection: 1, logChars: 0, orphans: [] };
}

export class Engine {
  readonly lane: CommitLane;
  private manifest: Manifest;
  private readonly pages: PageStore;
  private readonly known = new Map<string, KnownCollection>();
  private readonly states = new Map<string, Promise<CollectionState>>();
  private readonly decoded;
  private readonly channels = new Map<string, Subject<unknown>>();
  private closed = false;
  /** Pulled documents could not be stored: no checkpoint may be written any more, it would stand for them. */
  withheld = false;

  private constructor(pages: PageStore, recovered: Recovered, settings: EngineSettings) {
    const { manifest, collections, nextSequence, nextPage, nextCollection, logChars } = recovered;
    this.pages = pages;
    this.manifest = manifest;
    this.lane = new CommitLane(pages, { nextSequence, nextPage, nextCollection }, logChars);
    this.decoded = makeDecodedBudget(settings.decodedChars);
    for (const collection of collections.values()) this.known.set(keyOf(collection.name, collection.version), collection);
  }

  /** Throws StorageFault. */
  static async open(name: string, settings: EngineSettings): Promise<Engine> {
    const disk = await openDisk(name, settings);
    try {
      await disk.claim();
      const { key, onDamage } = settings;
      const recovered = (await recover(disk, key, onDamage)) ?? (await found(disk, key));
      if (recovered.orphans.length > 0) await disk.dropPages(recovered.orphans);
      const pages: PageStore = { disk, key, store: recovered.manifest.store, budget: makePageBudget(settings.pageChars), onDamage };
      return new Engine(pages, recovered, settings);
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
    return open;
  }

  private async load(key: string, name: string, schema: EngineSchema): Promise<CollectionState> {
    const state = new CollectionState(name, schema, this.decoded);
    const known = this.known.get(key);
    if (known) {
      state.number = known.number;
      const listed = this.manifest.collections.find(({ number }) => number === known.number);
      await loadCollection(state, this.pages, listed, known.pending);
      // Its steps are applied; the texts they point at are held by what is still alive of them.
      known.pending.length = 0;
    }
    return state;
  }

  /** Where all instances of a collection announce and hear what was written. */
  channel(name: string, version: number): Subject<unknown> {
    const key = keyOf(name, version);
    const channel = this.channels.get(key) ?? new Subject<unknown>();
    this.channels.set(key, channel);
    return channel;
  }

  withholdCheckpoints(): void {
    this.withheld = true;
  }

  submit(job: Job): void {
    if (this.closed) job.failed(new StorageFault('closed', 'The storage was closed.'));
    else this.lane.submit(job);
  }

  /** The texts of segments; documents of a page that cannot be read are forgotten and told. */
  texts(state: CollectionState, segments: Iterable<Segment>): Promise<Map<Segment, string>> {
    return textsOf(this.pages, segments, (page: number, reason: Unreadable) => {
      const ids = state.lose(page);
      this.pages.onDamage({
        kind: 'body_page',
        position: page,
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
    await this.pages.disk.dropPages([...state.pages.keys()]);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.lane.settled();
    this.pages.disk.close();
  }
}
