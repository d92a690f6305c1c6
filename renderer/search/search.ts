/**
 * One search box over every record of the desk. The window reads the records in idle chunks, derives what is searched, and
 * sends it to the index in a worker; afterwards every change follows by itself.
 */
import type { Desk } from '../data/desk.ts';
import { type Live, makeCell } from '../data/live-value.ts';
import { type RecordChange, onChanges, walkRecords } from '../data/walk.ts';
import type { Hit, SearchOptions } from './hit.ts';
import { type FromIndex, type ToIndex, answerWith } from './search-port.ts';
import { type SearchRow, rowMaker } from './search-row.ts';

export type { Hit, SearchOptions } from './hit.ts';
export interface SearchStatus {
  /** Everything that was stored at the start is in the index. */
  readonly ready: boolean;
  readonly indexed: number;
  /** Grows when the index has changed, at most some times a second; ask again when it does. */
  readonly revision: number;
}
export interface Search {
  readonly status: Live<SearchStatus>;
  /** Hits, best first: exact numbers, then titles, then words. */
  search(query: string, options?: SearchOptions): Promise<Hit[]>;
  close(): void;
}

interface Port {
  post(message: ToIndex): void;
  close(): void;
}
function workerPort(heard: (message: FromIndex) => void): Port {
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), { type: 'module', name: 'drover-search' });
  worker.addEventListener('message', (event: MessageEvent<FromIndex>) => heard(event.data));
  return { post: (message) => worker.postMessage(message), close: () => worker.terminate() };
}
function ownPort(heard: (message: FromIndex) => void): Port {
  return { post: answerWith((message) => queueMicrotask(() => heard(message))), close: () => undefined };
}

/** Records read at a time; keeps a chunk below a frame or two. */
const CHUNK = 300;
const idle = (): Promise<void> =>
  new Promise((done) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => done(), { timeout: 200 });
    else setTimeout(done, 0);
  });

/** Starts building the index; search may be asked at once and finds what is there by then. `inWorker` defaults to where workers exist. */
export function startSearch(desk: Desk, options: { readonly inWorker?: boolean } = {}): Search {
  const { inWorker = typeof window !== 'undefined' && typeof Worker !== 'undefined' } = options;
  const waiting = new Map<number, (hits: Hit[]) => void>();
  let turn = 0;
  let closed = false;
  const heard = (message: FromIndex): void => {
    waiting.get(message.turn)?.([...message.hits]);
    waiting.delete(message.turn);
  };
  const port = inWorker ? workerPort(heard) : ownPort(heard);

  const status = makeCell<SearchStatus>({ ready: false, indexed: 0, revision: 0 });
  const keys = new Set<string>();
  let ready = false;
  let telling: ReturnType<typeof setTimeout> | undefined;
  const changed = (): void => {
    telling ??= setTimeout(() => {
      telling = undefined;
      status.set({ ready, indexed: keys.size, revision: status.get().revision + 1 });
    }, 150);
  };

  const entities = desk.nouns.map((noun) => noun.entity);
  const makers = new Map(entities.map((entity) => [entity.collection, rowMaker(entity, entities)]));
  const send = (collection: string, documents: readonly RecordChange[]): void => {
    const make = makers.get(collection);
    if (!make || documents.length === 0 || closed) return;
    const rows: SearchRow[] = [];
    const gone: string[] = [];
    for (const { document, deleted } of documents) {
      const key = `${collection}/${document.id}`;
      if (deleted) {
        if (keys.delete(key)) gone.push(key);
      } else {
        keys.add(key);
        rows.push(make(document));
      }
    }
    if (rows.length > 0) port.post({ kind: 'put', rows });
    if (gone.length > 0) port.post({ kind: 'remove', keys: gone });
    changed();
  };

  /** Records that changed while the first read is under way: what was read of them may be older. */
  const fresh = new Set<string>();
  const stops = entities.map(({ collection }) =>
    onChanges(desk, collection, (changes) => {
      if (!ready) for (const { document } of changes) fresh.add(`${collection}/${document.id}`);
      send(collection, changes);
    }),
  );
  const load = async (): Promise<void> => {
    for (const { collection } of entities) {
      await idle();
      if (closed) return;
      for await (const documents of walkRecords(desk, collection, CHUNK)) {
        const unchanged = documents.filter((document) => !fresh.has(`${collection}/${document.id}`));
        send(
          collection,
          unchanged.map((document) => ({ document, deleted: false })),
        );
        await idle();
        if (closed) return;
      }
    }
    ready = true;
    fresh.clear();
    changed();
  };
  void load();

  return {
    status,
    search(query, asked = {}) {
      if (closed) return Promise.resolve([]);
      turn += 1;
      const own = turn;
      return new Promise((resolve) => {
        waiting.set(own, resolve);
        port.post({ kind: 'search', turn: own, typed: query, options: asked });
      });
    },
    close() {
      closed = true;
      clearTimeout(telling);
      for (const stop of stops) stop();
      port.close();
      for (const resolve of waiting.values()) resolve([]);
      waiting.clear();
    },
  };
}
