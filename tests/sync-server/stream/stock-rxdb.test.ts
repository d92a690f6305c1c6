/** A stock RxDB client, with nothing of Drover's in it, against our endpoints: the wire is that of RxDB Server. */
import { createParser } from 'eventsource-parser';
import { type RxCollection, type RxDatabase, createRxDatabase } from 'rxdb';
import { type RxReplicationState, replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { wrappedValidateAjvStorage } from 'rxdb/plugins/validate-ajv';
import { Subject } from 'rxjs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { rxSchema } from '../../../domain/entity/rx-schema.ts';
import type { Checkpoint, PullAnswer, WireDocument } from '../../../domain/protocol/protocol.ts';
import type { Server } from '../../../sync-server/server.ts';
import { animal, ranch, syntheticNouns } from '../synthetic-nouns.ts';
import { type Client, document, openTestServer, signIn, until } from '../test-server.ts';

type Doc = Record<string, unknown> & { id: string };
interface Device {
  readonly db: RxDatabase;
  readonly ranches: RxCollection<Doc>;
  readonly animals: RxCollection<Doc>;
  readonly errors: string[];
  settle(): Promise<void>;
}

let server: Server;
const open: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  server = await openTestServer({ nouns: syntheticNouns });
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(() => server.close());

async function follow(
  client: Client,
  collection: string,
  onEvent: (event: 'RESYNC' | PullAnswer) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(`${client.url}/sync/${collection}/0/pullStream`, { headers: client.headers, signal });
  onEvent('RESYNC');
  const parser = createParser({ onEvent: ({ data }) => onEvent(JSON.parse(data) as PullAnswer) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
}

function replicate(client: Client, collection: RxCollection<Doc>, errors: string[]): RxReplicationState<Doc, Checkpoint> {
  const address = `/sync/${collection.name}/0`;
  const stream$ = new Subject<'RESYNC' | { documents: (Doc & { _deleted: boolean })[]; checkpoint: Checkpoint }>();
  const abort = new AbortController();
  open.push(async () => abort.abort());
  void follow(client, collection.name, (event) => stream$.next(event as never), abort.signal).catch((error: Error) => {
    if (!abort.signal.aborted) errors.push(error.message);
  });
  const state = replicateRxCollection<Doc, Checkpoint>({
    collection,
    replicationIdentifier: `${client.url}-${collection.name}`,
    live: true,
    retryTime: 200,
    pull: {
      batchSize: 20,
      stream$,
      handler: async (checkpoint, batchSize) =>
        (await (
          await client.get(`${address}/pull?lwt=${checkpoint?.lwt ?? 0}&id=${checkpoint?.id ?? ''}&limit=${batchSize}`)
        ).json()) as never,
    },
    push: { batchSize: 10, handler: (rows) => client.push(collection.name, rows) },
  });
  state.error$.subscribe((error) => errors.push(JSON.stringify(error.parameters)));
  return state;
}

async function device(name: string, who: string): Promise<Device> {
  const client = await signIn(server, who, name);
  const db = await createRxDatabase({
    name: `${name}-${Math.random()}`,
    storage: wrappedValidateAjvStorage({ storage: getRxStorageMemory() }),
    multiInstance: false,
  });
  const collections = await db.addCollections({
    ranches: { schema: rxSchema(ranch) as never },
    animals: { schema: rxSchema(animal) as never },
  });
  open.push(() => db.close());
  const errors: string[] = [];
  const [ranches, animals] = [collections['ranches'], collections['animals']] as unknown as [RxCollection<Doc>, RxCollection<Doc>];
  const states = [replicate(client, ranches, errors), replicate(client, animals, errors)];
  return {
    db,
    ranches,
    animals,
    errors,
    settle: async () => {
      for (const state of states) await state.awaitInSync();
    },
  };
}
const plain = ({ _deleted: _, ...doc }: WireDocument): Doc => doc;
const contents = async (collection: RxCollection<Doc>): Promise<Doc[]> =>
  (await collection.find().exec()).map((doc) => doc.toJSON() as Doc).sort((a, b) => (a.id < b.id ? -1 : 1));
async function converged(a: RxCollection<Doc>, b: RxCollection<Doc>, size: number): Promise<boolean> {
  const [mine, theirs] = [await contents(a), await contents(b)];
  return (
    mine.length === size &&
    JSON.stringify(mine, Object.keys(mine[0] ?? {}).sort()) === JSON.stringify(theirs, Object.keys(mine[0] ?? {}).sort())
  );
}

test('[SYN-5] two stock clients converge: inserts, changes, deletions, children before parents, both ways, live', async () => {
  const one = await device('one', 'broker');
  const two = await device('two', 'field');
  await one.animals.bulkInsert(Array.from({ length: 45 }, (_, i) => plain(document(`a-${i}`, { tag: `${i}`, ranchId: `r-${i % 5}` }))));
  // What lands while a stock client still sends can reach it behind the note of its own push, and is passed over (known gaps).
  await one.settle();
  await two.ranches.bulkInsert(Array.from({ length: 5 }, (_, i) => plain(document(`r-${i}`, { name: `Ranch ${i}` }))));
  await until(
    async () => (await converged(one.ranches, two.ranches, 5)) && (await converged(one.animals, two.animals, 45)),
    'everything arrived on both',
  );

  // A stock client does not change `w`; the server makes one and the client adopts it.
  await (await one.ranches.findOne('r-1').exec(true)).incrementalPatch({ name: 'Renamed' });
  await until(async () => (await two.ranches.findOne('r-1').exec())?.get('name') === 'Renamed', 'the change arrived');
  await (await two.ranches.findOne('r-1').exec(true)).incrementalPatch({ name: 'Renamed again' });
  await until(async () => (await one.ranches.findOne('r-1').exec())?.get('name') === 'Renamed again', 'the answer arrived');

  await (await two.animals.findOne('a-3').exec(true)).remove();
  await until(async () => (await one.animals.findOne('a-3').exec()) === null, 'the deletion arrived');
  await until(
    async () => (await converged(one.ranches, two.ranches, 5)) && (await converged(one.animals, two.animals, 44)),
    'both are equal again',
  );
  await one.settle();
  await two.settle();
  expect([...one.errors, ...two.errors]).toEqual([]);
  const [row] = await server.db.rows<{ doc: { tag: string }; deleted: boolean }>({
    text: `select doc, deleted from animals where id = 'a-3'`,
  });
  expect(row).toMatchObject({ deleted: true, doc: { tag: '3' } });
});

test('[SYN-4] a refused record leaves the device that made it in one answer, without a loop and without harm to the others', async () => {
  const one = await device('refused', 'broker');
  await one.ranches.bulkInsert([plain(document('r-bad', { name: 'Forbidden' })), plain(document('r-good', { name: 'Fine' }))]);
  await until(async () => (await one.ranches.findOne('r-bad').exec()) === null, 'the refused record was withdrawn');
  await until(async () => (await server.db.rows({ text: `select from ranches where id = 'r-good'` })).length === 1, 'the good one landed');
  await one.settle();
  const head = await server.db.rows({ text: 'select seq from feed_head' });
  await one.settle();
  expect(await server.db.rows({ text: 'select seq from feed_head' })).toEqual(head);
  expect(await server.db.rows({ text: `select code from refused where id = 'r-bad'` })).toEqual([{ code: 'invalid' }]);
  expect(one.errors).toEqual([]);
});

test('[SYN-5] a device that was away gets everything, page by page, and its own work is taken', async () => {
  const writer = await signIn(server, 'admin', 'importer');
  const rows = Array.from({ length: 120 }, (_, i) => ({ newDocumentState: document(`r-away-${i}`, { name: `Away ${i}` }) }));
  await writer.push('ranches', rows);
  const late = await device('late', 'field');
  await late.ranches.insert(plain(document('r-away-own', { name: 'Own' })));
  await until(async () => (await late.ranches.count({ selector: { id: { $regex: '^r-away' } } }).exec()) === 121, 'everything is there');
  await until(
    async () => (await server.db.rows({ text: `select from ranches where id = 'r-away-own'` })).length === 1,
    'its own record arrived',
  );
  expect(late.errors).toEqual([]);
});
