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
import { type RxReplicationWriteToMasterRow, type WithDeleted } from 'rxdb';
import { Subject, filter, firstValueFrom } from 'rxjs';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Checkpoint, type PushRow, type StreamFrame } from '../../domain/protocol/protocol.ts';
import type { Desk } from '../data/desk.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';
import { SyncFault } from './fault.ts';
import { type Gate, Stopped, limited, makeGate } from './gate.ts';
import { backoff } from './phase.ts';
import { makePullPages } from './pull-pages.ts';
import type { Session } from './session.ts';
import { clearConfirmed, setAside, unmark } from './waiting-marks.ts';
import { pullPage, pushRows } from './wire.ts';

/** Documents a page; the Dexie storage writes 500 to 1000 at its best rate. */
const PULL_BATCH = 500;
const PUSH_BATCH = 100;
const PUSHES_AT_ONCE = 2;
/** Pages that may be received and not yet written. */
const PAGES_AHEAD = 2;
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

const concernsAll = (fault: SyncFault): boolean => fault.code !== 'refused' && fault.code !== 'bad_answer';
const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

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
  const pages = makePullPages();
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
  /** After documents that could not be written: where to start again instead of RxDB's newer checkpoint. Kept over restarts. */
  let again: { from: Checkpoint | undefined } | undefined;
  const AGAIN = `sync.again.${collection}`;
  const restored = loadSetting(desk.local, AGAIN).then((kept) => {
    if (typeof kept === 'object' && kept !== null) again ??= kept as { from: Checkpoint | undefined };
  });
  let mended = false;
  const reportCaughtUp = async (): Promise<void> => {
    // RxDB calls a resync done when all its pages are written.
    const active = state.internalReplicationState?.events.active.down;
    if (active) await firstValueFrom(active.pipe(filter((busy) => !busy)), { defaultValue: false });
    if (gate.isStopped() || again) return;
    if (mended) await saveSetting(desk.local, AGAIN, undefined);
    mended = false;
    events.fine(collection, 'store');
    events.caughtUp(collection);
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
        await Promise.all([restored, pages.downTo(PAGES_AHEAD - 1)]);
        const mending = again;
        const from = mending ? mending.from : checkpoint;
        const answer = await persist(collection, 'pull', gate, events, () => {
          due = false;
          return pullPage(session, collection, version, from, batchSize);
        });
        if (again === mending) again = undefined;
        mended ||= mending !== undefined;
        if (answer.documents.length > 0) pages.add(answer.checkpoint);
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
  void state.startPromise.then(() =>
    state.metaInstance?.changeStream().subscribe((bulk) => {
      for (const { documentData: stored } of bulk.events) {
        if (stored.isCheckpoint === '1' && stored.itemId === 'down' && stored.checkpointData) pages.written(stored.checkpointData);
      }
    }),
  );
  state.received$.subscribe((document) => {
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
    // What follows would be stored with a newer checkpoint and pass over what was lost, so the next pull starts at the last good one.
    again = { from: state.internalReplicationState?.lastCheckpointDoc.down?.checkpointData };
    pages.forget();
    void saveSetting(desk.local, AGAIN, again);
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
