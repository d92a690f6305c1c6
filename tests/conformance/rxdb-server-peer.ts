/**
 * A device that knows nothing of Drover: RxDB 15 and the published client of rxdb-server 15, as a process of its own, because
 * that client asks for `rxdb`, which is 17 here. Reads one command a line, answers each with one line of JSON.
 *
 *   node rxdb-server-peer.ts <server> <access token> <documents a pull> <documents a push> <schema version in the address>
 */
import { registerHooks } from 'node:module';
import { createInterface } from 'node:readline';
import { rxSchema } from '../../domain/entity/rx-schema.ts';
import { location } from '../../domain/location/location.entity.ts';
import { party } from '../../domain/party/party.entity.ts';

registerHooks({
  resolve: (specifier, context, next) =>
    /^rxdb(?:\/|$)/u.test(specifier) && context.parentURL?.includes('/rxdb-server/')
      ? next(specifier.replace('rxdb', 'rxdb-stock'), { ...context, parentURL: import.meta.url })
      : next(specifier, context),
});

type Doc = Record<string, unknown> & { readonly id: string };
interface StockDocument {
  toJSON(): Doc;
  incrementalPatch(patch: Readonly<Record<string, unknown>>): Promise<unknown>;
  remove(): Promise<unknown>;
}
/** The few calls used; the packages' own types mix RxDB 15 and 17. */
interface StockCollection {
  find(): { exec(): Promise<StockDocument[]> };
  findOne(id: string): { exec(): Promise<StockDocument | null> };
  bulkInsert(documents: readonly Doc[]): Promise<unknown>;
}
interface Replication {
  readonly error$: { subscribe(onError: (error: { message: string }) => void): void };
  readonly unauthorized$: { subscribe(onEvent: () => void): void };
  readonly outdatedClient$: { subscribe(onEvent: () => void): void };
  awaitInSync(): Promise<unknown>;
  isStopped(): boolean;
  setHeaders(headers: Readonly<Record<string, string>>): void;
}
interface Stock {
  createRxDatabase(options: Record<string, unknown>): Promise<{
    addCollections(collections: Record<string, { schema: unknown }>): Promise<Record<string, StockCollection>>;
  }>;
}
interface StockClient {
  replicateServer(options: Record<string, unknown>): Replication;
}
const load = async <T>(name: string): Promise<T> => (await import(name)) as T;

const [url = '', token = '', pulled = '20', pushed = '10', version = '0'] = process.argv.slice(2);
const { createRxDatabase } = await load<Stock>('rxdb-stock');
const { getRxStorageMemory } = await load<{ getRxStorageMemory(): unknown }>('rxdb-stock/plugins/storage-memory');
const { wrappedValidateAjvStorage } = await load<{ wrappedValidateAjvStorage(of: { storage: unknown }): unknown }>(
  'rxdb-stock/plugins/validate-ajv',
);
const { replicateServer } = await load<StockClient>('rxdb-server/plugins/replication-server');

const database = await createRxDatabase({
  name: `peer-${process.pid}`,
  storage: wrappedValidateAjvStorage({ storage: getRxStorageMemory() }),
  multiInstance: false,
});
const collections = await database.addCollections({
  locations: { schema: rxSchema(location) },
  parties: { schema: rxSchema(party) },
});
const troubles: string[] = [];
const replications = Object.entries(collections).map(([name, collection]) => {
  const replication = replicateServer({
    replicationIdentifier: `peer-${name}`,
    collection,
    url: `${url}/sync/${name}/${version}`,
    headers: { Authorization: `Bearer ${token}` },
    live: true,
    retryTime: 200,
    pull: { batchSize: Number(pulled) },
    push: { batchSize: Number(pushed) },
  });
  replication.error$.subscribe((error) => troubles.push(error.message));
  replication.unauthorized$.subscribe(() => troubles.push('unauthorized'));
  replication.outdatedClient$.subscribe(() => troubles.push('outdated'));
  return replication;
});

interface Command {
  readonly do: 'all' | 'insert' | 'patch' | 'remove' | 'troubles' | 'token' | 'settle' | 'stopped';
  readonly collection?: string;
  readonly id?: string;
  readonly value?: Doc;
  readonly values?: readonly Doc[];
}

async function run({ do: verb, collection = '', id = '', value = { id: '' }, values = [value] }: Command): Promise<unknown> {
  if (verb === 'troubles') return troubles;
  if (verb === 'settle') return Promise.all(replications.map((replication) => replication.awaitInSync())).then(() => true);
  if (verb === 'stopped') return replications.map((replication) => replication.isStopped());
  if (verb === 'token') return replications.map((replication) => replication.setHeaders({ Authorization: `Bearer ${id}` })).length;
  const target = collections[collection];
  if (!target) throw new Error(`no collection ${collection}`);
  if (verb === 'all') return (await target.find().exec()).map((found) => found.toJSON());
  if (verb === 'insert') return target.bulkInsert(values).then(() => true);
  const found = await target.findOne(id).exec();
  if (!found) return false;
  await (verb === 'patch' ? found.incrementalPatch(value) : found.remove());
  return true;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line) as Command))}\n`);
}
process.exit(0);
