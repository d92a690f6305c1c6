/**
 * Replication of every collection on RxDB's replication primitives, with our own client of the wire.
 *
 * What RxDB does not do and this adds: nothing is asked while the gate is closed (offline costs no retries); a pull waits
 * while more than two pages are unwritten, because RxDB pulls without back-pressure and then writes one giant bulk; at most
 * two pushes are under way; a page that could not be written is pulled again instead of being passed over; and a resync
 * that was asked for happens. RxDB 17.6 loses one that queues up behind a live frame (downstream.ts takes it off the queue
 * before it sees that it cannot run it now), and the next frame's checkpoint would then jump over what was missed. So live
 * frames are held back from the moment a resync is due until its pull is sent, which brings what they held.
 */
import { type RxReplicationState, replicateRxCollection } from 'rxdb/plugins/replication';
import { type RxReplicationWriteToMasterRow, type WithDeleted, getAssumedMasterState } from 'rxdb';
import { Subject } from 'rxjs';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Checkpoint, type PushRow, type StreamFrame, type WireDocument } from '../../domain/protocol/protocol.ts';
import type { Desk } from '../data/desk.ts';
import { SyncFault } from './fault.ts';
import { backoff } from './phase.ts';
import type { Session } from './session.ts';
import { pullPage, pushRows } from './wire.ts';

/** Documents a page; the Dexie storage writes 500 to 1000 at its best rate. */
export const PULL_BATCH = 500;
export const PUSH_BATCH = 100;
const PUSHES_AT_ONCE = 2;
/** Pages that may be received and not yet written. */
const PAGES_AHEAD = 2;
/** A page whose documents equal the stored ones is never reported as written; after this long it counts as done. */
const SETTLE_TIMEOUT = 2000;
/** How often it is checked that a resync was not lost. */
const RESYNC_CHECK = 250;
/** The name under which RxDB keeps what the server is known to hold. Constant: it must survive updates of everything else. */
const IDENTIFIER = 'drover-sync';

export type Verb = 'pull' | 'push' | 'store';
/** What the connection hears from the replication. */
export interface ReplicationEvents {
  /** A request failed. After the codes that concern the whole connection the gate must be closed before this returns. */
  fault(collection: string, verb: Verb, fault: SyncFault): void;
  /** A request of this collection went through. */
  fine(collection: string, verb: Verb): void;
  received(collection: string, documents: number): void;
  /** This collection has everything that the server had when it was asked. */
  caughtUp(collection: string): void;
}
export interface Replication {
  openGate(): void;
  closeGate(): void;
  /** Pulls and pushes everything that may have been missed. */
  resync(): void;
  frame(frame: StreamFrame): void;
  /** Resolves when nothing is left to pull or push; hangs while the gate is closed. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Lets at most `most` run at once, first come first served. */
function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((go) => queue.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

class Stopped extends Error {}

/** A door that requests pass one after another when it opens, and that throws when the replication is stopped. */
function makeGate() {
  let open = false;
  let stopped = false;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  return {
    open: (): void => {
      open = true;
      wake();
    },
    close: (): void => {
      open = false;
    },
    stop: (): void => {
      stopped = true;
      wake();
    },
    isStopped: (): boolean => stopped,
    async passed(): Promise<void> {
      while (!open && !stopped) await new Promise<void>((go) => waiting.push(go));
      if (stopped) throw new Stopped('the replication was stopped');
    },
  };
}
type Gate = ReturnType<typeof makeGate>;

const concernsAll = (fault: SyncFault): boolean => fault.code !== 'refused' && fault.code !== 'bad_answer';
const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** Pages handed to RxDB and not yet known to be written, with the checkpoint each was asked with. */
function makePending() {
  let pages: { after: Checkpoint | undefined; left: number }[] = [];
  let waiters: (() => void)[] = [];
  const wake = (): void => {
    const all = waiters;
    waiters = [];
    for (const go of all) go();
  };
  return {
    add(after: Checkpoint | undefined, documents: number): void {
      if (documents > 0) pages.push({ after, left: documents });
    },
    written(): void {
      const first = pages[0];
      if (!first) return;
      first.left -= 1;
      if (first.left > 0) return;
      pages.shift();
      wake();
    },
    /** Where to pull again from when a page was lost. */
    oldest: (): Checkpoint | undefined => pages[0]?.after,
    isEmpty: (): boolean => pages.length === 0,
    forget(): void {
      pages = [];
      wake();
    },
    /** Waits until at most `most` pages are unwritten, or nothing was reported for SETTLE_TIMEOUT. */
    async downTo(most: number): Promise<void> {
      while (pages.length > most) {
        const before = pages.length;
        const head = pages[0]?.left;
        await Promise.race([new Promise<void>((go) => waiters.push(go)), sleep(SETTLE_TIMEOUT)]);
        if (pages.length === before && pages[0]?.left === head) pages = [];
      }
    },
  };
}

type StreamItem = 'RESYNC' | { documents: WithDeleted<AnyDocument>[]; checkpoint: Checkpoint };
interface Line {
  readonly state: RxReplicationState<AnyDocument, Checkpoint>;
  resync(): void;
  frame(item: StreamItem): void;
  clearConfirmed(): Promise<void>;
}

/** Tries until it goes through: waits at the gate, and by itself where the fault is this collection's alone. */
async function persist<T>(collection: string, verb: Verb, gate: Gate, events: ReplicationEvents, request: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    await gate.passed();
    try {
      const answer = await request();
      events.fine(collection, verb);
      return answer;
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      if (gate.isStopped()) throw new Stopped('the replication was stopped');
      events.fault(collection, verb, error);
      if (!concernsAll(error)) await sleep(backoff(attempt, Math.random()));
    }
  }
}

/** Removes the waiting marks of these states; a mark of a newer write stays. */
async function unmark(desk: Desk, collection: string, states: readonly { readonly id: string; readonly w: string }[]): Promise<void> {
  if (states.length === 0 || (await desk.local.waiting.where('collection').equals(collection).count()) === 0) return;
  const answered = new Map(states.map((state) => [`${collection}/${state.id}`, state.w]));
  await desk.local.transaction('rw', desk.local.waiting, async () => {
    const marks = await desk.local.waiting.bulkGet([...answered.keys()]);
    const done = marks.filter((mark) => mark !== undefined).filter((mark) => mark.w === answered.get(mark.key));
    await desk.local.waiting.bulkDelete(done.map((mark) => mark.key));
  });
}

/** Marks left by a crash between the server's answer and our note of it: what the server is known to hold is no longer waiting. */
async function clearConfirmed(desk: Desk, collection: string, state: Line['state']): Promise<void> {
  const inner = state.internalReplicationState;
  const marks = await desk.local.waiting.where('collection').equals(collection).toArray();
  if (!inner || marks.length === 0) return;
  const ids = marks.map((mark) => mark.id);
  const known = await getAssumedMasterState(inner, ids);
  const stored = new Map((await desk.collection(collection).storageInstance.findDocumentsById(ids, true)).map((one) => [one.id, one.w]));
  const gone = marks.filter((mark) => known[mark.id]?.docData.w === mark.w || stored.get(mark.id) !== mark.w);
  await unmark(desk, collection, gone);
}

/** What this device wrote and the server answered with another state: kept aside, so that nothing a person typed is lost. */
async function setAside(desk: Desk, collection: string, rows: readonly PushRow[], conflicts: readonly WireDocument[]): Promise<void> {
  const mine = new Map(rows.map((row) => [row.newDocumentState.id, row.newDocumentState]));
  const at = new Date().toISOString();
  const lost = conflicts.flatMap((theirs) => {
    const own = mine.get(theirs.id);
    return own && own['w'] !== theirs['w'] ? [{ collection, id: theirs.id, at, mine: own, theirs }] : [];
  });
  if (lost.length > 0) await desk.local.setAside.bulkAdd(lost);
}

interface Common {
  readonly desk: Desk;
  readonly session: Session;
  readonly gate: Gate;
  readonly events: ReplicationEvents;
  readonly push: ReturnType<typeof limited>;
}

function replicateCollection(common: Common, collection: string): Line {
  const { desk, session, gate, events } = common;
  const { version } = desk.noun(collection).entity;
  const pending = makePending();
  const stream = new Subject<StreamItem>();
  /** True until the pull is sent that covers everything before it. RxDB begins with one by itself. */
  let due = true;
  let check: ReturnType<typeof setTimeout> | undefined;
  const resync = (): void => {
    due = true;
    stream.next('RESYNC');
    watchResync();
  };
  const watchResync = (): void => {
    clearTimeout(check);
    check = setTimeout(() => {
      if (!due || gate.isStopped()) return;
      const active = state.internalReplicationState?.events.active;
      if (active && !active.up.getValue() && !active.down.getValue()) resync();
      else watchResync();
    }, RESYNC_CHECK);
  };
  /** After a page that could not be written: where to start again instead of RxDB's newer checkpoint. */
  let again: { from: Checkpoint | undefined } | undefined;
  const reportCaughtUp = async (): Promise<void> => {
    await pending.downTo(0);
    if (!gate.isStopped()) events.caughtUp(collection);
  };
  const state = replicateRxCollection<AnyDocument, Checkpoint>({
    replicationIdentifier: IDENTIFIER,
    collection: desk.collection(collection),
    live: true,
    retryTime: 5000,
    waitForLeadership: false,
    toggleOnDocumentVisible: false,
    pull: {
      batchSize: PULL_BATCH,
      stream$: stream,
      handler: async (checkpoint, batchSize) => {
        await pending.downTo(PAGES_AHEAD - 1);
        const from = again ? again.from : checkpoint;
        const answer = await persist(collection, 'pull', gate, events, () => {
          due = false;
          return pullPage(session, collection, version, from, batchSize);
        });
        again = undefined;
        pending.add(from, answer.documents.length);
        if (answer.documents.length < batchSize) void reportCaughtUp();
        return { documents: [...answer.documents] as unknown as WithDeleted<AnyDocument>[], checkpoint: answer.checkpoint };
      },
    },
    push: {
      batchSize: PUSH_BATCH,
      handler: (rows: RxReplicationWriteToMasterRow<AnyDocument>[]) =>
        common.push(async () => {
          const sent = rows as unknown as PushRow[];
          const conflicts = await persist(collection, 'push', gate, events, () => pushRows(session, collection, version, sent));
          await setAside(desk, collection, sent, conflicts);
          await unmark(
            desk,
            collection,
            rows.map((row) => row.newDocumentState),
          );
          return conflicts as unknown as WithDeleted<AnyDocument>[];
        }),
    },
  });
  state.received$.subscribe((document) => {
    pending.written();
    events.received(collection, 1);
    unmarkLater(document);
  });
  // An answer that was lost: the server's own feed then brings back what it took.
  const echoed: AnyDocument[] = [];
  const unmarkLater = (document: AnyDocument): void => {
    if (echoed.push(document) > 1) return;
    queueMicrotask(() => void unmark(desk, collection, echoed.splice(0)));
  };
  state.error$.subscribe((error) => {
    if (gate.isStopped()) return;
    // Not a fault of the wire (those are handled above): RxDB could not write, or one of our handlers has a bug.
    if (!pending.isEmpty()) again = { from: pending.oldest() };
    pending.forget();
    events.fault(
      collection,
      'store',
      new SyncFault(
        'refused',
        `${desk.noun(collection).entity.labels} could not be written on this device (${error.message}). Check that the disk is not full.`,
        { cause: error },
      ),
    );
    setTimeout(resync, 5000);
  });
  return {
    state,
    resync,
    frame: (item) => {
      if (!due) stream.next(item);
    },
    clearConfirmed: () => clearConfirmed(desk, collection, state),
  };
}

/** Starts replication of all collections with a closed gate. */
export function startReplication(desk: Desk, session: Session, events: ReplicationEvents): Replication {
  const gate = makeGate();
  const lines = new Map<string, Line>();
  const common: Common = {
    desk,
    session,
    gate,
    push: limited(PUSHES_AT_ONCE),
    events: {
      ...events,
      caughtUp(collection) {
        void lines.get(collection)?.clearConfirmed();
        events.caughtUp(collection);
      },
    },
  };
  for (const { entity } of desk.nouns) lines.set(entity.collection, replicateCollection(common, entity.collection));
  return {
    openGate: gate.open,
    closeGate: gate.close,
    resync() {
      for (const line of lines.values()) line.resync();
    },
    frame({ collection, documents, checkpoint }) {
      lines.get(collection)?.frame({ documents: [...documents] as unknown as WithDeleted<AnyDocument>[], checkpoint });
    },
    async settled() {
      await Promise.all([...lines.values()].map(({ state }) => state.awaitInSync()));
    },
    async stop() {
      gate.close();
      const cancelled = Promise.all([...lines.values()].map(({ state }) => state.cancel()));
      await cancelled;
      gate.stop();
    },
  };
}
