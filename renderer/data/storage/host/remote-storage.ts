/**
 * The window's side: an RxStorage whose work is done by a worker. When the worker dies (the process of the tab that carried
 * it was killed, or ran out of memory), the window finds or starts another one, opens what it had open, asks again what was
 * not answered, and tells its listeners what they missed. What was acknowledged is on the disk by then.
 */
import type {
  BulkWriteRow,
  PreparedQuery,
  RxDocumentData,
  RxJsonSchema,
  RxStorage,
  RxStorageBulkWriteResponse,
  RxStorageCountResult,
  RxStorageInstance,
  RxStorageInstanceCreationParams,
  RxStorageQueryResult,
  RxStorageWriteError,
} from 'rxdb';
import { RXDB_VERSION, ensureRxStorageInstanceParamsAreCorrect } from 'rxdb';
import { type Observable, Subject } from 'rxjs';
import { type Asked, type Bulk, type Checkpoint, HostFault, type Opening, type Refused, placeOf } from './border.ts';
import type { IngestPage } from '../ingest.ts';
import { WorkerClient, type WorkerClientOptions } from './worker-client.ts';

type Row<T> = BulkWriteRow<T>;

/** The answer to a write in RxDB's words, from what crossed the border and the rows that stayed here. */
function errorsOf<T>(rows: readonly Row<T>[], refused: readonly Refused[], primary: string, context: string): RxStorageWriteError<T>[] {
  return refused.map((one) => {
    const writeRow = rows[one.row];
    if (!writeRow) throw new HostFault('border', `the worker refused row ${one.row} of ${rows.length}`);
    const documentId = String((writeRow.document as Readonly<Record<string, unknown>>)[primary]);
    const base = { documentId, isError: true, context, writeRow };
    return ('stored' in one ? { ...base, status: 409, documentInDb: one.stored } : { ...base, ...one.rest }) as RxStorageWriteError<T>;
  });
}

const primaryOf = ({ primaryKey }: RxJsonSchema<RxDocumentData<unknown>>): string =>
  typeof primaryKey === 'string' ? primaryKey : primaryKey.key;

class RemoteInstance<T> implements RxStorageInstance<T, object, object, Checkpoint> {
  readonly databaseName: string;
  readonly collectionName: string;
  readonly schema: Readonly<RxJsonSchema<RxDocumentData<T>>>;
  readonly internals = {};
  readonly options: object;
  readonly #client: WorkerClient;
  readonly #place: string;
  readonly #primary: string;
  readonly #changes = new Subject<Bulk<T>>();
  readonly #stopHearing: () => void;
  #closed: Promise<void> | undefined;

  constructor(client: WorkerClient, opening: Opening) {
    this.databaseName = opening.databaseName;
    this.collectionName = opening.collectionName;
    this.schema = opening.schema as RxJsonSchema<RxDocumentData<T>>;
    this.options = Object(opening.options) as object;
    this.#client = client;
    this.#place = placeOf(opening);
    this.#primary = primaryOf(opening.schema);
    this.#stopHearing = client.hear(this.#place, (bulk) => this.#changes.next(bulk as Bulk<T>));
  }

  #ask<M extends keyof Asked>(method: M, asked: Asked[M]) {
    if (this.#closed) return Promise.reject(new HostFault('closed', `${this.collectionName} of ${this.databaseName} is closed.`));
    return this.#client.ask(this.#place, method, asked);
  }

  async bulkWrite(rows: Row<T>[], context: string): Promise<RxStorageBulkWriteResponse<T>> {
    const refused = await this.#ask('write', { rows, context });
    return { error: errorsOf(rows, refused, this.#primary, context) };
  }
  /** Answers how many documents were written: 0 when RxDB has to (ingest.ts). */
  async ingest(page: IngestPage, notes: unknown): Promise<number> {
    return notes instanceof RemoteInstance ? this.#ask('ingest', { page, notes: notes.#place }) : 0;
  }
  async findDocumentsById(ids: string[], deleted: boolean): Promise<RxDocumentData<T>[]> {
    return (await this.#ask('find', { ids, deleted })) as RxDocumentData<T>[];
  }
  async query(query: PreparedQuery<T>): Promise<RxStorageQueryResult<T>> {
    return (await this.#ask('query', { query })) as RxStorageQueryResult<T>;
  }
  count(query: PreparedQuery<T>): Promise<RxStorageCountResult> {
    return this.#ask('count', { query });
  }
  async getChangedDocumentsSince(limit: number, checkpoint?: Checkpoint) {
    const { documents, checkpoint: next } = await this.#ask('changed', { limit, checkpoint });
    return { documents: documents as RxDocumentData<T>[], checkpoint: next };
  }
  getAttachmentData(document: string, attachment: string, digest: string): Promise<Blob> {
    return this.#ask('attachment', { document, attachment, digest });
  }
  changeStream(): Observable<Bulk<T>> {
    return this.#changes.asObservable();
  }
  cleanup(age: number): Promise<boolean> {
    return this.#ask('cleanup', { age });
  }
  close(): Promise<void> {
    this.#closed ??= this.#end('close');
    return this.#closed;
  }
  remove(): Promise<void> {
    if (this.#closed) return Promise.reject(new HostFault('closed', `${this.collectionName} of ${this.databaseName} is closed.`));
    this.#closed = this.#end('remove');
    return this.#closed;
  }
  async #end(method: 'close' | 'remove'): Promise<void> {
    await this.#client.leave(this.#place, method);
    this.#stopHearing();
    this.#changes.complete();
  }
}

/** A storage whose engine lives in a worker. Every instance of one call shares one channel. */
export function getRxStorageRemote(options: WorkerClientOptions): RxStorage<object, object> {
  let client: WorkerClient | undefined;
  return {
    name: 'remote',
    rxdbVersion: RXDB_VERSION,
    async createStorageInstance<T>(params: RxStorageInstanceCreationParams<T, object>) {
      ensureRxStorageInstanceParamsAreCorrect(params);
      client ??= new WorkerClient(options);
      const { databaseName, collectionName, schema, options: own, password, devMode } = params;
      const opening: Opening = {
        databaseName,
        collectionName,
        schema: schema as Opening['schema'],
        options: own,
        password,
        devMode,
        ...(options.key ? { key: options.key } : {}),
      };
      await client.open(opening);
      return new RemoteInstance<T>(client, opening);
    },
  };
}
