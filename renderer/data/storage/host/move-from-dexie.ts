/**
 * Moves a database of RxDB's Dexie storage into another storage, row by row as it is stored: documents with their revisions,
 * tombstones, the checkpoints of replication and what waits to be pushed.
 *
 * Until the old internal store is deleted, the old databases are the truth and everything can begin again: what is copied
 * already is refused as a conflict and left as it is. Deleting that one database is the switch; what is left of the old
 * ones afterwards is rubbish, whenever the process ends. Before anything is copied the old tables are renamed, so that a
 * window of an older version, still open or opened later, fails instead of writing where nobody reads any more.
 */
import type { InternalStoreDocType, RxDocumentData, RxJsonSchema, RxStorage } from 'rxdb';
import { INTERNAL_STORE_SCHEMA } from 'rxdb';
import { fromDexieToStorage, getBooleanIndexes } from 'rxdb/plugins/storage-dexie';
import { filesOpen } from '../browser-files.ts';
import { HostFault } from './border.ts';

type AnySchema = RxJsonSchema<RxDocumentData<unknown>>;
interface Source {
  readonly collectionName: string;
  readonly schema: AnySchema;
}
/** How far a move is, in stored rows: documents, and what replication noted of them. */
export interface Moving {
  /** What an earlier run had copied is passed over again and counts. */
  readonly done: number;
  readonly total: number;
}

const INTERNAL = '_rxdb_internal';
const LIVE = 'docs';
const FENCED = 'moved';
/** Rows read and written at a time. */
const PAGE = 500;
/** How long other windows may take to let go of the old databases, in milliseconds. */
const PATIENCE = 10_000;

const oldName = (database: string, version: number, collection: string): string => `rxdb-dexie-${database}--${version}--${collection}`;

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB did not answer'));
  });

const inUse = (): HostFault =>
  new HostFault('held_elsewhere', 'The records on this device are in use by another window. Close all other windows and try again.');

/** Rejects when another window does not let go in time. */
function unblocked<T extends IDBDatabase | undefined>(request: IDBOpenDBRequest, answer: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    let late: ReturnType<typeof setTimeout> | undefined;
    request.onblocked = () => {
      late ??= setTimeout(() => reject(inUse()), PATIENCE);
    };
    request.onsuccess = () => {
      clearTimeout(late);
      resolve(answer());
    };
    request.onerror = () => {
      clearTimeout(late);
      reject(request.error ?? new Error('IndexedDB did not open'));
    };
  });
}

const drop = (name: string): Promise<undefined> => unblocked(indexedDB.deleteDatabase(name), () => undefined);

/** Opens an old database with its table renamed, which shuts out whoever expects it under its old name. */
async function openFenced(name: string): Promise<IDBDatabase> {
  const first = await settled(indexedDB.open(name));
  const { version } = first;
  const fenced = first.objectStoreNames.contains(FENCED);
  if (fenced) return first;
  first.close();
  const request = indexedDB.open(name, version + 1);
  request.onupgradeneeded = () => {
    if (request.transaction) request.transaction.objectStore(LIVE).name = FENCED;
  };
  return unblocked(request, () => request.result);
}

/** All rows of an old database in the order of their keys, a page at a time. */
async function* rowsOf(database: IDBDatabase, schema: AnySchema): AsyncGenerator<RxDocumentData<unknown>[]> {
  const flags = getBooleanIndexes(schema);
  const key = typeof schema.primaryKey === 'string' ? schema.primaryKey : schema.primaryKey.key;
  let after: IDBKeyRange | undefined;
  for (;;) {
    const page = await settled<unknown[]>(database.transaction(FENCED).objectStore(FENCED).getAll(after, PAGE));
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map((row) => fromDexieToStorage<unknown>([...flags], row));
    after = IDBKeyRange.lowerBound((last as Readonly<Record<string, string>>)[key], true);
  }
}

async function countRows(name: string): Promise<number> {
  const database = await openFenced(name);
  try {
    return await settled(database.transaction(FENCED).objectStore(FENCED).count());
  } finally {
    database.close();
  }
}

async function copy(
  databaseName: string,
  { collectionName, schema }: Source,
  to: RxStorage<unknown, unknown>,
  onRows: (count: number) => void,
): Promise<void> {
  const from = await openFenced(oldName(databaseName, schema.version, collectionName));
  const instance = await to.createStorageInstance<unknown>({
    databaseInstanceToken: `move-${databaseName}`,
    databaseName,
    collectionName,
    schema,
    options: {},
    multiInstance: false,
    devMode: false,
  });
  try {
    for await (const rows of rowsOf(from, schema)) {
      const { error } = await instance.bulkWrite(
        rows.map((document) => ({ document })),
        'moved-from-dexie',
      );
      const other = error.find((one) => one.status !== 409);
      if (other) throw new HostFault('move_refused', `${collectionName}/${other.documentId} could not be moved (status ${other.status}).`);
      onRows(rows.length);
    }
  } finally {
    from.close();
    await instance.close();
  }
}

/** The collections that the old internal store names, each after it what was stored beside it: checkpoints come last. */
async function sourcesOf(databaseName: string): Promise<Source[]> {
  const database = await openFenced(oldName(databaseName, 0, INTERNAL));
  const collections: Source[] = [];
  const beside: Source[] = [];
  try {
    for await (const rows of rowsOf(database, INTERNAL_STORE_SCHEMA as AnySchema)) {
      for (const { context, data, _deleted } of rows as RxDocumentData<InternalStoreDocType<CollectionData>>[]) {
        if (context !== 'collection' || _deleted) continue;
        collections.push({ collectionName: data.name, schema: data.schema });
        beside.push(...data.connectedStorages);
      }
    }
  } finally {
    database.close();
  }
  return [...collections, ...beside, { collectionName: INTERNAL, schema: INTERNAL_STORE_SCHEMA as AnySchema }];
}
interface CollectionData {
  readonly name: string;
  readonly schema: AnySchema;
  readonly connectedStorages: readonly Source[];
}

/** Does nothing where there is nothing to move. Throws with the old data untouched but for its fence; then it can be tried again. */
export async function moveFromDexie(
  databaseName: string,
  to: RxStorage<unknown, unknown>,
  onMoving: (moving: Moving) => void = () => undefined,
): Promise<void> {
  const truth = oldName(databaseName, 0, INTERNAL);
  await filesOpen(indexedDB, truth);
  const names = (await indexedDB.databases()).flatMap(({ name }) => name ?? []);
  const old = names.filter((name) => name.startsWith(`rxdb-dexie-${databaseName}--`));
  if (old.includes(truth)) {
    const nameOf = ({ schema, collectionName }: Source): string => oldName(databaseName, schema.version, collectionName);
    const sources = (await sourcesOf(databaseName)).filter((source) => old.includes(nameOf(source)));
    let total = 0;
    for (const source of sources) total += await countRows(nameOf(source));
    let done = 0;
    const tell = (count: number): void => {
      done += count;
      onMoving({ done, total });
    };
    tell(0);
    for (const source of sources) await copy(databaseName, source, to, tell);
    await drop(truth);
  }
  for (const name of old) if (name !== truth) await drop(name);
}
