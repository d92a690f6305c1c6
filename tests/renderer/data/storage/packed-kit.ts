/** A collection of made-up freight records over the packed storage, on an IndexedDB of its own. */
import { Dexie, type Table } from 'dexie';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import {
  type FilledMangoQuery,
  type MangoQuery,
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorage,
  type RxStorageInstance,
  fillWithDefaultSettings,
  getQueryMatcher,
  getSortComparator,
  normalizeMangoQuery,
  prepareQuery,
} from 'rxdb';
import type { Engine } from '../../../../renderer/data/storage/engine.ts';
import type { Damage } from '../../../../renderer/data/storage/fault.ts';
import type { PackedInternals } from '../../../../renderer/data/storage/instance.ts';
import { type PackedStorageSettings, getRxStoragePacked } from '../../../../renderer/data/storage/packed-storage.ts';
import { makeEngineRegistry } from '../../../../renderer/data/storage/registry.ts';

export interface Load {
  readonly id: string;
  readonly name?: string;
  readonly state: string;
  readonly weight?: number;
  readonly sealed: boolean;
  readonly route?: { readonly lane?: string };
  readonly note?: string;
  readonly stops?: readonly string[];
}
export type StoredLoad = RxDocumentData<Load>;

export const loadSchema: RxJsonSchema<StoredLoad> = fillWithDefaultSettings<Load>({
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 20 },
    name: { type: 'string', maxLength: 40 },
    state: { type: 'string', maxLength: 10 },
    weight: { type: 'number', minimum: -1_000_000, maximum: 1_000_000, multipleOf: 0.01 },
    sealed: { type: 'boolean' },
    route: { type: 'object', properties: { lane: { type: 'string', maxLength: 20 } } },
    note: { type: 'string' },
    stops: { type: 'array', items: { type: 'string' } },
  },
  required: ['id', 'state', 'sealed'],
  indexes: ['name', ['state', 'name'], ['state', 'weight'], 'sealed', 'weight', 'route.lane'],
});

/** A device: its disk outlives the processes that open it. */
export interface Device {
  readonly disk: IDBFactory;
  readonly damages: Damage[];
  /** Works on a table of its disk, past the engine, while no process runs. */
  table<T>(
    name: 'log' | 'bodies' | 'heads' | 'orders' | 'root',
    work: (table: Table<Uint8Array | undefined, number>) => Promise<T>,
  ): Promise<T>;
  /** A process on this device; the one before it has died without closing. */
  start(settings?: PackedStorageSettings): RxStorage<unknown, object>;
}
export function makeDevice(): Device {
  const disk = new IDBFactory();
  const damages: Damage[] = [];
  return {
    disk,
    damages,
    async table(name, work) {
      const dexie = new Dexie('packed-depot', { indexedDB: disk, IDBKeyRange });
      await dexie.open();
      try {
        return await work(dexie.table(name));
      } finally {
        dexie.close();
      }
    },
    start: (settings = {}) =>
      getRxStoragePacked({
        indexedDB: disk,
        IDBKeyRange,
        registry: makeEngineRegistry(),
        onDamage: (damage) => damages.push(damage),
        ...settings,
      }),
  };
}

export type Loads = RxStorageInstance<Load, unknown, object, { id: string; lwt: number }>;
export const openLoads = (
  storage: RxStorage<unknown, object>,
  more: { collectionName?: string; databaseName?: string; schema?: RxJsonSchema<StoredLoad> } = {},
): Promise<Loads> =>
  storage.createStorageInstance<Load>({
    databaseInstanceToken: 'token',
    databaseName: 'depot',
    collectionName: 'loads',
    schema: loadSchema,
    options: {},
    multiInstance: false,
    devMode: false,
    ...more,
  });

export const engineOf = (loads: Loads): Engine => (loads.internals as PackedInternals).engine;

let written = 0;
/** The next state of a record: after `before`, or new. */
export function stateOf(load: Load, before?: StoredLoad, deleted = false): StoredLoad {
  written += 1;
  const height = before ? Number(before._rev.split('-')[0]) + 1 : 1;
  return { ...load, _deleted: deleted, _attachments: {}, _meta: { lwt: 1000 + written }, _rev: `${height}-${written}` };
}

/** Inserts or updates, and fails the test when a write clashes. */
export async function write(loads: Loads, document: StoredLoad, previous?: StoredLoad, context = 'test'): Promise<void> {
  const { error } = await loads.bulkWrite([previous ? { previous, document } : { document }], context);
  if (error.length > 0) throw new Error(`clash on ${document.id}`);
}

export const normal = (query: MangoQuery<Load>): FilledMangoQuery<Load> => normalizeMangoQuery<Load>(loadSchema, query);

export async function ask(loads: Loads, query: MangoQuery<Load>): Promise<StoredLoad[]> {
  const prepared = prepareQuery(loadSchema, normal(query));
  return (await loads.query(prepared)).documents;
}

/** What a full scan answers, with RxDB's own matcher and order. */
export function scan(all: Iterable<StoredLoad>, query: MangoQuery<Load>): StoredLoad[] {
  const filled = normal(query);
  const matches = getQueryMatcher(loadSchema, filled as never);
  const compare = getSortComparator(loadSchema, filled as never);
  const found = [...all].filter((one) => matches(one as never)).sort((a, b) => compare(a, b));
  return found.slice(filled.skip, filled.skip + (filled.limit ?? found.length));
}
