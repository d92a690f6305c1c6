/**
 * commit: the only writer of facts on the device. Stamps the write id, notes the record as waiting to be sent, writes one
 * document per command. Live queries repaint from here; the network is not involved.
 */
import type { BulkWriteRow, RxDocumentData } from 'rxdb';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Change } from '../../domain/record/record.commands.ts';
import { metaOver } from './built-on.ts';
import type { Desk } from './desk.ts';
import { newWriteId } from './ids.ts';
import type { WaitingRow } from './local-store.ts';
import { FREE_SPACE, NoRoom, isFull } from './room.ts';

export type Stored = RxDocumentData<AnyDocument>;

/** `stale`: the stored state is no longer the one the change was decided on. `exists`: a new record's id is taken. */
export type CommitFailure = 'stale' | 'exists';
export class CommitFault extends Error {
  readonly code: CommitFailure;
  constructor(code: CommitFailure, collection: string, id: string) {
    super(code === 'exists' ? `${collection}/${id} is stored already` : `${collection}/${id} was changed in the meantime`);
    this.name = 'CommitFault';
    this.code = code;
  }
}

export interface CommitManyResult {
  readonly written: readonly AnyDocument[];
  readonly failed: readonly { readonly id: string; readonly code: CommitFailure }[];
}
export interface CommitManyOptions {
  /** Documents a transaction; 500 keeps a chunk near 200 ms on IndexedDB. */
  readonly chunk?: number;
  /** Stops between two chunks; what is written stays written. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The document without RxDB's bookkeeping, as the domain knows it. */
export function plain(stored: Stored): AnyDocument {
  const { _meta, _rev, _deleted, _attachments, ...document } = stored;
  return document;
}

/** Stored states by id, tombstones included. */
export async function storedStates(desk: Desk, collection: string, ids: readonly string[]): Promise<Map<string, Stored>> {
  const found = await desk.collection(collection).storageInstance.findDocumentsById([...ids], true);
  return new Map(found.map((stored) => [stored.id, stored]));
}

function failureOf(change: Change, stored: Stored | undefined): CommitFailure | undefined {
  if (!change.before) return stored && !stored._deleted ? 'exists' : undefined;
  return stored?.w === change.before.w ? undefined : 'stale';
}

const rowOf = (change: Change, w: string, stored: Stored | undefined, waiting: string | undefined): BulkWriteRow<AnyDocument> => {
  // RxDB's wrapped storage instance fills in revision and time; the values here only complete the type.
  const document = { ...change.after, w, _deleted: change.deleted, _attachments: {}, _meta: { lwt: 1 }, _rev: '' } as Stored;
  return stored
    ? { previous: stored, document: { ...document, _meta: metaOver(stored, stored.w === waiting), _rev: stored._rev } }
    : { document };
};

/** Ends the microtask-bound work of a chunk, so that the window can paint and answer keys. */
const breathe = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

/** Takes back the marks of what did not fit; the record as it is stored decides, so that no mark of a write is lost. */
async function unmarkUnwritten(
  desk: Desk,
  collection: string,
  marks: readonly WaitingRow[],
  earlier: readonly WaitingRow[],
): Promise<void> {
  const stored = await storedStates(
    desk,
    collection,
    marks.map(({ id }) => id),
  );
  const unwritten = marks.filter(({ id, w }) => stored.get(id)?.w !== w).map(({ key }) => key);
  try {
    await desk.local.waiting.bulkDelete(unwritten);
    await desk.local.waiting.bulkPut(earlier.filter(({ key }) => unwritten.includes(key)));
  } catch (error) {
    // Too full even for that: a mark too many is cleared when the sync has caught up the next time.
    if (!isFull(error)) throw error;
  }
}

/** The marks of those of these records that wait to be sent, by id. */
async function marksOf(desk: Desk, collection: string, changes: readonly Change[]): Promise<Map<string, WaitingRow>> {
  const marks = await desk.local.waiting.bulkGet(changes.map(({ after }) => `${collection}/${after.id}`));
  return new Map(marks.flatMap((mark) => (mark ? [[mark.id, mark]] : [])));
}

/** The last write of each desk. One follows the other, or a write that fails would put back a mark over that of one that did not. */
const lastWrites = new WeakMap<Desk, Promise<unknown>>();
function inTurn<Result>(desk: Desk, write: () => Promise<Result>): Promise<Result> {
  const turn = (lastWrites.get(desk) ?? Promise.resolve()).then(write, write);
  lastWrites.set(desk, turn);
  return turn;
}

/** As writeChunk; a full device is said in words. */
async function writeChunkOrSay(desk: Desk, collection: string, changes: readonly Change[]): Promise<CommitManyResult> {
  try {
    return await inTurn(desk, () => writeChunk(desk, collection, changes));
  } catch (error) {
    if (!isFull(error)) throw error;
    const { label, labels } = desk.noun(collection).entity;
    const what = changes.length === 1 ? `One ${label.toLowerCase()} was` : `${changes.length} ${labels.toLowerCase()} were`;
    throw new NoRoom(`This device is full: ${what} not saved. ${FREE_SPACE}`, error);
  }
}

async function writeChunk(desk: Desk, collection: string, changes: readonly Change[]): Promise<CommitManyResult> {
  const stored = await storedStates(
    desk,
    collection,
    changes.map((change) => change.after.id),
  );
  const failed: { id: string; code: CommitFailure }[] = [];
  const changed: Change[] = [];
  const seen = new Set<string>();
  for (const change of changes) {
    const id = change.after.id;
    const code = seen.has(id) ? 'stale' : failureOf(change, stored.get(id));
    seen.add(id);
    if (code) failed.push({ id, code });
    else changed.push(change);
  }
  if (changed.length === 0) return { written: [], failed };
  const earlier = await marksOf(desk, collection, changed);
  const rows = changed.map((change) => {
    const { id } = change.after;
    return rowOf(change, newWriteId(desk.deviceId), stored.get(id), earlier.get(id)?.w);
  });
  const at = new Date().toISOString();
  const waiting = rows.map(({ document: { id, w } }): WaitingRow => ({ key: `${collection}/${id}`, collection, id, w, at }));
  // Noted before the write: a crash in between leaves a mark too many, which sync clears, and never one too few.
  await desk.local.waiting.bulkPut(waiting);
  const answer = await desk
    .collection(collection)
    .storageInstance.bulkWrite(rows, 'drover-commit')
    .catch(async (error: unknown) => {
      if (isFull(error)) await unmarkUnwritten(desk, collection, waiting, [...earlier.values()]);
      throw error;
    });
  /** By id: the write id of what is stored instead. */
  const refused = new Map<string, string>();
  for (const error of answer.error) {
    if (error.status !== 409) throw new Error(`${collection}/${error.documentId} could not be stored (status ${error.status})`);
    refused.set(error.documentId, error.documentInDb.w);
    failed.push({ id: error.documentId, code: 'stale' });
  }
  if (refused.size > 0) {
    await desk.local.waiting.bulkDelete([...refused.keys()].map((id) => `${collection}/${id}`));
    // An earlier write that is no longer what is stored has been answered meanwhile.
    await desk.local.waiting.bulkPut([...earlier.values()].filter((row) => refused.get(row.id) === row.w));
  }
  return { written: rows.filter((row) => !refused.has(row.document.id)).map((row) => plain(row.document)), failed };
}

/** Writes these once more as they are, so that RxDB sends them. One that has changed meanwhile is sent by itself. */
export async function sendAgain(desk: Desk, collection: string, stored: readonly Stored[]): Promise<void> {
  if (stored.length === 0) return;
  const rows = stored.map((document): BulkWriteRow<AnyDocument> => ({ previous: document, document: { ...document } }));
  await inTurn(desk, () => desk.collection(collection).storageInstance.bulkWrite(rows, 'drover-send-again'));
}

/** Writes one decided change and answers the stored document. Throws CommitFault when the stored state has moved. */
export async function commit(desk: Desk, change: Change): Promise<AnyDocument> {
  const { written, failed } = await writeChunkOrSay(desk, change.collection, [change]);
  const document = written[0];
  if (document) return document;
  throw new CommitFault(failed[0]?.code ?? 'stale', change.collection, change.after.id);
}

/**
 * Writes many decided changes in chunks, for imports. A new record over a tombstone of the same id is an insert. A change
 * whose record has moved is left out and named in `failed`; the others land.
 */
export async function commitMany(desk: Desk, changes: readonly Change[], options: CommitManyOptions = {}): Promise<CommitManyResult> {
  const { chunk = 500, signal, onProgress } = options;
  const written: AnyDocument[] = [];
  const failed: { id: string; code: CommitFailure }[] = [];
  const byCollection = new Map<string, Change[]>();
  for (const change of changes) {
    const own = byCollection.get(change.collection);
    if (own) own.push(change);
    else byCollection.set(change.collection, [change]);
  }
  let done = 0;
  for (const [collection, own] of byCollection) {
    for (let start = 0; start < own.length; start += chunk) {
      if (signal?.aborted) return { written, failed };
      const part = own.slice(start, start + chunk);
      const answer = await writeChunkOrSay(desk, collection, part);
      written.push(...answer.written);
      failed.push(...answer.failed);
      done += part.length;
      onProgress?.(done, changes.length);
      await breathe();
    }
  }
  return { written, failed };
}
