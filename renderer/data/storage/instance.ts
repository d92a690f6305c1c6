/** The storage instance that RxDB talks to: one collection of one database, over the engine that they share. */
import {
  type BulkWriteRow,
  type CategorizeBulkWriteRowsOutput,
  type EventBulk,
  type PreparedQuery,
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorageBulkWriteResponse,
  type RxStorageChangeEvent,
  type RxStorageCountResult,
  type RxStorageDefaultCheckpoint,
  type RxStorageInstance,
  type RxStorageInstanceCreationParams,
  type RxStorageQueryResult,
  type RxStorageWriteError,
  type StringKeys,
  categorizeBulkWriteRows,
  getPrimaryFieldOfPrimaryKey,
  newRxError,
  now,
} from 'rxdb';
import type { Observable, Subject } from 'rxjs';
import type { CollectionState, EngineSchema } from './collection-state.ts';
import { indexName } from './collection-state.ts';
import type { Engine } from './engine.ts';
import { StorageFault } from './fault.ts';
import { type IngestPage, type Rows, rowsOf } from './ingest.ts';
import { documentsOf } from './documents.ts';
import { countQuery, findById, runQuery } from './query.ts';
import type { StoredDoc } from './stored.ts';

/** Tombstones forgotten in one call of `cleanup`, so that it does not hold up writes. */
const CLEANED = 500;

/** What replication writes can be pulled or worked out again; everything else is somebody's work. */
const relaxed = /^replication-(?:downstream-|down-write-meta|set-checkpoint|up-write-meta)/u;

export interface PackedInternals {
  readonly engine: Engine;
  readonly collection: () => Promise<CollectionState>;
}

/** The engine knows documents by their bookkeeping only; the schema of this instance says what else they are. */
const typed = <T>(documents: StoredDoc[]): RxDocumentData<T>[] => documents as unknown as RxDocumentData<T>[];

type Bulk<T> = EventBulk<RxStorageChangeEvent<RxDocumentData<T>>, RxStorageDefaultCheckpoint>;

export class PackedStorageInstance<T> implements RxStorageInstance<T, PackedInternals, object, RxStorageDefaultCheckpoint> {
  readonly databaseName: string;
  readonly collectionName: string;
  readonly schema: Readonly<RxJsonSchema<RxDocumentData<T>>>;
  readonly options: Readonly<object>;
  readonly internals: PackedInternals;
  private readonly primary: StringKeys<RxDocumentData<T>>;
  private readonly engine: Engine;
  private readonly release: () => Promise<void>;
  private closing: Promise<void> | undefined;

  constructor(engine: Engine, params: RxStorageInstanceCreationParams<T, object>, release: () => Promise<void>) {
    this.databaseName = params.databaseName;
    this.collectionName = params.collectionName;
    this.schema = params.schema;
    this.options = params.options;
    this.primary = getPrimaryFieldOfPrimaryKey(params.schema.primaryKey);
    this.engine = engine;
    this.release = release;
    this.internals = { engine, collection: () => this.state() };
  }

  private state(): Promise<CollectionState> {
    if (this.closing) return Promise.reject(new StorageFault('closed', `The storage of ${this.collectionName} was closed.`));
    return this.engine.collection(this.collectionName, this.schema as unknown as EngineSchema);
  }

  async bulkWrite(rows: BulkWriteRow<T>[], context: string): Promise<RxStorageBulkWriteResponse<T>> {
    for (const row of rows) {
      // A caller that leaves out the revision would win every clash.
      if (!row.document._rev || (row.previous && !row.previous._rev)) throw newRxError('SNH', { args: { row } });
    }
    const state = await this.state();
    const written = await new Promise<CategorizeBulkWriteRowsOutput<RxDocumentData<T>> | undefined>((resolve, reject) => {
      let decided: CategorizeBulkWriteRowsOutput<RxDocumentData<T>> | undefined;
      this.engine.submit({
        collection: state,
        strict: !relaxed.test(context),
        size: rows.length,
        decide: (revisionOf) => {
          // Only the revisions are compared; the documents that clash are read afterwards.
          const stored = new Map<string, RxDocumentData<T>>();
          for (const { document } of rows) {
            const id = String(document[this.primary as keyof typeof document]);
            const revision = revisionOf(id);
            if (revision !== undefined) stored.set(id, { _rev: revision } as RxDocumentData<T>);
          }
          const categorized = categorizeBulkWriteRows(this, this.primary as never, stored as never, rows as never, context);
          decided = categorized as unknown as CategorizeBulkWriteRowsOutput<RxDocumentData<T>>;
          const put = new Map<string, StoredDoc>();
          for (const { document } of [...decided.bulkInsertDocs, ...decided.bulkUpdateDocs]) {
            put.set(String((document as never)[this.primary]), document);
          }
          return { put: [...put.values()] };
        },
        done: () => {
          if (decided) this.announce(decided);
          resolve(decided);
        },
        failed: reject,
      });
    });
    return { error: await this.withStored(state, written?.errors ?? []) };
  }

  /**
   * Takes a page as text (ingest.ts), with the notes on it in one transaction; `made` hears of the documents before any event
   * does. Answers how many were written: 0 when RxDB has to.
   */
  async ingest(page: IngestPage, notes: PackedStorageInstance<unknown>, made?: (documents: readonly object[]) => void): Promise<number> {
    const [state, noteState] = await Promise.all([this.state(), notes.state()]);
    const rows = rowsOf(page, this.primary);
    if (!rows) return 0;
    made?.(rows.documents);
    const { lane } = this.engine;
    const [packed, packedNotes] = await Promise.all([
      lane.packed(state, rows.documents, rows.texts),
      lane.packed(noteState, rows.notes, rows.noteTexts),
    ]);
    return new Promise((resolve, reject) => {
      let taken = false;
      this.engine.submit({
        collection: state,
        strict: false,
        size: rows.ids.length,
        decide: (revisionOf) => {
          taken = rows.ids.every((id) => revisionOf(id) === undefined) && rows.noteIds.every((id) => noteState.slotOf(id) === undefined);
          return taken ? { put: rows.documents, ...(packed ? { packed } : {}) } : { put: [] };
        },
        done: () => undefined,
        failed: reject,
      });
      this.engine.submit({
        collection: noteState,
        strict: false,
        // Always in the group of the documents, which are counted there.
        size: 0,
        decide: () => (taken ? { put: rows.notes, ...(packedNotes ? { packed: packedNotes } : {}) } : { put: [] }),
        done: () => {
          if (taken) this.announcePage(page, rows);
          resolve(taken ? rows.ids.length : 0);
        },
        failed: reject,
      });
    });
  }

  /** RxDB tells of no document that came deleted. The notes are told to nobody: only their replication looks at them, by asking. */
  private announcePage({ context, lwt }: IngestPage, { ids, documents }: Rows): void {
    const events = documents.flatMap((document, i) =>
      document._deleted ? [] : [{ operation: 'INSERT', documentId: ids[i] ?? '', documentData: document, previousDocumentData: undefined }],
    );
    if (events.length === 0) return;
    const checkpoint = { id: ids.at(-1) ?? '', lwt };
    this.changes().next({ id: `page-${crypto.randomUUID()}`, events, checkpoint, context } as unknown as Bulk<T>);
  }

  private announce({ eventBulk, newestRow }: CategorizeBulkWriteRowsOutput<RxDocumentData<T>>): void {
    if (eventBulk.events.length === 0 || !newestRow) return;
    const newest = newestRow.document as unknown as StoredDoc;
    const bulk = eventBulk as unknown as Bulk<T> & { checkpoint: RxStorageDefaultCheckpoint };
    bulk.checkpoint = { id: String(newest[this.primary]), lwt: newest._meta.lwt };
    this.changes().next(bulk);
  }

  /** Puts what is stored into the errors of clashes. */
  private async withStored(state: CollectionState, errors: RxStorageWriteError<T>[]): Promise<RxStorageWriteError<T>[]> {
    if (errors.length === 0) return errors;
    const found = await findById(
      this.engine,
      state,
      errors.map(({ documentId }) => documentId),
      true,
    );
    const byId = new Map(found.map((document) => [String(document[this.primary]), document]));
    return errors.map((error) => {
      const documentInDb = byId.get(error.documentId);
      return documentInDb ? ({ ...error, documentInDb } as unknown as RxStorageWriteError<T>) : error;
    });
  }

  async findDocumentsById(ids: string[], withDeleted: boolean): Promise<RxDocumentData<T>[]> {
    const state = await this.state();
    return typed<T>(await findById(this.engine, state, ids, withDeleted));
  }

  async query({ query }: PreparedQuery<T>): Promise<RxStorageQueryResult<T>> {
    const state = await this.state();
    return { documents: typed<T>(await runQuery(this.engine, state, query)) };
  }

  async count({ query }: PreparedQuery<T>): Promise<RxStorageCountResult> {
    const state = await this.state();
    return { count: await countQuery(this.engine, state, query), mode: 'fast' };
  }

  async getChangedDocumentsSince(
    limit: number,
    checkpoint?: RxStorageDefaultCheckpoint,
  ): Promise<{ documents: RxDocumentData<T>[]; checkpoint: RxStorageDefaultCheckpoint }> {
    const state = await this.state();
    const index = state.index(indexName(['_meta.lwt', state.primary]));
    const documents: StoredDoc[] = [];
    // What cannot be read leaves the index; an empty answer would say that nothing lies behind it either.
    for (let more = true; more && documents.length === 0; ) {
      const from = checkpoint ? index.bound([checkpoint.lwt, checkpoint.id], true) : 0;
      const slots = Array.from({ length: Math.min(limit, index.length - from) }, (_, i) => index.at(from + i));
      for await (const some of documentsOf(this.engine, state, slots)) documents.push(...some);
      more = slots.length > 0;
    }
    const last = documents.at(-1);
    return {
      documents: typed<T>(documents),
      checkpoint: last ? { id: String(last[state.primary]), lwt: last._meta.lwt } : (checkpoint ?? { id: '', lwt: 0 }),
    };
  }

  private changes(): Subject<Bulk<T>> {
    return this.engine.channel(this.collectionName, this.schema.version) as unknown as Subject<Bulk<T>>;
  }
  changeStream(): Observable<EventBulk<RxStorageChangeEvent<T>, RxStorageDefaultCheckpoint>> {
    return this.changes().asObservable();
  }

  getAttachmentData(): Promise<Blob> {
    return Promise.reject(new StorageFault('attachments_unsupported', 'This storage keeps no attachments of RxDB.'));
  }

  /** Forgets tombstones older than this many milliseconds, some hundred a call; true when none is left. */
  async cleanup(minimumDeletedTime: number): Promise<boolean> {
    const state = await this.state();
    const until = now() - minimumDeletedTime;
    return new Promise((resolve, reject) => {
      let left = false;
      this.engine.submit({
        collection: state,
        strict: false,
        size: CLEANED,
        decide: (revisionOf) => {
          const index = state.index(indexName(['_deleted', '_meta.lwt', state.primary]));
          const from = index.bound([1], false);
          const to = index.bound([1, until], true);
          left = to - from > CLEANED;
          const old = Array.from({ length: Math.min(CLEANED, Math.max(0, to - from)) }, (_, i) => index.at(from + i));
          // One that is written again before this in the same group is no old tombstone any more.
          const purge = old.filter((slot) => revisionOf(state.idOf(slot)) === state.revOf(slot)).map((slot) => state.idOf(slot));
          return { put: [], purge };
        },
        done: () => resolve(!left),
        failed: reject,
      });
    });
  }

  close(): Promise<void> {
    this.closing ??= this.engine.lane.settled().then(() => this.release());
    return this.closing;
  }

  async remove(): Promise<void> {
    const state = await this.state();
    await new Promise<void>((resolve, reject) => {
      this.engine.submit({
        collection: state,
        strict: true,
        size: 0,
        decide: () => ({ put: [], drop: true }),
        done: resolve,
        failed: reject,
      });
    });
    await this.engine.forget(state);
    await this.close();
  }
}
