/** The marks of records that wait to be sent, and what is kept when the server answered otherwise. */
import { type WithDeleted, getAssumedMasterState, getLastCheckpointDoc, getMetaWriteRow } from 'rxdb';
import type { RxReplicationState } from 'rxdb/plugins/replication';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Checkpoint, PushRow, WireDocument } from '../../domain/protocol/protocol.ts';
import { builtOn } from '../data/built-on.ts';
import { type Stored, sendAgain, storedStates } from '../data/commit.ts';
import type { Desk } from '../data/desk.ts';
import { arrivalOf, lostKeys } from '../data/set-aside.ts';

/** Longest that a commit may take between its mark and its write, in milliseconds. */
const MARK_SETTLED = 10_000;

/** Marks a look. */
const PART = 500;
/** What waits to be sent as it is stored, some at a time. A mark of another state than is stored counts for nothing. */
async function* waitingParts(desk: Desk, collection: string): AsyncGenerator<Stored[]> {
  const marks = await desk.local.waiting.where('collection').equals(collection).toArray();
  for (let start = 0; start < marks.length; start += PART) {
    const part = new Map(marks.slice(start, start + PART).map(({ id, w }) => [id, w]));
    const stored = await storedStates(desk, collection, [...part.keys()]);
    yield [...stored.values()].filter(({ id, w }) => part.get(id) === w);
  }
}

/** Removes the waiting marks of these states; a mark of a newer write stays. */
export async function unmark(
  desk: Desk,
  collection: string,
  states: readonly { readonly id: string; readonly w: string }[],
): Promise<void> {
  if (states.length === 0 || (await desk.local.waiting.where('collection').equals(collection).count()) === 0) return;
  const answered = new Map(states.map((state) => [`${collection}/${state.id}`, state.w]));
  await desk.local.transaction('rw', desk.local.waiting, async () => {
    const marks = await desk.local.waiting.bulkGet([...answered.keys()]);
    const done = marks.filter((mark) => mark !== undefined).filter((mark) => mark.w === answered.get(mark.key));
    await desk.local.waiting.bulkDelete(done.map((mark) => mark.key));
  });
}

/** Which of these records wait to be sent. */
export async function markedIds(desk: Desk, collection: string, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0 || (await desk.local.waiting.where('collection').equals(collection).count()) === 0) return [];
  const marks = await desk.local.waiting.bulkGet(ids.map((id) => `${collection}/${id}`));
  return marks.flatMap((mark) => (mark ? [mark.id] : []));
}

/**
 * Marks left by a crash between the server's answer and our note of it, or of a write that never came to be: what the server
 * is known to hold, or what is not stored, is no longer waiting. Answers in how many milliseconds the next mark is old enough
 * to be judged; undefined when there is none.
 */
export async function clearConfirmed(
  desk: Desk,
  collection: string,
  state: RxReplicationState<AnyDocument, Checkpoint>,
): Promise<number | undefined> {
  const inner = state.internalReplicationState;
  if (!inner) return undefined;
  // A mark is set before its record is written; a young one may still be on its way.
  const now = Date.now();
  const all = await desk.local.waiting.where('collection').equals(collection).toArray();
  const marks = all.filter((mark) => Date.parse(mark.at) + MARK_SETTLED <= now);
  const young = all.filter((mark) => !marks.includes(mark)).map((mark) => Date.parse(mark.at) + MARK_SETTLED - now);
  if (marks.length > 0) {
    const ids = marks.map((mark) => mark.id);
    const known = await getAssumedMasterState(inner, ids);
    const stored = new Map((await desk.collection(collection).storageInstance.findDocumentsById(ids, true)).map((one) => [one.id, one.w]));
    const gone = marks.filter((mark) => known[mark.id]?.docData.w === mark.w || stored.get(mark.id) !== mark.w);
    await unmark(desk, collection, gone);
  }
  return young.length === 0 ? undefined : Math.min(...young);
}

/**
 * Notes that the server took these where RxDB did not: it drops its own note when something else was noted of the record
 * between its look and its answer (replication-protocol/upstream.ts), takes the record for unsent from then on, and skips
 * whatever comes of it until somebody changes it again.
 */
export async function noteTaken(
  desk: Desk,
  collection: string,
  state: RxReplicationState<AnyDocument, Checkpoint>,
  taken: readonly WithDeleted<AnyDocument>[],
): Promise<void> {
  const inner = state.internalReplicationState;
  if (!inner || taken.length === 0) return;
  const ids = taken.map(({ id }) => id);
  const known = await getAssumedMasterState(inner, ids);
  const stored = new Map((await desk.collection(collection).storageInstance.findDocumentsById(ids, true)).map((one) => [one.id, one.w]));
  // One that was changed meanwhile is sent and noted by itself.
  const missing = taken.filter(({ id, w }) => stored.get(id) === w && known[id]?.docData.w !== w);
  const rows = await Promise.all(missing.map((document) => getMetaWriteRow(inner, document, known[document.id]?.metaDocument)));
  if (rows.length > 0) await inner.input.metaInstance.bulkWrite(rows, 'drover-note-taken');
}

/**
 * Notes what the changes that wait were built on, where the device died after that was written and before RxDB noted it. For the
 * start of a device, before anything is sent: the server would merge them as if they had been built on the state before.
 */
export async function noteBuiltOn(desk: Desk, collection: string, state: RxReplicationState<AnyDocument, Checkpoint>): Promise<void> {
  const inner = state.internalReplicationState;
  if (!inner) return;
  for await (const stored of waitingParts(desk, collection)) {
    const built = stored.flatMap((one) => {
      const on = builtOn(one);
      return on ? [{ id: one.id, state: on.state, asNew: [on.state.w, ...on.since, one.w] }] : [];
    });
    if (built.length === 0) continue;
    const known = await getAssumedMasterState(
      inner,
      built.map(({ id }) => id),
    );
    const missing = built.filter(({ id, asNew }) => !asNew.includes(known[id]?.docData.w ?? ''));
    const rows = await Promise.all(missing.map(({ id, state }) => getMetaWriteRow(inner, state, known[id]?.metaDocument)));
    if (rows.length > 0) await inner.input.metaInstance.bulkWrite(rows, 'drover-note-built-on');
  }
}

/**
 * Has RxDB send what waits although it has passed over it: killed after it stored how far it has sent, and before `noteTaken`
 * made up for the note that it dropped. For the start of a device; later it may just be about to note it.
 */
export async function sendPassedOver(desk: Desk, collection: string, state: RxReplicationState<AnyDocument, Checkpoint>): Promise<void> {
  const inner = state.internalReplicationState;
  if (!inner) return;
  const upTo = await getLastCheckpointDoc<AnyDocument, { readonly lwt: number; readonly id: string }>(inner, 'up');
  if (!upTo) return;
  for await (const stored of waitingParts(desk, collection)) {
    const passed = stored.filter(({ id, _meta: { lwt } }) => lwt < upTo.lwt || (lwt === upTo.lwt && id <= upTo.id));
    if (passed.length === 0) continue;
    const known = await getAssumedMasterState(
      inner,
      passed.map(({ id }) => id),
    );
    await sendAgain(
      desk,
      collection,
      passed.filter(({ id, w }) => known[id]?.docData.w !== w),
    );
  }
}

/** An edit that the server merged with what others had changed in the same fields. */
export interface Joined {
  readonly collection: string;
  readonly id: string;
  /** The fields that now hold something else than was typed. */
  readonly keys: readonly string[];
}

/**
 * What this device wrote and the server answered with another state: kept aside, so that nothing a person typed is lost,
 * until the server's own record of it is here (kept-by-server.ts). Answers the edits that were merged, for a plain notice.
 */
export async function setAside(
  desk: Desk,
  collection: string,
  rows: readonly PushRow[],
  conflicts: readonly WireDocument[],
): Promise<Joined[]> {
  const sent = new Map(rows.map((row) => [row.newDocumentState.id, row]));
  const at = new Date().toISOString();
  const noun = desk.noun(collection);
  const joined: Joined[] = [];
  const lost = conflicts.flatMap((theirs) => {
    const own = sent.get(theirs.id);
    if (!own) return [];
    const { newDocumentState: mine, assumedMasterState: base } = own;
    if (mine['w'] === theirs['w']) return [];
    const edit = { mine, ...(base ? { base } : {}) };
    const arrival = arrivalOf(noun, edit, theirs);
    if (arrival === 'joined') joined.push({ collection, id: theirs.id, keys: lostKeys(noun.entity, edit, theirs) });
    return arrival === 'lost' ? [{ collection, id: theirs.id, at, theirs, ...edit }] : [];
  });
  if (lost.length > 0) await desk.local.setAside.bulkAdd(lost);
  return joined;
}
