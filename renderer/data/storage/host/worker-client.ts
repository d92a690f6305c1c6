/**
 * A window's end of the channel: asks, keeps what is not answered yet, hears events, and survives the death of the worker.
 *
 * A write that was under way when the worker died is asked again. If the first one had reached the disk, the second is
 * refused because exactly its document is stored, and that is the answer "written".
 */
import { deepEqual } from 'rxdb';
import {
  type Answered,
  type Asked,
  BORDER,
  type Bulk,
  type Checkpoint,
  type FromWorker,
  HostFault,
  type Method,
  type Opening,
  type Port,
  type Request,
  type StorageKey,
  type ToWorker,
  UNTOLD,
  faultOf,
  operations,
  placeOf,
  speaker,
} from './border.ts';
import { eventsOf } from '../ingest.ts';
import { live, watchLife } from './life.ts';

export interface Connection {
  readonly port: Port;
  /** Calls back when the worker could not be started. */
  onFailure(listener: (message: string) => void): void;
  close(): void;
}
export interface WorkerClientOptions {
  /** Reaches the worker, starting one where there is none. Called again when it died. */
  readonly connect: () => Connection;
  /** The databases that are opened lie encrypted with this key. */
  readonly key?: StorageKey;
  /** What the engine wants people to know. */
  readonly onNotice?: (notice: unknown) => void;
  /** How long a worker may take to say that it is there, in milliseconds. */
  readonly patience?: number;
}
type Hear = (bulk: Bulk) => void;
type Stored = Bulk['events'][number]['documentData'];
interface Pending {
  readonly request: Request;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  /** Where it was sent last; absent until then. */
  by?: Session;
  /** Asked of a worker that died before it answered. */
  again: boolean;
  /** Asked by the channel itself, to bring a worker to where the last one was: ends with that worker. */
  readonly own: boolean;
}
interface Place {
  readonly opening: Opening;
  times: number;
  /** Time of the latest write that was heard of, in milliseconds. */
  seen: number;
}
interface Session {
  readonly say: (message: ToWorker) => void;
  ready: boolean;
  end(): void;
}

/** A worker that cannot be reached so often in a row is given up. */
const ATTEMPTS = 5;
/** Writes are stamped before they are sent and may be stored out of their order: so far back is looked, in milliseconds. */
const LOOK_BACK = 60_000;
const PAGE = 500;

/** What of a repeated write was refused for another reason than that it had been stored the first time. */
const stillRefused = (rows: Asked['write']['rows'], refused: Answered['write']): Answered['write'] =>
  refused.filter((one) => !('stored' in one) || !deepEqual(one.stored, rows[one.row]?.document));

const idIn = (document: Stored, primary: string): string => String((document as unknown as Readonly<Record<string, unknown>>)[primary]);
const primaryOf = (place: Place | undefined): string => {
  const key = place?.opening.schema.primaryKey ?? 'id';
  return typeof key === 'string' ? key : key.key;
};

export class WorkerClient {
  readonly #options: WorkerClientOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #places = new Map<string, Place>();
  readonly #listeners = new Map<string, Set<Hear>>();
  #session: Session | undefined;
  #lastId = 0;
  #failures = 0;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  async open(opening: Opening): Promise<void> {
    const place = placeOf(opening);
    const from = Date.now();
    await this.ask(place, 'open', opening);
    const known = this.#places.get(place);
    if (known) known.times += 1;
    else this.#places.set(place, { opening, times: 1, seen: from });
  }

  /** Rejects with HostFault: what the engine answered, or that no worker could be reached. */
  ask<M extends Method>(place: string, method: M, asked: Asked[M]): Promise<Answered[M]> {
    if (!this.#session) this.#start();
    return this.#put(place, method, asked);
  }

  async leave(place: string, method: 'close' | 'remove'): Promise<void> {
    try {
      await this.ask(place, method, {});
    } finally {
      const known = this.#places.get(place);
      if (known) known.times -= 1;
      if (known && (known.times <= 0 || method === 'remove')) this.#places.delete(place);
      if (this.#places.size === 0 && this.#pending.size === 0) {
        this.#session?.end();
        this.#session = undefined;
      }
    }
  }

  /** Answers how to stop. */
  hear(place: string, listener: Hear): () => void {
    const own = this.#listeners.get(place) ?? new Set();
    this.#listeners.set(place, own);
    own.add(listener);
    return () => {
      own.delete(listener);
    };
  }

  #put<M extends Method>(place: string, method: M, asked: Asked[M], by?: Session): Promise<Answered[M]> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      const request = { kind: 'request', id: this.#lastId, place, method, asked } as unknown as Request;
      const one: Pending = { request, resolve, reject, again: false, own: by !== undefined };
      this.#pending.set(request.id, one);
      const through = by ?? (this.#session?.ready === true ? this.#session : undefined);
      if (through) this.#pass(through, one);
    });
  }

  #pass(own: Session, one: Pending): void {
    one.by = own;
    own.say(one.request);
  }

  #take(id: number): Pending | undefined {
    const one = this.#pending.get(id);
    this.#pending.delete(id);
    return one;
  }

  #answered(id: number, answer: unknown): void {
    const one = this.#take(id);
    if (!one) return;
    const repeated = one.again && one.request.method === 'write';
    one.resolve((repeated ? stillRefused((one.request.asked as Asked['write']).rows, answer as Answered['write']) : answer) as never);
  }

  /** `latest`: the time of the latest of these writes. */
  #emit(place: string, bulk: Bulk, latest = Math.max(0, ...bulk.events.map(({ documentData }) => documentData._meta.lwt))): void {
    const open = this.#places.get(place);
    if (open) open.seen = Math.max(open.seen, latest);
    for (const listener of this.#listeners.get(place) ?? []) listener(bulk);
  }

  /** The events of rows that this window sent: the documents never left it. */
  #ownEvents({ request, place, bulk, events, ids }: Extract<FromWorker, { kind: 'own-events' }>): void {
    const asked = this.#pending.get(request)?.request.asked as Asked['write'] | Asked['ingest'] | undefined;
    if (!asked) return;
    if ('page' in asked) {
      const rows = Array.from(events, (letter, row) => (letter === UNTOLD ? [] : [row])).flat();
      return this.#emit(place, { ...bulk, events: eventsOf(asked.page, rows, ids ?? []) }, asked.page.lwt);
    }
    const { rows } = asked;
    const primary = primaryOf(this.#places.get(place));
    this.#emit(place, {
      ...bulk,
      events: rows.slice(0, events.length).flatMap(({ document, previous }, row) => {
        const letter = events.charAt(row);
        if (letter === UNTOLD) return [];
        const documentData = document as Stored;
        const operation = operations[letter as keyof typeof operations];
        return [{ operation, documentId: idIn(documentData, primary), documentData, previousDocumentData: previous as never }];
      }),
    });
  }

  #heard(own: Session, message: FromWorker): void {
    switch (message.kind) {
      case 'answer':
        return this.#answered(message.id, message.answer);
      case 'failure':
        return this.#take(message.id)?.reject(faultOf(message.error));
      case 'events':
        return this.#emit(message.place, message.bulk);
      case 'own-events':
        return this.#ownEvents(message);
      case 'notice':
        return this.#options.onNotice?.(message.notice);
      case 'ready':
        if (message.border === BORDER) return void this.#begin(own);
        return this.#giveUp(
          own,
          new HostFault('other_version', 'Another version is open on this device. Close its windows, or reload this one.'),
        );
    }
  }

  /** What was written while nobody told this window, as changes. */
  async #catchUp(own: Session, place: string, open: Place): Promise<void> {
    let checkpoint: Checkpoint = { id: '', lwt: open.seen - LOOK_BACK };
    for (;;) {
      const page = await this.#put(place, 'changed', { limit: PAGE, checkpoint }, own);
      if (page.documents.length === 0) return;
      ({ checkpoint } = page);
      this.#emit(place, {
        id: `missed-${crypto.randomUUID()}`,
        context: 'missed',
        checkpoint,
        events: page.documents.map((documentData) => ({
          operation: documentData._deleted ? 'DELETE' : 'UPDATE',
          documentId: idIn(documentData, primaryOf(open)),
          documentData,
          previousDocumentData: undefined as never,
        })),
      });
    }
  }

  /** The worker is there: brings it to where the last one was, then lets everything through. */
  async #begin(own: Session): Promise<void> {
    this.#failures = 0;
    try {
      for (const [place, open] of this.#places) {
        for (let i = 0; i < open.times; i += 1) await this.#put(place, 'open', open.opening, own);
        await this.#catchUp(own, place, open);
      }
    } catch (error) {
      // A worker that died once more takes its own questions along; the next one begins again.
      if (this.#session === own)
        this.#giveUp(own, error instanceof HostFault ? error : new HostFault('reopen', 'The records could not be opened again.', error));
      return;
    }
    if (this.#session !== own) return;
    own.ready = true;
    for (const one of this.#pending.values()) if (one.by !== own) this.#pass(own, one);
  }

  /** Ends the session and fails what waits; what is asked later tries anew. */
  #giveUp(own: Session, fault: HostFault): void {
    own.end();
    this.#session = undefined;
    for (const { request, reject } of this.#pending.values()) {
      this.#pending.delete(request.id);
      reject(fault);
    }
  }

  #lose(own: Session, message: string): void {
    if (this.#session !== own) return;
    own.end();
    this.#session = undefined;
    this.#failures += 1;
    for (const one of this.#pending.values()) {
      if (one.own) this.#take(one.request.id)?.reject(new HostFault('worker_lost', message));
      else if (one.by === own) one.again = true;
    }
    if (this.#failures >= ATTEMPTS) this.#giveUp(own, new HostFault('no_worker', `The storage could not be started (${message}).`));
    else if (this.#places.size > 0 || this.#pending.size > 0) this.#start();
  }

  #start(): void {
    const { connect, patience = 10_000 } = this.#options;
    const { port, onFailure, close } = connect();
    const ends: (() => void)[] = [close];
    const own: Session = {
      say: speaker<ToWorker>(port),
      ready: false,
      end() {
        for (const end of ends.splice(0)) end();
      },
    };
    this.#session = own;
    const late = setTimeout(() => this.#lose(own, 'it did not answer in time'), patience);
    const listener = ({ data }: MessageEvent<readonly FromWorker[]>): void => {
      for (const message of data) {
        if (this.#session !== own) return;
        if (message.kind === 'ready') {
          clearTimeout(late);
          ends.push(watchLife(message.life, () => this.#lose(own, 'it ended')));
        }
        this.#heard(own, message);
      }
    };
    port.addEventListener('message', listener);
    ends.push(() => {
      clearTimeout(late);
      port.removeEventListener('message', listener);
    });
    onFailure((message) => this.#lose(own, message));
    void live().then(({ life, end }) => {
      if (this.#session !== own) return end();
      ends.push(end);
      return own.say({ kind: 'hello', border: BORDER, life });
    });
  }
}
