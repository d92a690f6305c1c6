/**
 * What crosses the border between a window and the worker that owns the storage. Messages travel in lists: whatever is said
 * in one turn of the event loop is one `postMessage`, in order, so an event always arrives before the answer to its write.
 */
import type {
  BulkWriteRow,
  EventBulk,
  PreparedQuery,
  RxDocumentData,
  RxJsonSchema,
  RxStorageChangeEvent,
  RxStorageCountResult,
  RxStorageDefaultCheckpoint,
  RxStorageQueryResult,
} from 'rxdb';
import type { IngestPage } from '../ingest.ts';

/** Windows and worker must be of one build; a window of another one is told so. */
export const BORDER = 'rxdb-17.6.0/4';

export type Checkpoint = RxStorageDefaultCheckpoint;
export type Bulk<T = unknown> = EventBulk<RxStorageChangeEvent<RxDocumentData<T>>, Checkpoint>;

/** A key for encryption at rest. `id` tells keys apart without saying anything of them. */
export interface StorageKey {
  readonly id: string;
  /** AES-GCM, not extractable. */
  readonly key: CryptoKey;
}

/** What a window opens: one collection of one database in one version of its schema. */
export interface Opening {
  readonly databaseName: string;
  readonly collectionName: string;
  readonly schema: RxJsonSchema<RxDocumentData<unknown>>;
  readonly options: unknown;
  readonly password: unknown;
  readonly devMode: boolean;
  /** Absent for a database that lies on the disk without encryption. */
  readonly key?: StorageKey;
}
export const placeOf = ({ databaseName, collectionName, schema }: Pick<Opening, 'databaseName' | 'collectionName' | 'schema'>): string =>
  JSON.stringify([databaseName, collectionName, schema.version]);

/** What a window can ask of an open collection, by the name of the method, with what it answers. */
export interface Asked {
  readonly write: { readonly rows: BulkWriteRow<unknown>[]; readonly context: string };
  readonly ingest: { readonly page: IngestPage; readonly notes: string };
  readonly find: { readonly ids: string[]; readonly deleted: boolean };
  readonly query: { readonly query: PreparedQuery<unknown> };
  readonly count: { readonly query: PreparedQuery<unknown> };
  readonly changed: { readonly limit: number; readonly checkpoint: Checkpoint | undefined };
  readonly attachment: { readonly document: string; readonly attachment: string; readonly digest: string };
  readonly cleanup: { readonly age: number };
  readonly open: Opening;
  readonly close: object;
  readonly remove: object;
}
/** A refused row, named by its place in the batch, because the window still has the batch. */
export type Refused =
  | { readonly row: number; readonly status: 409; readonly stored: RxDocumentData<unknown> }
  | { readonly row: number; readonly status: number; readonly rest: object };
export interface Answered {
  readonly write: readonly Refused[];
  readonly ingest: number;
  readonly find: RxDocumentData<unknown>[];
  readonly query: RxStorageQueryResult<unknown>;
  readonly count: RxStorageCountResult;
  readonly changed: { readonly documents: RxDocumentData<unknown>[]; readonly checkpoint: Checkpoint };
  readonly attachment: Blob;
  readonly cleanup: boolean;
  readonly open: undefined;
  readonly close: undefined;
  readonly remove: undefined;
}
export type Method = keyof Asked;

export interface Request<M extends Method = Method> {
  readonly kind: 'request';
  readonly id: number;
  readonly place: string;
  readonly method: M;
  readonly asked: Asked[M];
}
export interface Hello {
  readonly kind: 'hello';
  readonly border: string;
  /** Name of a lock the window holds while it lives. */
  readonly life: string;
}
export type ToWorker = Hello | Request;

/** An error as data: a class does not cross the border, its name, code and words do. */
export interface PlainError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}
/** What became of the rows of a write, a letter each: for the window that wrote them and has the documents. */
export const operations = { I: 'INSERT', U: 'UPDATE', D: 'DELETE' } as const;
export const UNTOLD = '-';
export type FromWorker =
  | { readonly kind: 'ready'; readonly border: string; readonly life: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: PlainError }
  | { readonly kind: 'events'; readonly place: string; readonly bulk: Bulk }
  | {
      readonly kind: 'own-events';
      readonly place: string;
      /** The request whose rows these are. */
      readonly request: number;
      readonly bulk: Omit<Bulk, 'events'>;
      /** Letters of `operations`, or UNTOLD for a row without an event. */
      readonly events: string;
      /** Of those with an event, where the window has the rows as text. */
      readonly ids?: readonly string[];
    }
  /** Something that the engine wants people to know; as it was given, if it can be cloned. */
  | { readonly kind: 'notice'; readonly notice: unknown };

/** What went wrong in the worker, or between it and this window. `code` is the engine's own where it gave one. */
export class HostFault extends Error {
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HostFault';
    this.code = code;
  }
}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', code: '', message: String(error) };
  return { name: error.name, code: 'code' in error ? textOf(error.code) : '', message: error.message };
}
export const faultOf = ({ code, name, message }: PlainError): HostFault => new HostFault(code || name, message);

/** One side of a channel: a MessagePort, or a worker's own scope. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}
/** Collects what is said in one turn and posts it as one list, unless it is to be silent by then. */
export function speaker<Message>(port: Port, silent: () => boolean = () => false): (message: Message) => void {
  let saying: Message[] = [];
  return (message) => {
    saying.push(message);
    if (saying.length > 1) return;
    queueMicrotask(() => {
      const all = saying;
      saying = [];
      if (!silent()) port.postMessage(all);
    });
  };
}
