/**
 * The worker's side: one storage, any number of windows. Windows that open the same collection share one instance, so that
 * they read and refuse by one state and each change is told to every other window once.
 *
 * At most one worker of a device owns a database: it holds a lock of that name from the first collection to the last. A
 * worker of another build, which is another worker to the browser, is refused instead of writing beside it.
 */
import type { RxStorage, RxStorageInstance } from 'rxdb';
import { deepEqual, getChangedDocumentsSince } from 'rxdb';
import {
  type Answered,
  type Asked,
  BORDER,
  type Bulk,
  type Checkpoint,
  type FromWorker,
  type Hello,
  HostFault,
  type Method,
  type Opening,
  type Port,
  type Refused,
  type Request,
  type StorageKey,
  type ToWorker,
  UNTOLD,
  plainError,
  speaker,
} from './border.ts';
import { ingests } from '../ingest.ts';
import { live, takeLock, watchLife } from './life.ts';

type Instance = RxStorageInstance<unknown, unknown, unknown, Checkpoint>;
type Say = (message: FromWorker) => void;

interface Shared {
  readonly opening: Opening;
  readonly instance: Promise<Instance>;
  /** The windows that have it open, and how often. */
  readonly users: Map<Say, number>;
  stop(): void;
}

export interface ServeOptions {
  readonly storage: RxStorage<unknown, unknown>;
  /** The storage of databases that lie encrypted with this key. Without it a window that brings a key is refused. */
  readonly withKey?: (key: CryptoKey) => RxStorage<unknown, unknown>;
  /** Runs once a database before its first collection is opened, while nobody else can: the place for a migration. */
  readonly prepare?: (databaseName: string, storage: RxStorage<unknown, unknown>) => Promise<void>;
  /** How long another owner of the database is waited for, in milliseconds. */
  readonly patience?: number;
}
/** Whose rows these documents are: an event of a write needs not carry back what its window sent. */
type Origins = WeakMap<object, { readonly say: Say; readonly request: number; readonly row: number; readonly asText?: true }>;

interface OwnEvents {
  readonly say: Say;
  readonly request: number;
  readonly events: string;
  readonly ids?: readonly string[];
}
function ownEvents(bulk: Bulk, origins: Origins): OwnEvents | undefined {
  const letters: string[] = [];
  let writer: { readonly say: Say; readonly request: number; readonly asText?: true } | undefined;
  for (const { operation, documentData } of bulk.events) {
    const origin = origins.get(documentData);
    // Whoever hears the rows in their order takes them for the order of the events.
    if (!origin || origin.row < letters.length) return undefined;
    if (writer && (writer.say !== origin.say || writer.request !== origin.request)) return undefined;
    writer = origin;
    while (letters.length < origin.row) letters.push(UNTOLD);
    letters.push(operation.charAt(0));
  }
  if (!writer) return undefined;
  const { say, request, asText } = writer;
  return { say, request, events: letters.join(''), ...(asText ? { ids: bulk.events.map(({ documentId }) => documentId) } : {}) };
}

function refusedOf(rows: Asked['write']['rows'], errors: Awaited<ReturnType<Instance['bulkWrite']>>['error']): Refused[] {
  const places = new Map(rows.map((row, i) => [row, i]));
  return errors.map(({ writeRow, ...error }) => {
    const row = places.get(writeRow) ?? rows.findIndex((one) => deepEqual(one.document, writeRow.document));
    if (error.status === 409) return { row, status: 409, stored: error.documentInDb };
    return { row, status: error.status, rest: error };
  });
}

/** The lock of each database that is open here, and what had to be done before its first collection. */
function databaseOwner({ prepare, patience = 8000 }: Pick<ServeOptions, 'prepare' | 'patience'>) {
  const owned = new Map<string, { users: number; readonly ready: Promise<() => void> }>();
  const take = async (name: string, storage: RxStorage<unknown, unknown>): Promise<() => void> => {
    const release = await takeLock(`rxdb-engine-${name}`, patience);
    if (!release)
      throw new HostFault(
        'held_elsewhere',
        'The records on this device are in use by another window of an older or newer version. Close that window, or reload it, and try again.',
      );
    try {
      await prepare?.(name, storage);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  };
  const leave = (name: string): void => {
    const own = owned.get(name);
    if (!own) return;
    own.users -= 1;
    if (own.users > 0) return;
    owned.delete(name);
    // A lock that was never got has nothing to give back; who waited for it has been told.
    own.ready.then((release) => release()).catch(() => undefined);
  };
  return {
    async enter(name: string, storage: RxStorage<unknown, unknown>): Promise<void> {
      const own = owned.get(name) ?? { users: 0, ready: take(name, storage) };
      owned.set(name, own);
      own.users += 1;
      try {
        await own.ready;
      } catch (error) {
        leave(name);
        throw error;
      }
    },
    leave,
  };
}

/** Which storage serves a database: the one of its key, the same for all windows that have it open. */
function storagesByKey({ storage, withKey }: Pick<ServeOptions, 'storage' | 'withKey'>) {
  const chosen = new Map<string, { readonly id: string | undefined; readonly storage: RxStorage<unknown, unknown> }>();
  const make = (key: StorageKey | undefined): RxStorage<unknown, unknown> => {
    if (!key) return storage;
    if (!withKey) throw new HostFault('key_unexpected', 'This storage keeps its data without encryption, but a key was given.');
    return withKey(key.key);
  };
  /** `inUse`: the database is open. */
  return ({ databaseName, key }: Opening, inUse: boolean): RxStorage<unknown, unknown> => {
    const known = inUse ? chosen.get(databaseName) : undefined;
    if (known && known.id !== key?.id) throw new HostFault('wrong_key', `${databaseName} is open in another window with another key.`);
    const own = known ?? { id: key?.id, storage: make(key) };
    chosen.set(databaseName, own);
    return own.storage;
  };
}

/** So many of the latest are kept for windows that come later. */
const NOTICES = 100;

export class StorageServer {
  readonly #storageOf: ReturnType<typeof storagesByKey>;
  readonly #owner: ReturnType<typeof databaseOwner>;
  readonly #places = new Map<string, Shared>();
  readonly #origins: Origins = new WeakMap();
  readonly #windows = new Set<Say>();
  readonly #life = live();
  #notices: readonly unknown[] = [];
  #stopped = false;

  constructor(options: ServeOptions) {
    this.#storageOf = storagesByKey(options);
    this.#owner = databaseOwner(options);
  }

  /** Answers the window at the other end of the port from now on. */
  serve(port: Port): void {
    const say = speaker<FromWorker>(port, () => this.#stopped);
    port.addEventListener('message', ({ data }: MessageEvent<readonly ToWorker[]>) => {
      if (this.#stopped) return;
      for (const message of data) {
        if (message.kind === 'request') void this.#handle(say, message);
        else this.#greet(say, message);
      }
    });
  }

  /** Tells all windows, and those that come later. */
  notify(notice: unknown): void {
    this.#notices = [...this.#notices, notice].slice(-NOTICES);
    this.tell(notice);
  }

  /** Tells the windows that are there now. */
  tell(notice: unknown): void {
    for (const say of this.#windows) say({ kind: 'notice', notice });
  }

  /** Answers nobody any more, closes what is open and lets go of the databases. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const open = [...this.#places.values()];
    this.#places.clear();
    (await this.#life).end();
    for (const { instance, opening, stop } of open) {
      stop();
      await (await instance).close().finally(() => this.#owner.leave(opening.databaseName));
    }
  }

  #greet(say: Say, { life }: Hello): void {
    this.#windows.add(say);
    watchLife(life, () => this.#forget(say));
    for (const notice of this.#notices) say({ kind: 'notice', notice });
    void this.#life.then((own) => say({ kind: 'ready', border: BORDER, life: own.life }));
  }

  #forget(say: Say): void {
    this.#windows.delete(say);
    for (const place of this.#places.keys()) this.#leave(say, place, true).catch((error: unknown) => this.notify(plainError(error)));
  }

  async #handle<M extends Method>(say: Say, request: Request<M>): Promise<void> {
    try {
      const answer = await this.#methods[request.method](say, request);
      say({ kind: 'answer', id: request.id, answer });
    } catch (error) {
      say({ kind: 'failure', id: request.id, error: plainError(error) });
    }
  }

  readonly #methods: { readonly [M in Method]: (say: Say, request: Request<M>) => Promise<Answered[M]> } = {
    open: (say, { place, asked }) => this.#open(say, place, asked),
    close: (say, { place }) => this.#leave(say, place, false),
    remove: (say, { place }) => this.#remove(say, place),
    write: (say, { id, place, asked }) => this.#write(say, id, place, asked),
    ingest: (say, { id, place, asked }) => this.#ingest(say, id, place, asked),
    find: async (say, { place, asked: { ids, deleted } }) => (await this.#at(say, place)).findDocumentsById(ids, deleted),
    query: async (say, { place, asked }) => (await this.#at(say, place)).query(asked.query),
    count: async (say, { place, asked }) => (await this.#at(say, place)).count(asked.query),
    changed: async (say, { place, asked: { limit, checkpoint } }) =>
      getChangedDocumentsSince<unknown, Checkpoint>(await this.#at(say, place), limit, checkpoint),
    attachment: async (say, { place, asked: { document, attachment, digest } }) =>
      (await this.#at(say, place)).getAttachmentData(document, attachment, digest),
    cleanup: async (say, { place, asked }) => (await this.#at(say, place)).cleanup(asked.age),
  };

  #at(say: Say, place: string): Promise<Instance> {
    const shared = this.#places.get(place);
    if (!shared?.users.has(say)) throw new HostFault('closed', `${place} is not open, or was removed by another window.`);
    return shared.instance;
  }

  async #write(say: Say, request: number, place: string, { rows, context }: Asked['write']): Promise<readonly Refused[]> {
    const instance = await this.#at(say, place);
    for (const [row, { document }] of rows.entries()) this.#origins.set(document, { say, request, row });
    const { error } = await instance.bulkWrite(rows, context);
    return refusedOf(rows, error);
  }

  async #ingest(say: Say, request: number, place: string, { page, notes }: Asked['ingest']): Promise<number> {
    const instance = await this.#at(say, place);
    if (!ingests(instance)) return 0;
    return instance.ingest(page, await this.#at(say, notes), (documents) => {
      for (const [row, document] of documents.entries()) this.#origins.set(document, { say, request, row, asText: true });
    });
  }

  #tell(place: string, { users }: Shared, bulk: Bulk): void {
    const mine = ownEvents(bulk, this.#origins);
    for (const say of users.keys()) {
      if (mine?.say === say) {
        const { events: _, ...rest } = bulk;
        say({ kind: 'own-events', place, request: mine.request, bulk: rest, events: mine.events, ...(mine.ids ? { ids: mine.ids } : {}) });
      } else say({ kind: 'events', place, bulk });
    }
  }

  #share(place: string, opening: Opening): Shared {
    let stopHearing = (): void => undefined;
    const start = async (): Promise<Instance> => {
      const { key: _, ...own } = opening;
      const inUse = [...this.#places.values()].some(({ opening: { databaseName } }) => databaseName === opening.databaseName);
      const storage = this.#storageOf(opening, inUse);
      await this.#owner.enter(opening.databaseName, storage);
      try {
        const params = { ...own, databaseInstanceToken: `host-${place}`, multiInstance: false };
        const instance = (await storage.createStorageInstance<unknown>(params)) as Instance;
        const sub = instance.changeStream().subscribe((bulk) => this.#tell(place, shared, bulk as Bulk));
        stopHearing = () => sub.unsubscribe();
        return instance;
      } catch (error) {
        this.#owner.leave(opening.databaseName);
        throw error;
      }
    };
    const shared: Shared = { opening, instance: start(), users: new Map(), stop: () => stopHearing() };
    return shared;
  }

  async #open(say: Say, place: string, opening: Opening): Promise<undefined> {
    const known = this.#places.get(place);
    if (known && known.opening.key?.id !== opening.key?.id)
      throw new HostFault('wrong_key', `${opening.databaseName} is open in another window with another key.`);
    if (known && !deepEqual(known.opening.schema, opening.schema))
      throw new HostFault('schema_differs', `${opening.collectionName} is open in another window with another schema of the same version.`);
    const shared = known ?? this.#share(place, opening);
    this.#places.set(place, shared);
    shared.users.set(say, (shared.users.get(say) ?? 0) + 1);
    try {
      await shared.instance;
      return undefined;
    } catch (error) {
      if (this.#places.get(place) === shared) this.#places.delete(place);
      throw error;
    }
  }

  /** Lets go of a place, once or as often as the window has it; the last user closes it. */
  async #leave(say: Say, place: string, wholly: boolean): Promise<undefined> {
    const shared = this.#places.get(place);
    const times = shared?.users.get(say);
    if (!shared || times === undefined) return;
    if (times > 1 && !wholly) shared.users.set(say, times - 1);
    else shared.users.delete(say);
    if (shared.users.size === 0) await this.#end(place, shared, (instance) => instance.close());
  }

  async #remove(say: Say, place: string): Promise<undefined> {
    await this.#at(say, place);
    const shared = this.#places.get(place);
    if (shared) await this.#end(place, shared, (instance) => instance.remove());
  }

  async #end(place: string, shared: Shared, how: (instance: Instance) => Promise<void>): Promise<void> {
    this.#places.delete(place);
    const instance = await shared.instance;
    shared.stop();
    await how(instance).finally(() => this.#owner.leave(shared.opening.databaseName));
  }
}
