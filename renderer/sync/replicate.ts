/**
 * Replication of every collection on RxDB's replication primitives, with our own client of the wire.
 *
 * What RxDB does not do and this adds: nothing is asked while the gate is closed (offline costs no retries); a pull waits
 * while several pages are unwritten, because RxDB pulls without back-pressure and then writes one giant bulk; at most
 * two pushes are under way; a page that could not be written is pulled again instead of being passed over; and a resync
 * that was asked for happens. RxDB 17.6 loses one that queues up behind a live frame (downstream.ts takes it off the queue
 * before it sees that it cannot run it now), and the next frame's checkpoint would then jump over what was missed. So live
 * frames are held back from the moment a resync is due until its pull is sent, which brings what they held.
 *
 * RxDB also skips what the server sends of a record that has an unsent edit here, and moves its checkpoint past it. It
 * relies on the push being answered with a conflict, but an accepted push is answered with nothing, and the server's
 * stamps (who, when) would then never come back. So what was skipped is remembered, and pulled again once the edit is sent.
 */
import { type RxReplicationState, replicateRxCollection } from 'rxdb/plugins/replication';
import type { ReplicationPullHandler, ReplicationPushHandler, WithDeleted } from 'rxdb';
import { Subject, filter, firstValueFrom } from 'rxjs';
import { isPurged, isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Heads } from '../../domain/protocol/heads.ts';
import type { Checkpoint, StreamFrame, WireDocument } from '../../domain/protocol/protocol.ts';
import { BUILT_ON } from '../data/built-on.ts';
import type { Desk } from '../data/desk.ts';
import { keepOrigin } from '../data/storage/kept-origin.ts';
import { dropTraces } from '../data/withdrawn.ts';
import { SyncFault } from './fault.ts';
import { makeCoverage } from './coverage.ts';
import { type Flights, makeFlights } from './flights.ts';
import { type Background, type Gate, Stopped, limited, makeBackground, makeGate, untilDone } from './gate.ts';
import { makeHistory } from './heal.ts';
import { makeIngest } from './ingest-pages.ts';
import { makeFrames } from './live-frames.ts';
import { makeNewest } from './newest.ts';
import { backoff } from './phase.ts';
import { makePullPages } from './pull-pages.ts';
import { makePushAnswers } from './push-answers.ts';
import { makePushBase } from './push-base.ts';
import { makeReader } from './read-page.ts';
import { makeRewind } from './rewind.ts';
import { makeServed } from './served.ts';
import type { Session } from './session.ts';
import { makeStill } from './still.ts';
import { keepQueuesGoing } from './unbroken-queues.ts';
import { type Joined, clearConfirmed, noteBuiltOn, noteTaken, sendPassedOver, setAside, unmark } from './waiting-marks.ts';
import { type Pushed, pushRows } from './wire.ts';

/** Documents a page, the most that the server gives: 500 took a tenth longer. */
const PULL_BATCH = 1000;
const PUSH_BATCH = 100;
const PUSHES_AT_ONCE = 2;
/** Pages that may be received and not yet written, some 5 MB at most: two took longer, seven blocked the window for 60 to 75 ms. */
const PAGES_AHEAD = 4;
/** How long after a write that did not fit it is tried again. */
const AGAIN = 5000;
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
  /** The server merged these edits with changes of others; often none. */
  joined(edits: readonly Joined[]): void;
}
export interface Replication {
  /**
   * A connection was opened; `heads`: where the server stood then. Everything that may have been missed is asked for as soon as
   * the gate opens. Comes before that, and before the first frame.
   */
  opened(heads: Heads | undefined): void;
  openGate(): void;
  closeGate(): void;
  /** Pulls and pushes everything that may have been missed. */
  resync(): void;
  frame(frame: StreamFrame): void;
  /** Brings these records to what the server holds. */
  mend(collection: string, ids: readonly string[]): Promise<void>;
  /** Resolves when nothing is left to pull or push; hangs while the gate is closed. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const concernsAll = (fault: SyncFault): boolean => fault.code !== 'refused' && fault.code !== 'bad_answer';
const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

interface Frame {
  documents: WithDeleted<AnyDocument>[];
  checkpoint: Checkpoint;
}
type StreamItem = 'RESYNC' | Frame;
interface Line {
  readonly state: RxReplicationState<AnyDocument, Checkpoint>;
  opened(heads: Heads | undefined): void;
  resync(): void;
  frame(item: Frame): void;
  clearConfirmed(): Promise<number | undefined>;
  mend(ids: readonly string[]): Promise<void>;
}

/** Tries until it goes through: waits at the gate, and by itself where the fault is this collection's alone. `rest` wraps the waiting. */
async function persist<T>(
  collection: string,
  verb: Verb,
  { gate, events }: Pick<Common, 'gate' | 'events'>,
  request: () => Promise<T>,
  rest: (waiting: Promise<void>) => Promise<void> = (waiting) => waiting,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    if (!gate.isOpen()) await rest(gate.passed());
    try {
      const answer = await request();
      events.fine(collection, verb);
      return answer;
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      if (gate.isStopped()) throw new Stopped('the replication was stopped');
      events.fault(collection, verb, error);
      if (!concernsAll(error)) await rest(sleep(backoff(attempt, Math.random())));
    }
  }
}

interface Common {
  readonly desk: Desk;
  readonly session: Session;
  readonly gate: Gate;
  readonly events: ReplicationEvents;
  readonly push: ReturnType<typeof limited>;
  readonly background: Background;
}

type State = RxReplicationState<AnyDocument, Checkpoint>;
type Inner = State['internalReplicationState'];
/** Until RxDB does nothing in this direction. */
async function idle(inner: Inner, direction: 'up' | 'down'): Promise<void> {
  const active = inner?.events.active[direction];
  if (active) await firstValueFrom(active.pipe(filter((busy) => !busy)), { defaultValue: false });
}

/** Waiting marks are cleared one batch after another; frames wait for it. `then` follows each batch. */
function makeClearing(background: Background, then: () => Promise<void>) {
  let last: Promise<void> = Promise.resolve();
  return {
    run(work: () => Promise<void>): void {
      const step = last.then(work).then(then);
      background.run(step);
      // Reported above; the next batch must not stand behind a failed one.
      last = step.catch(() => undefined);
    },
    finished: (): Promise<void> => last,
  };
}

interface PushParts {
  readonly common: Common;
  readonly collection: string;
  readonly flights: Flights;
  readonly answers: ReturnType<typeof makePushAnswers>;
  readonly newest: ReturnType<typeof makeNewest>;
  readonly history: Pick<ReturnType<typeof makeHistory>, 'within' | 'isKnown' | 'restored'>;
  /** Has everything pulled once more. */
  readonly startOver: () => Promise<void>;
  readonly state: () => RxReplicationState<AnyDocument, Checkpoint>;
  /** Until it is noted what the edits that wait were built on. */
  readonly founded: () => Promise<void>;
}
/** The push handler of a collection, which has to follow what RxDB does from the start. */
function makePush({ common, collection, flights, answers, newest, history, startOver, state, founded }: PushParts) {
  const { desk, session, events, gate, background } = common;
  const { version } = desk.noun(collection).entity;
  const base = makePushBase(founded);
  const send: ReplicationPushHandler<AnyDocument> = async (rows) => {
    const flight = flights.begin(rows.map(({ newDocumentState }) => newDocumentState.id));
    try {
      const sent = await base.of(state().internalReplicationState, rows);
      await history.restored;
      if (!history.isKnown()) await flight.rest(gate.until(history.isKnown));
      const request = (claim: string): Promise<Pushed> => common.push(() => pushRows(session, collection, version, sent, claim));
      const { answers: conflicts, positions } = await history.within('push', request, (waiting) => flight.rest(waiting));
      newest.pushed(sent, positions);
      events.joined(await setAside(desk, collection, sent, conflicts));
      answers.answered(sent, conflicts);
      // By rights that no pull has told of: should they be regained before one does, no delta would bring the record back.
      if (conflicts.some((one) => isWithdrawn(one) && !isPurged(one))) await startOver();
      const taken = rows.map((row) => row.newDocumentState).filter(({ id }) => !conflicts.some((one) => one.id === id));
      // Until RxDB has written an answer, it skips whatever comes of the record: the mark and the frames wait for it.
      flight.landed((late) => {
        answers.forget(late);
        const unnoted = taken.filter(({ id }) => late.includes(id));
        if (!gate.isStopped()) background.run(noteTaken(desk, collection, state(), unnoted));
      });
      return conflicts as unknown as WithDeleted<AnyDocument>[];
    } catch (error) {
      flight.failed();
      throw error;
    }
  };
  return { send, follow: base.follow };
}

/** Hears what RxDB notes: the states that the server is known to hold, and up to where the pulled pages are written. */
function followNotes(
  state: RxReplicationState<AnyDocument, Checkpoint>,
  written: (checkpoint: Checkpoint) => void,
  known: (held: readonly AnyDocument[]) => void,
): void {
  void state.startPromise.then(() =>
    state.metaInstance?.changeStream().subscribe((bulk) => {
      const held: AnyDocument[] = [];
      for (const { documentData: note } of bulk.events) {
        if (note.isCheckpoint === '0' && note.docData) held.push(note.docData);
        else if (note.itemId === 'down' && note.checkpointData) written(note.checkpointData);
      }
      if (held.length > 0) known(held);
    }),
  );
}

interface Handlers {
  readonly stream: Subject<StreamItem>;
  readonly pull: ReplicationPullHandler<AnyDocument, Checkpoint>;
  readonly push: ReturnType<typeof makePush>;
}
function replicateOver(desk: Desk, collection: string, { stream, pull, push }: Handlers): State {
  const state = replicateRxCollection<AnyDocument, Checkpoint>({
    replicationIdentifier: IDENTIFIER,
    collection: desk.collection(collection),
    live: true,
    retryTime: 5000,
    waitForLeadership: false,
    toggleOnDocumentVisible: false,
    pull: { batchSize: PULL_BATCH, stream$: stream, handler: pull },
    push: { batchSize: PUSH_BATCH, handler: push.send },
  });
  void state.startPromise.then(() => {
    const { internalReplicationState: inner } = state;
    if (!inner) return;
    keepQueuesGoing(inner);
    keepOrigin(inner, desk.collection(collection), BUILT_ON);
    push.follow(inner);
  });
  return state;
}

function replicateCollection(common: Common, collection: string): Line {
  const { desk, session, gate, events, background } = common;
  const { version } = desk.noun(collection).entity;
  const pages = makePullPages();
  const flights = makeFlights();
  const rewind = makeRewind(desk, collection, version);
  const served = makeServed(desk, collection);
  const still = makeStill(collection);
  const newest = makeNewest();
  const stream = new Subject<StreamItem>();
  const { resync, ...coverage } = makeCoverage(
    gate,
    () => state.internalReplicationState?.events.active,
    () => stream.next('RESYNC'),
  );
  const reportCaughtUp = async (upTo: Checkpoint): Promise<void> => {
    // RxDB calls a resync done when all its pages are written.
    await idle(state.internalReplicationState, 'down');
    pages.forget();
    if (gate.isStopped() || rewind.isDue()) return;
    await rewind.settle();
    await served.settle(stored(), upTo);
    await history.settle();
    events.fine(collection, 'store');
    events.caughtUp(collection);
  };
  const stored = (): Checkpoint | undefined => state.internalReplicationState?.lastCheckpointDoc.down?.checkpointData;
  const answers = makePushAnswers();
  const clearing = makeClearing(background, async () => {
    if (await rewind.ripe()) resync();
  });
  const startOver = (): Promise<void> => rewind.to(undefined).then(resync);
  const history = makeHistory({
    desk,
    session,
    collection,
    state: () => state,
    persist: (verb, request, rest) => persist(collection, verb, common, request, rest),
    push: common.push,
    answers: answers.states,
    holds: served.holds,
    begin: coverage.lost,
    written: () => Promise.all([founded(), pages.downTo(0).then(() => ingest.written())]),
    healed: startOver,
  });
  const ingest = makeIngest({ desk, collection, state: () => state, pages, rewind, events, run: background.run });
  const read = makeReader({ session, gate, collection, version, flights, history, served, rewind, still, newest, asked: coverage.asked });
  const pull = async (checkpoint: Checkpoint | undefined, batchSize: number) => {
    await pages.downTo(PAGES_AHEAD - 1);
    const adopted: WireDocument[] = [];
    const { from, answer, documents } = await ingest.pull(checkpoint, batchSize, (after, unread) =>
      read(after, batchSize, adopted, unread),
    );
    await rewind.note(documents, from);
    // What was only adopted comes with a checkpoint that RxDB has stored already and would never report.
    if (answer.documents.length > 0) pages.add(answer.checkpoint);
    if (answer.documents.length < batchSize) background.run(reportCaughtUp(answer.checkpoint));
    return { documents: documents as unknown as WithDeleted<AnyDocument>[], checkpoint: answer.checkpoint };
  };
  const founded = untilDone(() => noteBuiltOn(desk, collection, state));
  const push = makePush({ common, collection, flights, answers, newest, history, startOver, state: () => state, founded });
  const state: State = replicateOver(desk, collection, { stream, pull, push });
  background.run(state.startPromise.then(founded).then(() => sendPassedOver(desk, collection, state)));
  followNotes(state, pages.written, (held) => {
    // What the server is known to hold does not wait any more, whichever way it became known.
    const replaced = answers.noted(held);
    clearing.run(async () => {
      await unmark(desk, collection, held);
      await unmark(desk, collection, replaced);
    });
    for (const { id } of held) flights.noted(id);
    const withdrawn = held.filter(isWithdrawn).map(({ id }) => id);
    background.run(dropTraces(desk, collection, withdrawn));
  });
  state.received$.subscribe(() => events.received(collection, 1));
  state.error$.subscribe((error) => {
    if (gate.isStopped()) return;
    // Not a fault of the wire (those are handled above): RxDB could not write, or one of our handlers has a bug.
    // What follows would be stored with a newer checkpoint and pass over what was lost, so the next pull starts at the last good one.
    background.run(Promise.all([rewind.to(stored()), served.doubt()]));
    history.doubt();
    pages.forget();
    const message = `${desk.noun(collection).entity.labels} could not be written on this device (${error.message}). Check that the disk is not full.`;
    events.fault(collection, 'store', new SyncFault('refused', message, { cause: error }));
    setTimeout(resync, AGAIN);
  });

  const busy = (direction: 'up' | 'down'): boolean => state.internalReplicationState?.events.active[direction].getValue() === true;
  const frames = makeFrames<Frame>({
    isDue: coverage.isDue,
    pulls: coverage.pulls,
    async before(waiting) {
      await idle(state.internalReplicationState, 'down');
      await flights.quiet();
      await clearing.finished();
      await rewind.note(
        waiting.flatMap(({ documents }) => documents),
        stored(),
      );
      // RxDB holds a frame back while it sends; by then a pull may have brought something newer, and nobody could take it back.
      await idle(state.internalReplicationState, 'up');
    },
    isFree: () => !busy('up') && !busy('down'),
    give(fresh) {
      const last = fresh.at(-1);
      const documents = fresh.flatMap((frame) => newest.in(frame.documents, frame.checkpoint));
      if (last && documents.length > 0) stream.next({ documents, checkpoint: last.checkpoint });
    },
  });
  return {
    state,
    opened: still.opened,
    resync,
    frame(item) {
      still.moved();
      if (!served.fits(item.checkpoint)) resync();
      else if (item.documents.length > 0) background.run(frames.take(item));
    },
    async clearConfirmed() {
      let next: number | undefined;
      // In the row of the others, because what was skipped may be pulled once the mark is gone.
      clearing.run(async () => {
        next = await clearConfirmed(desk, collection, state);
      });
      await clearing.finished();
      return next;
    },
    mend: history.mend,
  };
}

/** Starts replication of all collections with a closed gate. */
export function startReplication(desk: Desk, session: Session, events: ReplicationEvents): Replication {
  const gate = makeGate();
  const lines = new Map<string, Line>();
  let stopping = false;
  let connections = 0;
  const background = makeBackground((error) => {
    // The databases may be closed under work that a stop found running; what it would have noted is found again at the next start.
    if (stopping) return;
    const message = `This device could not note what was sent (${error instanceof Error ? error.message : String(error)}). Check that the disk is not full.`;
    for (const collection of lines.keys()) events.fault(collection, 'store', new SyncFault('refused', message, { cause: error }));
    // A full disk may have room again; a pull that comes to its end says that all is well.
    clearTimeout(again);
    again = setTimeout(resync, AGAIN);
  });
  let again: ReturnType<typeof setTimeout> | undefined;
  const resync = (): void => {
    for (const line of lines.values()) line.resync();
  };
  const looks = new Map<string, ReturnType<typeof setTimeout>>();
  /** Looks again when the marks that are too young to be judged are old enough: nothing else might come for hours. */
  const clearMarks = (collection: string): void => {
    const clear = async (): Promise<void> => {
      const next = await lines.get(collection)?.clearConfirmed();
      clearTimeout(looks.get(collection));
      if (next !== undefined && !stopping) looks.set(collection, setTimeout(clearMarks, next, collection));
    };
    background.run(clear());
  };
  const common: Common = {
    desk,
    session,
    gate,
    push: limited(PUSHES_AT_ONCE),
    background,
    events: {
      ...events,
      caughtUp(collection) {
        clearMarks(collection);
        events.caughtUp(collection);
      },
    },
  };
  for (const { entity } of desk.nouns) lines.set(entity.collection, replicateCollection(common, entity.collection));
  return {
    opened(heads) {
      connections += 1;
      for (const line of lines.values()) {
        line.opened(heads);
        // The first time every collection pulls by itself.
        if (connections > 1) line.resync();
      }
    },
    openGate: gate.open,
    closeGate: gate.close,
    resync,
    frame({ collection, documents, checkpoint }) {
      lines.get(collection)?.frame({ documents: [...documents] as unknown as WithDeleted<AnyDocument>[], checkpoint });
    },
    async mend(collection, ids) {
      const line = lines.get(collection);
      await line?.mend(ids);
      line?.resync();
    },
    async settled() {
      await Promise.all([...lines.values()].map(({ state }) => state.awaitInSync()));
    },
    async stop() {
      stopping = true;
      clearTimeout(again);
      for (const look of looks.values()) clearTimeout(look);
      gate.close();
      const cancelled = Promise.all([...lines.values()].map(({ state }) => state.cancel()));
      await cancelled;
      gate.stop();
      await background.finished();
    },
  };
}
