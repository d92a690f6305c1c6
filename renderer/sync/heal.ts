/**
 * After the server was put back to an earlier state (SYN-11): offers again what this device knows that the server held and
 * that the server has never heard of any more. Unsent edits are built on exactly these states, so they follow as usual.
 */
import { isWithdrawn, withdrawnStub } from '../../domain/access/withdrawn.ts';
import { readMark } from '../../domain/protocol/mark.ts';
import { type RxDocumentData, getAssumedMasterState, getLastCheckpointDoc, writeDocToDocState } from 'rxdb';
import type { RxReplicationState } from 'rxdb/plugins/replication';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Checkpoint, KnownBody, LostAnswer, PushRow, WireDocument } from '../../domain/protocol/protocol.ts';
import { readPages } from '../data/bulk-read.ts';
import type { Desk } from '../data/desk.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';
import { pulledBy } from '../data/storage/kept-origin.ts';
import type { Answers } from './push-answers.ts';
import type { Session } from './session.ts';
import { setAside } from './waiting-marks.ts';
import { HistoryChanged, askKnown, pushRows, readDocuments } from './wire.ts';

const PAGE = 500;
/** Rows of a push; small enough that the server's other work goes on between. */
const ROWS = 100;
const EPOCHS_KEPT = 8;

/** Which epochs this device has seen of a collection, newest first; kept over restarts. */
function makeSeenEpochs(desk: Desk, collection: string) {
  const key = `sync.epochs.${collection}`;
  let epochs: readonly string[] = [];
  /** As they are stored. */
  let kept = epochs;
  /** Where the device stood when it healed: it has not come there in the history that the server has now. */
  let left: Checkpoint | undefined;
  const restored = loadSetting(desk.local, key).then((stored) => {
    if (Array.isArray(stored)) kept = stored.filter((one) => typeof one === 'string');
    epochs = kept;
  });
  const keep = async (): Promise<void> => {
    const seen = epochs;
    if (kept === seen) return;
    await saveSetting(desk.local, key, seen);
    kept = seen;
  };
  return {
    /** What this device claims to have seen; '' before its first pull. `upTo` is the checkpoint that it holds. */
    async claim(upTo: Checkpoint | undefined): Promise<string> {
      await restored;
      if (epochs.length === 0) return '';
      const counts = readMark(upTo?.id ?? '').epoch === epochs[0] && !(left?.lwt === upTo?.lwt && left?.id === upTo?.id);
      return `${counts ? (upTo?.lwt ?? 0) : 0}.${epochs.join(',')}`;
    },
    /** Some epoch was seen, and is known in the next life too. */
    isKnown: (): boolean => kept.length > 0,
    restored,
    leave(at: Checkpoint | undefined): void {
      left = at;
    },
    /** Counts as seen, until it is kept for this life only. */
    adopt(epoch: string): void {
      epochs = [epoch, ...epochs.filter((one) => one !== epoch)].slice(0, EPOCHS_KEPT);
    },
    keep,
    /** What was adopted and not kept counts as not seen. */
    forget(): void {
      epochs = kept;
    },
    /** Of a checkpoint's id. Only the first is learnt so: of any other this device hears when it makes a claim, and heals. */
    async begin(id: string): Promise<void> {
      await restored;
      const { epoch } = readMark(id);
      if (kept.length > 0 || epoch === '') return;
      if (epochs.length === 0) epochs = [epoch];
      await keep();
    },
  };
}

interface HealCalls {
  known(body: KnownBody): Promise<LostAnswer>;
  push(rows: readonly PushRow[]): Promise<readonly WireDocument[]>;
}

/** What stands for a refused or withdrawn record was never a state of the server. */
const isState = (one: Readonly<Record<string, unknown>>): boolean =>
  typeof one['w'] === 'string' && one['w'] !== '' && !one['w'].startsWith('refused-') && !isWithdrawn(one);

const writeOf = ({ id, w }: Readonly<Record<string, unknown>> & { readonly id: string }) => ({ id, w: String(w) });

/** The last state of these records that the server is known to have held: as it answered, as it was pulled, or as it was noted. */
async function heldStates(
  state: RxReplicationState<AnyDocument, Checkpoint>,
  records: readonly RxDocumentData<AnyDocument>[],
  answers: Answers,
): Promise<Map<string, WireDocument>> {
  const inner = state.internalReplicationState;
  if (!inner) return new Map();
  const ids = records.map(({ id }) => id);
  const [noted, isPulled] = await Promise.all([getAssumedMasterState(inner, ids), pulledBy(inner)]);
  const held = records.map((stored): Readonly<Record<string, unknown>> & { readonly id: string } => {
    const { id } = stored;
    // A device that dies between the two writes what it pulls and does not note it.
    const pulled = isPulled(stored) ? writeDocToDocState(stored, false, false) : undefined;
    return answers.get(id) ?? pulled ?? { ...noted[id]?.docData, id };
  });
  return new Map(held.filter(isState).map((one) => [one.id, { ...one } as WireDocument]));
}

interface Offered {
  /** What was sent, and the states that the server answered instead: the caller's to keep and to adopt. */
  readonly sent: readonly PushRow[];
  readonly answers: readonly WireDocument[];
  /** Records of which the server has heard the very state that is held here. */
  readonly heardOf: readonly string[];
  /** Those of them that this user may not see. */
  readonly hidden: readonly string[];
}

/** Offers what is lost. Safe to repeat. */
async function offerLost(
  desk: Desk,
  collection: string,
  state: RxReplicationState<AnyDocument, Checkpoint>,
  until: number,
  calls: HealCalls,
  answered: Answers,
  /** Only these records; all of them unless named. */
  only?: ReadonlySet<string>,
): Promise<Offered> {
  const sent: PushRow[] = [];
  const answers: WireDocument[] = [];
  const heardOf: string[] = [];
  const unseen: string[] = [];
  for await (const page of readPages(desk, collection, PAGE)) {
    const own = page.filter(({ id }) => only?.has(id) !== false);
    const held = await heldStates(state, own, answered);
    // A new record of this device, or what was pulled before RxDB marked such. It is not offered; it may be hidden.
    const unnoted = own.filter((one) => !held.has(one.id) && isState(one));
    const states = [...held.values(), ...unnoted].map(writeOf);
    if (states.length === 0) continue;
    const { lost, hidden } = await calls.known({ until, states });
    const unheard = new Set(lost.map(({ id }) => id));
    heardOf.push(...states.flatMap(({ id }) => (unheard.has(id) ? [] : [id])));
    unseen.push(...hidden);
    const rows = lost.flatMap(({ id, base }): PushRow[] => {
      const mine = held.get(id);
      return mine ? [{ newDocumentState: mine, ...(base ? { assumedMasterState: base } : {}) }] : [];
    });
    for (let start = 0; start < rows.length; start += ROWS) {
      const part = rows.slice(start, start + ROWS);
      answers.push(...(await calls.push(part)));
      sent.push(...part);
    }
    // Another device may have given back the very state meanwhile, of a record that this user may not see.
    if (rows.length > 0)
      unseen.push(...(await calls.known({ until, states: rows.map(({ newDocumentState: mine }) => writeOf(mine)) })).hidden);
  }
  return { sent, answers, heardOf, hidden: unseen };
}

type State = RxReplicationState<AnyDocument, Checkpoint>;

/** How far RxDB has come in the feed. */
async function reached(state: State): Promise<Checkpoint | undefined> {
  const inner = state.internalReplicationState;
  if (!inner) return undefined;
  return inner.lastCheckpointDoc.down?.checkpointData ?? getLastCheckpointDoc<AnyDocument, Checkpoint>(inner, 'down');
}

export interface HistoryParts {
  readonly desk: Desk;
  readonly session: Session;
  readonly collection: string;
  readonly state: () => State;
  /** Repeats a request until it goes through; lets HistoryChanged pass. */
  readonly persist: <T>(verb: 'pull' | 'push', request: () => Promise<T>, rest?: (waiting: Promise<void>) => Promise<void>) => Promise<T>;
  /** The turnstile of the pushes. */
  readonly push: <T>(work: () => Promise<T>) => Promise<T>;
  readonly answers: Answers;
  /** What this scope reaches was left on the device. */
  readonly holds: (scope: string) => Promise<void>;
  /** The server was found to be another one; live frames mean nothing until it is healed. */
  readonly begin: () => void;
  /** Until all that came is written, and what waiting edits were built on is noted: only what is stored can be offered. */
  readonly written: () => Promise<unknown>;
  /** All was offered; everything must be pulled once more. */
  readonly healed: () => Promise<void>;
}

/** The history of one collection as this device has seen it, and what is done when the server's is another one. */
export function makeHistory({
  desk,
  session,
  collection,
  state,
  persist,
  push,
  answers: pushed,
  holds,
  begin,
  written,
  healed,
}: HistoryParts) {
  const { version } = desk.noun(collection).entity;
  const epochs = makeSeenEpochs(desk, collection);
  const answered: WireDocument[] = [];
  let healing: Promise<void> | undefined;
  let heals = 0;
  const offer = async (until: number, only?: ReadonlySet<string>): Promise<Offered> => {
    const offered = await offerLost(
      desk,
      collection,
      state(),
      until,
      {
        async known(body) {
          const answer = await persist('pull', () => askKnown(session, collection, version, body));
          // Should the rights change before the next page, the server can tell what is to go by then.
          await holds(answer.scope);
          return answer;
        },
        push: async (rows) => (await persist('push', () => push(() => pushRows(session, collection, version, rows)))).answers,
      },
      pushed,
      only,
    );
    await setAside(desk, collection, offered.sent, offered.answers);
    answered.push(...offered.answers);
    return offered;
  };
  const letGo = (ids: readonly string[]): void => {
    for (const id of ids) answered.push(withdrawnStub(desk.noun(collection).entity, id, 0));
  };
  const heal = async ({ epoch, until }: HistoryChanged): Promise<void> => {
    begin();
    heals += 1;
    await written();
    // By which rights this device was served may be lost too, and with them the difference that a pull would tell of.
    letGo((await offer(until)).hidden);
    await healed();
    epochs.leave(await reached(state()));
    // Not kept before all is written that was answered: whatever cuts that off, the next request finds the change again.
    epochs.adopt(epoch);
  };
  return {
    /** Makes a request that names the history this device has seen; when the server's is another one, heals first and asks again. */
    async within<T>(
      verb: 'pull' | 'push',
      request: (claim: string) => Promise<T>,
      rest?: (waiting: Promise<void>) => Promise<void>,
    ): Promise<T> {
      for (;;) {
        await healing;
        const before = heals;
        try {
          const claim = await epochs.claim(await reached(state()));
          const answer = await persist(verb, () => request(claim), rest);
          // What was answered before is of the history that was lost, and came too late to be offered.
          if (heals === before) return answer;
        } catch (error) {
          if (!(error instanceof HistoryChanged)) throw error;
          healing ??= heal(error).finally(() => {
            healing = undefined;
          });
          await healing;
        }
      }
    },
    /** `id`: of a checkpoint that the server gave. */
    seen: epochs.begin,
    /** Of which history the server is has been told once. What is sent before could be lost by a restore without anybody noticing. */
    isKnown: epochs.isKnown,
    restored: epochs.restored,
    /** All that the server answered is written. */
    async settle(): Promise<void> {
      if (answered.length === 0) await epochs.keep();
    },
    /** What was answered may not have been written: heals again. */
    doubt: epochs.forget,
    /** States that the server answered to what was offered; they go to RxDB with the next page. */
    takeAnswers: (): WireDocument[] => answered.splice(0),
    /**
     * Has the server's states of these records written with the next page. What the server never heard of is offered to it;
     * what it has heard of and does not show is withdrawn.
     */
    async mend(ids: readonly string[]): Promise<void> {
      const missing = new Set(ids);
      for (let start = 0; start < ids.length; start += PAGE) {
        const part = ids.slice(start, start + PAGE);
        const found = await persist('pull', () => readDocuments(session, collection, version, part));
        answered.push(...found);
        for (const { id } of found) missing.delete(id);
      }
      // As if nothing were shared: a state that the server does hold is then answered, never overwritten.
      if (missing.size === 0) return;
      letGo((await offer(0, missing)).heardOf);
    },
  };
}
