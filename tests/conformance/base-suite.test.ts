/**
 * The replication suite that RxDB exports for authors of backends (`rxdb/plugins/test-utils`), as it is, against our server.
 * It is written for mocha; vitest's describe and it take the same calls. In RxDB 17.6 it has three cases that apply: push,
 * two collections, conflict. Its other four are for attachments inside of documents, which Drover does not replicate.
 */
import { createParser } from 'eventsource-parser';
import { type RxCollection, addRxPlugin } from 'rxdb';
import { type RxReplicationState, replicateRxCollection } from 'rxdb/plugins/replication';
import { RxDBDevModePlugin, disableWarnings } from 'rxdb/plugins/dev-mode';
import { RxDBLocalDocumentsPlugin } from 'rxdb/plugins/local-documents';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { wrappedValidateAjvStorage } from 'rxdb/plugins/validate-ajv';
import { Subject } from 'rxjs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Checkpoint, PullAnswer } from '../../domain/protocol/protocol.ts';
import type { Server } from '../../sync-server/server.ts';
import { type Client, openTestServer, signIn } from '../sync-server/test-server.ts';
import { type Human, fromWire, humanNoun, toWire } from './human.ts';

/** What is used of the package; its own declarations ask for the types of mocha. */
interface TestUtils {
  setConfig(config: { storage: { name: string; getStorage(): unknown } }): void;
  runReplicationBaseTestSuite(config: {
    startReplication(collection: RxCollection<Human>): unknown;
    syncOnce(collection: RxCollection<Human>): Promise<void>;
    getAllServerDocs(): Promise<unknown[]>;
    cleanUpServer(): Promise<void>;
    softDeletes: boolean;
    isDeleted(document: Human): boolean;
    getPrimaryOfServerDoc(document: Human): string;
  }): void;
}
const load = async (name: string): Promise<TestUtils> => (await import(name)) as TestUtils;

let server: Server | undefined;
let client: Client | undefined;
const streams: AbortController[] = [];
const signedIn = (): Client => {
  if (!client) throw new Error('the suite has not asked for a server yet');
  return client;
};

/** Each case of the suite begins with this: a server of its own, with nothing in it. */
async function freshServer(): Promise<void> {
  await server?.close();
  server = await openTestServer({ nouns: [humanNoun] });
  client = await signIn(server);
}
async function follow(onEvent: (event: 'RESYNC' | PullAnswer) => void): Promise<void> {
  const abort = new AbortController();
  streams.push(abort);
  const { url, headers } = signedIn();
  const response = await fetch(`${url}/sync/humans/0/pullStream`, { headers, signal: abort.signal });
  onEvent('RESYNC');
  const parser = createParser({ onEvent: ({ data }) => onEvent(JSON.parse(data) as PullAnswer) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
}
function replicate(collection: RxCollection<Human>, live: boolean): RxReplicationState<Human, Checkpoint> {
  const stream$ = new Subject<'RESYNC' | { documents: Human[]; checkpoint: Checkpoint }>();
  if (live) {
    follow((event) => stream$.next(event === 'RESYNC' ? event : { ...event, documents: event.documents.map(fromWire) })).catch(
      (error: Error) => {
        if (error.name !== 'AbortError') throw error;
      },
    );
  }
  return replicateRxCollection<Human, Checkpoint>({
    collection,
    replicationIdentifier: 'suite',
    live,
    retryTime: 200,
    pull: {
      batchSize: 5,
      stream$,
      handler: async (checkpoint, limit) => {
        const page = await signedIn().pull('humans', checkpoint?.lwt ?? 0, limit);
        return { documents: page.documents.map(fromWire), checkpoint: page.checkpoint };
      },
    },
    push: {
      batchSize: 5,
      handler: async (rows) => {
        const sent = rows.map(({ newDocumentState, assumedMasterState }) => ({
          newDocumentState: toWire(newDocumentState),
          ...(assumedMasterState ? { assumedMasterState: toWire(assumedMasterState) } : {}),
        }));
        return (await signedIn().push('humans', sent)).map(fromWire);
      },
    },
  });
}

disableWarnings();
addRxPlugin(RxDBDevModePlugin);
addRxPlugin(RxDBLocalDocumentsPlugin);
const { setConfig, runReplicationBaseTestSuite } = await load('rxdb/plugins/test-utils');
setConfig({ storage: { name: 'memory', getStorage: () => wrappedValidateAjvStorage({ storage: getRxStorageMemory() }) } });
let cases = 0;
const register: (title: string, run: () => Promise<void>) => void = it;
Object.assign(globalThis, {
  describe,
  it: (title: string, run: () => Promise<void>) => {
    cases += 1;
    register(`[SYN-5] ${title}`, run);
  },
});

afterEach(() => {
  for (const stream of streams.splice(0)) stream.abort();
});
afterAll(() => server?.close());

runReplicationBaseTestSuite({
  startReplication: (collection) => replicate(collection, true),
  async syncOnce(collection) {
    const state = replicate(collection, false);
    state.error$.subscribe((error) => {
      throw error;
    });
    await state.awaitInitialReplication();
  },
  getAllServerDocs: async () => (await signedIn().pullAll('humans')).map(fromWire),
  cleanUpServer: freshServer,
  softDeletes: true,
  isDeleted: ({ _deleted }) => _deleted,
  getPrimaryOfServerDoc: ({ passportId }) => passportId,
});

it('is the suite that we think it is', () => {
  expect(cases).toBe(3);
});
