/**
 * Pages of a replication that the engine takes as text, past RxDB: documents that are new on this device are written together
 * with what RxDB's replication would have noted of them, so that it goes on from there as if it had written them itself.
 * Shapes: replication-protocol/downstream.ts and meta-instance.ts of RxDB 17.6.
 *
 * Whatever needs a decision is RxDB's: a page with a document of which this device holds or has noted anything is not taken.
 */
import { type RxDocumentData, type RxStorageChangeEvent, type RxStorageInstanceReplicationState, createRevision, now } from 'rxdb';
import type { StoredDoc } from './stored.ts';

export interface IngestPage {
  /** JSON of an array of documents as the other side holds them, `_deleted` included. */
  readonly text: string;
  /** A page of fewer documents is not taken. */
  readonly least: number;
  /** Of RxDB's own writes of such a page. */
  readonly context: string;
  /** Time of the write. */
  readonly lwt: number;
  /** Revisions of the documents and of the notes. */
  readonly revision: string;
  readonly noteRevision: string;
  /** Name of the replication, by which it knows its documents again. */
  readonly hash: string;
}
/** An instance of a storage that takes pages, with the instance that holds the notes. Answers how many documents it wrote: 0 when RxDB has to. */
export interface Ingests {
  /** `made` hears of the documents before any event does, where they are made in this process. */
  ingest(page: IngestPage, notes: unknown, made?: (documents: readonly object[]) => void): Promise<number>;
}
export const ingests = (instance: unknown): instance is Ingests =>
  typeof instance === 'object' && instance !== null && 'ingest' in instance && typeof instance.ingest === 'function';

/** The page as this replication would write it now. */
export async function pageFor<T>(state: RxStorageInstanceReplicationState<T>, text: string, least: number): Promise<IngestPage> {
  const { identifier, hashFunction } = state.input;
  const hash = await hashFunction(identifier);
  return {
    text,
    least,
    context: await state.downstreamBulkWriteFlag,
    lwt: now(),
    revision: createRevision(hash),
    noteRevision: createRevision(await state.checkpointKey),
    hash,
  };
}

type Plain = Readonly<Record<string, unknown>>;
/** What the storage adds to a document is none of the other side's; RxDB gives such fields a meaning. */
const OWN = ['_rev', '_meta', '_attachments'] as const;

const metaOf = ({ lwt, hash }: IngestPage): StoredDoc['_meta'] => ({ lwt, o: { _rev: 1, hash } }) as StoredDoc['_meta'];
const storedOf = (document: Plain, page: IngestPage): StoredDoc =>
  ({ ...document, _meta: metaOf(page), _rev: page.revision, _attachments: {} }) as unknown as StoredDoc;

/** What is to be written, with the texts of both kinds. */
export interface Rows {
  readonly ids: readonly string[];
  readonly documents: readonly StoredDoc[];
  readonly texts: readonly string[];
  readonly noteIds: readonly string[];
  readonly notes: readonly StoredDoc[];
  readonly noteTexts: readonly string[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever asked has the text, and says what is wrong with it where it is read next.
    return undefined;
  }
}
const isNew = (one: unknown, primary: string): one is Plain =>
  typeof one === 'object' &&
  one !== null &&
  typeof (one as Plain)[primary] === 'string' &&
  typeof (one as Plain)['_deleted'] === 'boolean' &&
  !OWN.some((field) => field in one);

/** The rows of a page; undefined for one that is too small, or not what it should be. */
export function rowsOf(page: IngestPage, primary: string): Rows | undefined {
  const found = parsed(page.text);
  if (!Array.isArray(found) || found.length < page.least || !found.every((one) => isNew(one, primary))) return undefined;
  const ids = found.map((document) => String(document[primary]));
  if (new Set(ids).size < ids.length) return undefined;
  const stamp = `,${JSON.stringify({ _meta: metaOf(page), _rev: page.revision, _attachments: {} }).slice(1)}`;
  const noteMeta = { _attachments: {}, _deleted: false, _rev: page.noteRevision, _meta: { lwt: page.lwt } };
  const noteStamp = `,${JSON.stringify(noteMeta).slice(1)}`;
  const texts: string[] = [];
  const noteTexts: string[] = [];
  const noteIds: string[] = [];
  const notes: StoredDoc[] = [];
  for (const [i, document] of found.entries()) {
    const itemId = ids[i] ?? '';
    const id = `${itemId}|0`;
    const text = JSON.stringify(document);
    texts.push(text.slice(0, -1) + stamp);
    noteTexts.push(`{"id":${JSON.stringify(id)},"isCheckpoint":"0","itemId":${JSON.stringify(itemId)},"docData":${text}${noteStamp}`);
    noteIds.push(id);
    notes.push({ id, isCheckpoint: '0', itemId, docData: document, ...noteMeta });
  }
  return { ids, documents: found.map((document) => storedOf(document, page)), texts, noteIds, notes, noteTexts };
}

type Event = RxStorageChangeEvent<RxDocumentData<unknown>>;

/** The events of rows of a page for whoever has its text: the documents are made when somebody looks at one. */
export function eventsOf(page: IngestPage, rows: readonly number[], ids: readonly string[]): Event[] {
  let documents: readonly Plain[] | undefined;
  const made: (RxDocumentData<unknown> | undefined)[] = [];
  const documentAt = (row: number): RxDocumentData<unknown> => {
    documents ??= JSON.parse(page.text) as Plain[];
    made[row] ??= storedOf(documents[row] ?? {}, page) as unknown as RxDocumentData<unknown>;
    return made[row];
  };
  return rows.map(
    (row, i): Event => ({
      operation: 'INSERT',
      documentId: ids[i] ?? '',
      get documentData() {
        return documentAt(row);
      },
      previousDocumentData: undefined,
    }),
  );
}
