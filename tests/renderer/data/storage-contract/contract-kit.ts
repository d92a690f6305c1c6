/** What the contract of a storage is stated over: one schema with every kind of index, documents, rows, events. */
import {
  type BulkWriteRow,
  type EventBulk,
  type FilledMangoQuery,
  type MangoQuery,
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorage,
  type RxStorageBulkWriteResponse,
  type RxStorageChangeEvent,
  type RxStorageDefaultCheckpoint,
  type RxStorageInstance,
  fillWithDefaultSettings,
  normalizeMangoQuery,
  prepareQuery,
} from 'rxdb';

export interface Animal {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly weight: number;
  readonly born: string;
  readonly sold: boolean;
  readonly tags: readonly string[];
  readonly pen: { readonly code: string; readonly row?: number };
  readonly memo?: string | null;
}
export type Stored = RxDocumentData<Animal>;
export type Row = BulkWriteRow<Animal>;
export type Checkpoint = RxStorageDefaultCheckpoint;
export type Instance = RxStorageInstance<Animal, unknown, unknown, Checkpoint>;
export type Bulk = EventBulk<RxStorageChangeEvent<Stored>, Checkpoint>;

/** A storage under contract. */
export interface Candidate {
  readonly name: string;
  /** A storage as a new process of the same device would make it: what was stored by an earlier one is there. */
  make(): RxStorage<unknown, unknown>;
  /** Gives back what `make` took. */
  close?(): Promise<void>;
  /**
   * What RxDB's memory storage, built for tests, does otherwise: an index takes texts that differ in blanks at their end for
   * equal and loses U+FFFF, and a closed instance still takes writes.
   */
  readonly lenient?: boolean;
}

export const schema = (version = 0): RxJsonSchema<Stored> =>
  fillWithDefaultSettings<Animal>({
    version,
    primaryKey: 'id',
    type: 'object',
    properties: {
      id: { type: 'string', maxLength: 80 },
      kind: { type: 'string', maxLength: 20 },
      name: { type: 'string', maxLength: 60 },
      weight: { type: 'integer', minimum: -100_000, maximum: 100_000, multipleOf: 1 },
      born: { type: 'string', maxLength: 30 },
      sold: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      pen: { type: 'object', properties: { code: { type: 'string', maxLength: 10 }, row: { type: 'integer' } }, required: ['code'] },
      memo: { type: ['string', 'null'] },
    },
    required: ['id', 'kind', 'name', 'weight', 'born', 'sold', 'tags', 'pen'],
    indexes: ['name', 'born', 'weight', ['kind', 'weight'], ['kind', 'born', 'name'], ['sold', 'name'], 'pen.code'],
  });

let made = 0;
/** A name no other test of this process uses. */
export const freshName = (): string => `contract-${process.pid}-${(made += 1)}`;

export interface OpenOptions {
  readonly database?: string;
  readonly collection?: string;
  readonly version?: number;
  readonly several?: boolean;
}
export async function openInstance(storage: RxStorage<unknown, unknown>, options: OpenOptions = {}): Promise<Instance> {
  const { database = freshName(), collection = 'animals', version = 0, several = false } = options;
  made += 1;
  const instance = await storage.createStorageInstance<Animal>({
    databaseInstanceToken: `token-${made}`,
    databaseName: database,
    collectionName: collection,
    schema: schema(version),
    options: {},
    multiInstance: several,
    devMode: false,
  });
  return instance as Instance;
}

let clock = 1_700_000_000_000;
/** RxDB's own clock gives every write its own hundredth of a millisecond. */
export const tick = (): number => (clock += 1);

export const animal = (id: string, more: Partial<Animal> = {}): Animal => ({
  id,
  kind: 'steer',
  name: `name of ${id}`,
  weight: 500,
  born: '2026-01-05',
  sold: false,
  tags: [],
  pen: { code: 'A1' },
  ...more,
});
export const stored = (document: Animal, more: Partial<Pick<Stored, '_deleted' | '_rev' | '_meta'>> = {}): Stored => ({
  ...document,
  _deleted: false,
  _attachments: {},
  _rev: '1-test',
  _meta: { lwt: tick() },
  ...more,
});
export const insertOf = (id: string, more: Partial<Animal> = {}): { document: Stored } => ({ document: stored(animal(id, more)) });
const heightOf = (rev: string): number => Number(rev.split('-')[0]);
/** The row that changes (or deletes) a stored state. */
export const changeOf = (previous: Stored, more: Partial<Stored>): { previous: Stored; document: Stored } => ({
  previous,
  document: { ...previous, _rev: `${heightOf(previous._rev) + 1}-test`, _meta: { lwt: tick() }, ...more },
});

/** Writes rows that must all be taken; answers what is stored now. */
export async function write(instance: Instance, rows: readonly Row[], context = 'test'): Promise<Stored[]> {
  const answer = await instance.bulkWrite([...rows], context);
  if (answer.error.length > 0) throw new Error(`refused: ${answer.error.map((one) => `${one.documentId} ${one.status}`).join(', ')}`);
  return rows.map((row) => row.document as Stored);
}
export const refusals = (answer: RxStorageBulkWriteResponse<Animal>): string[] =>
  answer.error.map((one) => `${one.documentId} ${one.status}`);

export const byId = async (instance: Instance, id: string, deleted = true): Promise<Stored | undefined> =>
  (await instance.findDocumentsById([id], deleted))[0];

/** As RxDB itself asks: live documents only, unless the selector names `_deleted`. */
export function filled(query: MangoQuery<Stored>): FilledMangoQuery<Stored> {
  const selector = query.selector ?? {};
  const asked = '_deleted' in selector ? selector : { ...selector, _deleted: { $eq: false } };
  return normalizeMangoQuery<Stored>(schema(), { ...query, selector: asked });
}
const prepared = (query: MangoQuery<Stored>) => prepareQuery<Animal>(schema(), filled(query));
export const find = async (instance: Instance, query: MangoQuery<Stored>): Promise<Stored[]> =>
  (await instance.query(prepared(query))).documents;
export const idsOf = async (instance: Instance, query: MangoQuery<Stored>): Promise<string[]> =>
  (await find(instance, query)).map((one) => one.id);
export const countOf = async (instance: Instance, query: MangoQuery<Stored>): Promise<number> =>
  (await instance.count(prepared(query))).count;

/** Everything that the change stream tells from now on. */
export function record(instance: Instance): { readonly bulks: Bulk[]; stop(): void } {
  const bulks: Bulk[] = [];
  const sub = instance.changeStream().subscribe((bulk) => bulks.push(bulk as Bulk));
  return { bulks, stop: () => sub.unsubscribe() };
}
