/**
 * Runs the sync of this device: one live connection, the replication behind it, and the state that people see. The phases
 * and what leads from one to the next are in phase.ts; here is what each phase does.
 */
import { liveQuery } from 'dexie';
import { type ReactNode, createContext, createElement, useContext, useMemo } from 'react';
import type { Heads } from '../../domain/protocol/heads.ts';
import type { Desk } from '../data/desk.ts';
import { type WaitingFiles, observeUploads, waitingFilesOf } from '../data/files/uploads.ts';
import { useLive } from '../data/live.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';
import { type Live, makeCell, makeLive } from '../data/live-value.ts';
import { paced } from '../data/pace.ts';
import { isFull } from '../data/room.ts';
import { companyAsker } from './company.ts';
import { type DeviceCheck, makeChecks, nextCheck } from './device-check.ts';
import { SyncFault } from './fault.ts';
import { type FetchedFile, type WantedFile, fetchFile } from './files/fetch-file.ts';
import { type UploadQueue, startUploads } from './files/upload-queue.ts';
import { noRoomFault, requireFirstRoom } from './first-room.ts';
import { noteKnownUntil } from './known-until.ts';
import { makeBackground } from './gate.ts';
import { takeLead } from './leadership.ts';
import { type SyncEvent, type SyncPhase, backoff, isOnline, nextPhase } from './phase.ts';
import { type Replication, startReplication } from './replicate.ts';
import { watchKept } from './kept-by-server.ts';
import { watchLeases } from './series-leases.ts';
import type { Session } from './session.ts';
import type { Joined } from './waiting-marks.ts';
import { followStream } from './wire.ts';

export type { SyncPhase } from './phase.ts';

export interface SyncState {
  readonly phase: SyncPhase;
  /** ISO instant at which the phase began. */
  readonly since: string;
  /** Records written here and not yet confirmed by the server, by collection; collections with none are absent. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly waitingTotal: number;
  /** Changes that the server answered with another state; kept in the local store's `setAside`. */
  readonly setAside: number;
  /** Contents of attachments that the server does not have yet. */
  readonly files: WaitingFiles;
  /** Records received since the window opened. */
  readonly received: number;
  /** What went wrong last, in plain words; absent when all is well. */
  readonly problem?: string;
  /** When this device was last known to hold everything; absent when never. */
  readonly caughtUpAt?: string;
  /** When the next try is due, while offline. */
  readonly nextTryAt?: string;
  /** The last edits that were merged with changes of others, so that a record says something else than was typed. */
  readonly joined?: { readonly at: string; readonly edits: readonly Joined[] };
  /** The last comparison with the server; absent when there was none. */
  readonly checked?: DeviceCheck;
}
export interface Sync {
  readonly state: Live<SyncState>;
  /** Tries now instead of at the next retry. */
  syncNow(): void;
  /** The user's own switch; kept over restarts. */
  setForcedOffline(on: boolean): Promise<void>;
  /** Compares this device with the server and fetches what differs. Rejects with a SyncFault when that cannot be done now. */
  checkDevice(): Promise<DeviceCheck>;
  /** The content of a file, from this device or else from the server. `onProgress` hears the bytes received. */
  fetchFile(file: WantedFile, onProgress?: (received: number) => void): Promise<FetchedFile>;
  /** Whether this record waits to be sent. */
  waiting(collection: string, id: string): Live<boolean>;
  /** Resolves when nothing is left to pull or push; hangs while offline. For tests and benchmarks. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const FORCED = 'sync.forcedOffline';

/** What one window tells the others: the leader its state, the others their wishes. */
type Word = { readonly kind: 'state'; readonly state: LeadState } | { readonly kind: 'hello' | 'sync_now' | 'switch' | 'check' };
type LeadState = Pick<SyncState, 'phase' | 'since' | 'received' | 'problem' | 'caughtUpAt' | 'nextTryAt' | 'checked' | 'joined'>;

interface Waiting {
  readonly keys: ReadonlySet<string>;
  readonly counts: Readonly<Record<string, number>>;
}

function watchWaiting(desk: Desk) {
  const waiting = makeCell<Waiting>({ keys: new Set(), counts: {} });
  const aside = makeCell(0);
  // After an import thousands of marks go a hundred at a time; reading all that are left each time would fill the window's day.
  const pace = paced(async () => {
    if (!desk.local.isOpen()) return;
    const keys = new Set(await desk.local.waiting.toCollection().primaryKeys());
    waiting.set({ keys, counts: countByCollection(keys) });
  });
  const subs = [
    // Emits whenever the table was written to, whether the number is another one or not.
    liveQuery(() => desk.local.waiting.count()).subscribe(() => pace.poke()),
    liveQuery(() => desk.local.setAside.count()).subscribe((count) => aside.set(count)),
  ];
  return {
    waiting,
    aside,
    stop() {
      pace.stop();
      for (const sub of subs) sub.unsubscribe();
    },
  };
}

function countByCollection(keys: ReadonlySet<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) {
    const collection = key.slice(0, key.indexOf('/'));
    counts[collection] = (counts[collection] ?? 0) + 1;
  }
  return counts;
}

/** Calls back when the machine gains or loses its network. Answers how to stop. */
function hearNetwork(online: () => void, offline: () => void): () => void {
  if (typeof window === 'undefined') return () => undefined;
  window.addEventListener('online', online);
  window.addEventListener('offline', offline);
  return () => {
    window.removeEventListener('online', online);
    window.removeEventListener('offline', offline);
  };
}

/** Records and files go out, and stop going out, together. */
const bothWays = (replication: Replication, uploads: UploadQueue) => ({
  open(): void {
    replication.openGate();
    uploads.resume();
  },
  close(): void {
    replication.closeGate();
    uploads.pause();
  },
  async stop(): Promise<void> {
    uploads.stop();
    await replication.stop();
  },
});

/** The window that syncs. Answers how to poke and stop it; tells its state through `tell`. */
function lead(desk: Desk, session: Session, forced: boolean, tell: (state: LeadState) => void) {
  const entities = desk.nouns.map(({ entity }) => entity);
  const collections = entities.map(({ collection }) => collection);
  const started: SyncPhase = forced ? 'forced_offline' : session.state.get().phase === 'signed_in' ? 'connecting' : 'signed_out';
  let state: LeadState = { phase: started, since: new Date().toISOString(), received: 0 };
  let attempt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let connection: AbortController | undefined;
  let behind = new Set<string>();
  const stuck = new Set<string>();
  let stopped = false;
  const notes = makeBackground((error) => {
    // A full device cannot note when it last held everything; people are told where they save.
    if (!stopped && !isFull(error)) throw error;
  });

  const put = (change: Partial<LeadState>, drop: readonly (keyof LeadState)[] = []): void => {
    const next = { ...state, ...change };
    for (const key of drop) delete next[key];
    state = next;
    tell(state);
  };
  const isLive = (): boolean => state.phase === 'live';
  const known = noteKnownUntil(desk.local, notes.run, (caughtUpAt, isKept) => {
    if (!stopped && !(isKept && state.caughtUpAt !== undefined)) put({ caughtUpAt });
  });
  const replication: Replication = startReplication(desk, session, {
    fault: (collection, verb, fault) => {
      if (stopped) return;
      if (fault.code === 'refused' || fault.code === 'bad_answer') {
        stuck.add(`${collection}/${verb}`);
        happen('stuck', fault.message);
      } else fail(fault);
    },
    fine: (collection, verb) => {
      if (stuck.delete(`${collection}/${verb}`) && stuck.size === 0) {
        behind = new Set(collections);
        happen('unstuck');
        replication.resync();
      }
    },
    received: (_collection, documents) => {
      state = { ...state, received: state.received + documents };
      tellSoon();
    },
    joined: (edits) => {
      if (edits.length > 0) put({ joined: { at: new Date().toISOString(), edits } });
    },
    caughtUp: (collection) => {
      behind.delete(collection);
      if (behind.size > 0 || !isOnline(state.phase)) return;
      known.caughtUp();
      happen('caught_up');
    },
  });
  let telling: ReturnType<typeof setTimeout> | undefined;
  const tellSoon = (): void => {
    telling ??= setTimeout(() => {
      telling = undefined;
      if (!stopped) tell(state);
    }, 100);
  };

  const fail = (fault: SyncFault): void => {
    if (fault.code === 'signed_out') happen('denied', fault.message);
    else if (fault.code === 'outdated') happen('outdated', fault.message);
    else happen('lost', fault.message);
  };
  const askCompany = companyAsker(desk, session, notes.run);
  const traffic = bothWays(replication, startUploads(desk, session, notes));
  const heard = (): void => {
    if (isLive()) known.heard();
  };
  const connect = async (): Promise<void> => {
    const own = new AbortController();
    connection = own;
    const opened = (heads: Heads | undefined): void => {
      attempt = 0;
      behind = new Set(collections);
      replication.opened(heads);
      happen('opened');
    };
    try {
      await requireFirstRoom(desk.local);
      const { frame } = replication;
      await followStream(session, entities, { opened, company: askCompany, frame, heard }, own.signal);
    } catch (error) {
      if (own.signal.aborted) return;
      if (error instanceof SyncFault) fail(error);
      else if (isFull(error)) fail(noRoomFault(error));
      else throw error;
    }
  };
  const enter = (phase: SyncPhase): void => {
    clearTimeout(retry);
    if (isOnline(phase)) return traffic.open();
    traffic.close();
    connection?.abort();
    connection = undefined;
    if (phase === 'connecting') void connect();
    if (phase !== 'offline') return;
    const wait = backoff(attempt, Math.random());
    attempt += 1;
    retry = setTimeout(() => happen('try'), wait);
    put({ nextTryAt: new Date(Date.now() + wait).toISOString() });
  };
  const happen = (event: SyncEvent, problem?: string): void => {
    if (stopped) return;
    const phase = nextPhase(state.phase, event);
    if (problem !== undefined) put({ problem });
    if (phase === state.phase) return;
    if (isLive()) known.left();
    const calm = phase === 'live' || phase === 'forced_offline';
    put({ phase, since: new Date().toISOString() }, calm ? ['problem', 'nextTryAt'] : ['nextTryAt']);
    enter(phase);
  };
  const unwatch = session.state.subscribe(() => happen(session.state.get().phase === 'signed_in' ? 'signed_in' : 'denied'));
  const online = (): void => {
    attempt = 0;
    happen('try');
  };
  const offline = (): void => happen('lost', 'This machine has no network. Drover goes on here and sends everything later.');
  const unhear = hearNetwork(online, offline);
  tell(state);
  const checks = makeChecks({ desk, session, mend: replication.mend, isLive, run: notes.run, done: (checked) => put({ checked }) });
  enter(started);
  return {
    syncNow: (): void => {
      attempt = 0;
      if (isOnline(state.phase)) replication.resync();
      else happen('try');
    },
    force: (on: boolean): void => happen(on ? 'force_offline' : 'release'),
    check: checks.check,
    tellAgain: (): void => tell(state),
    settled: (): Promise<void> => replication.settled(),
    async stop() {
      stopped = true;
      clearTimeout(retry);
      clearTimeout(telling);
      checks.stop();
      unwatch();
      unhear();
      connection?.abort();
      await traffic.stop();
      await notes.finished();
    },
  };
}

/** Starts syncing, or following the window that syncs. Works from the stored session; never throws for lack of a network. */
export async function startSync(desk: Desk, session: Session): Promise<Sync> {
  let forced = (await loadSetting(desk.local, FORCED)) === true;
  const { waiting, aside, stop: unwatch } = watchWaiting(desk);
  const uploads = observeUploads(desk.local);
  const stopKept = watchKept(desk);
  const since = new Date().toISOString();
  const leadState = makeCell<LeadState>({ phase: forced ? 'forced_offline' : 'connecting', since, received: 0 });
  const compose = (): SyncState => ({
    ...leadState.get(),
    waiting: waiting.get().counts,
    waitingTotal: waiting.get().keys.size,
    setAside: aside.get(),
    files: waitingFilesOf(uploads.get()),
  });
  const state = makeCell(compose());
  const stops = [leadState, waiting, aside, uploads].map((cell) => cell.subscribe(() => state.set(compose())));

  const channel = desk.severalWindows ? new BroadcastChannel(`drover-sync-${desk.name}`) : undefined;
  const say = (word: Word): void => channel?.postMessage(word);
  let leader: ReturnType<typeof lead> | undefined;
  let stopLeases: (() => Promise<void>) | undefined;
  const abdicate = takeLead(desk, () => {
    leader = lead(desk, session, forced, (next) => {
      leadState.set(next);
      say({ kind: 'state', state: next });
    });
    stopLeases = watchLeases(desk, session, leadState);
  });
  channel?.addEventListener('message', (event: MessageEvent<Word>) => {
    const word = event.data;
    if (word.kind === 'state' && !leader) leadState.set(word.state);
    if (word.kind === 'hello') leader?.tellAgain();
    if (word.kind === 'sync_now') leader?.syncNow();
    // The answer comes with the state; a failure is the leader's to show.
    if (word.kind === 'check') leader?.check().catch(() => leader?.tellAgain());
    if (word.kind === 'switch') void obeySwitch();
  });
  const obeySwitch = async (): Promise<void> => {
    forced = (await loadSetting(desk.local, FORCED)) === true;
    leader?.force(forced);
  };
  say({ kind: 'hello' });

  return {
    state,
    syncNow() {
      if (leader) leader.syncNow();
      else say({ kind: 'sync_now' });
    },
    async checkDevice() {
      if (leader) return leader.check();
      const before = state.get().checked;
      say({ kind: 'check' });
      return nextCheck(state, before);
    },
    async setForcedOffline(on) {
      await saveSetting(desk.local, FORCED, on);
      await obeySwitch();
      say({ kind: 'switch' });
    },
    fetchFile: (file, onProgress) => fetchFile(desk, session, file, onProgress),
    waiting(collection, id) {
      const key = `${collection}/${id}`;
      const isMarked = (): boolean => waiting.get().keys.has(key);
      return makeLive(isMarked(), (set) => {
        set(isMarked());
        return waiting.subscribe(() => set(isMarked()));
      });
    },
    async settled() {
      if (!leader) throw new Error('only the window that syncs can tell');
      await leader.settled();
    },
    async stop() {
      for (const stop of stops) stop();
      unwatch();
      await stopKept();
      await stopLeases?.();
      channel?.close();
      await leader?.stop();
      abdicate();
    },
  };
}

const SyncContext = createContext<Sync | undefined>(undefined);
export const SyncProvider = ({ sync, children }: { readonly sync: Sync; readonly children: ReactNode }): ReactNode =>
  createElement(SyncContext, { value: sync }, children);
export function useSync(): Sync {
  const sync = useContext(SyncContext);
  if (!sync) throw new Error('useSync outside of SyncProvider');
  return sync;
}
export const useSyncState = (): SyncState => useLive(useSync().state);
/** Whether this record waits to be sent. */
export function useIsWaiting(collection: string, id: string): boolean {
  const sync = useSync();
  return useLive(useMemo(() => sync.waiting(collection, id), [sync, collection, id]));
}
