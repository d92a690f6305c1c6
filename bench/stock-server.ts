/**
 * The baseline: stock rxdb-server 15.22 with the RxDB it was built for, in a process of its own, on its memory storage (it
 * loses everything when it stops; ours does not). `node bench/stock-server.ts <port>`; says `ready` on stdout.
 */
import { registerHooks } from 'node:module';
import { rxSchema } from '../domain/entity/rx-schema.ts';
import { nouns } from '../domain/registry.ts';
import { STOCK_VERSION } from './documents.ts';

// rxdb-server asks for `rxdb`, which is 17 here; it was built for 15, which is installed as `rxdb-stock`.
registerHooks({
  resolve: (specifier, context, next) =>
    /^rxdb(?:\/|$)/u.test(specifier) && context.parentURL?.includes('/rxdb-server/')
      ? next(specifier.replace('rxdb', 'rxdb-stock'), { ...context, parentURL: import.meta.url })
      : next(specifier, context),
});

/** The few calls used; the packages' own types mix RxDB 15 and 17. */
interface Stock {
  createRxDatabase(options: { name: string; storage: unknown; multiInstance: boolean }): Promise<{
    addCollections(collections: Record<string, { schema: unknown }>): Promise<Record<string, unknown>>;
  }>;
}
interface StockServer {
  createRxServer(options: Record<string, unknown>): Promise<{
    addReplicationEndpoint(options: { name: string; collection: unknown; cors?: string }): unknown;
    start(): Promise<unknown>;
  }>;
}
const load = async <T>(name: string): Promise<T> => (await import(name)) as T;

const port = Number(process.argv[2]);
const { createRxDatabase } = await load<Stock>('rxdb-stock');
const { getRxStorageMemory } = await load<{ getRxStorageMemory(): unknown }>('rxdb-stock/plugins/storage-memory');
const { createRxServer } = await load<StockServer>('rxdb-server/plugins/server');
const { RxServerAdapterExpress } = await load<{ RxServerAdapterExpress: unknown }>('rxdb-server/plugins/adapter-express');

const database = await createRxDatabase({ name: 'stock', storage: getRxStorageMemory(), multiInstance: false });
// Nothing was stored before: each is in its first version, and needs no plugin that brings older documents up.
const collections = await database.addCollections(
  Object.fromEntries(nouns.map(({ entity }) => [entity.collection, { schema: { ...rxSchema(entity), version: STOCK_VERSION } }])),
);
const server = await createRxServer({
  database,
  adapter: RxServerAdapterExpress,
  port,
  hostname: '127.0.0.1',
  authHandler: () => ({ data: { user: 'bench' }, validUntil: Date.now() + 86_400_000 }),
});
for (const [name, collection] of Object.entries(collections)) server.addReplicationEndpoint({ name, collection });
await server.start();
process.stdout.write('ready\n');
