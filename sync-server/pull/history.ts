/**
 * Judges whether what a device has seen is still the history of this database (SYN-11). The epochs are read again all the
 * time, because a failover changes the database under a running server.
 */
import type { Database } from '../db/database.ts';
import { type Epoch, beginEpoch, noticeRestore, readEpochs } from '../db/epochs.ts';
import { feedHead } from '../db/feed.ts';
import { sharedLook } from '../db/shared-look.ts';
import { HttpError } from '../error-answer.ts';

const POLL_MS = 2_000;
/** A device may be wrong about its position; it must not be able to fill the log. */
const CLAIM_MS_MIN = 60_000;
const EPOCHS_MAX = 16;

export interface History {
  current(): Epoch;
  /** How far the history of this epoch is shared with the current one; undefined for an epoch that was never heard of. */
  sharedUntil(epoch: string): number | undefined;
  /**
   * Throws 409 when a device that claims this (`<position>.<epoch>[,<earlier epoch>...]`) must offer again what it holds
   * before it goes on. The answer names the current epoch and the end of what both have.
   */
  require(claim: unknown): Promise<void>;
  /** Calls back when the epoch has changed, before anything is labelled with the new one. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

interface Claim {
  readonly lwt: number;
  readonly epochs: readonly string[];
}
function claimOf(text: unknown): Claim | undefined {
  if (text === undefined || text === '') return undefined;
  const parts = typeof text === 'string' ? /^(\d{1,16})\.([\w,-]{1,1100})$/.exec(text) : null;
  const lwt = Number(parts?.[1]);
  const epochs = (parts?.[2] ?? '').split(',');
  if (!parts || !Number.isSafeInteger(lwt) || epochs.length > EPOCHS_MAX)
    throw new HttpError(400, 'bad_query', 'history must be a position and the epochs it was seen in.', { field: 'history' });
  return { lwt, epochs };
}

export async function openHistory(db: Database, onError: (error: Error) => void): Promise<History> {
  const listeners: (() => void)[] = [];
  let log: readonly Epoch[] = [];
  let knownHead = 0;
  let claimedAt = 0;
  /** An epoch is being begun; who comes meanwhile is told of that one. */
  let beginning: Promise<void> | undefined;

  const current = (): Epoch => {
    const last = log.at(-1);
    if (!last) throw new Error('epoch_log is empty; the migrations have not run');
    return last;
  };
  async function readOnce(): Promise<void> {
    await noticeRestore(db);
    const next = await readEpochs(db);
    const before = log.at(-1)?.epoch;
    log = next;
    if (before === undefined || before === current().epoch) return;
    knownHead = 0;
    for (const listener of listeners) listener();
  }
  const read = sharedLook(readOnce);
  function sharedUntil(epoch: string): number | undefined {
    const at = log.findIndex((one) => one.epoch === epoch);
    if (at < 0) return undefined;
    return Math.min(Number.MAX_SAFE_INTEGER, ...log.slice(at + 1).map((one) => one.startsAt));
  }
  async function begin(why: string): Promise<void> {
    await beginEpoch(db, why);
    await read();
  }
  /** A position beyond the head cannot have been seen in this database: it was put back without any other sign of it. */
  async function isBeyondHead(lwt: number): Promise<boolean> {
    if (lwt <= knownHead) return false;
    const { seq } = await feedHead(db);
    knownHead = Math.max(knownHead, seq);
    if (lwt <= seq) return false;
    if (Date.now() - claimedAt > CLAIM_MS_MIN) {
      claimedAt = Date.now();
      beginning = begin(`a device has seen position ${lwt}, the database has come to ${seq}`).finally(() => {
        beginning = undefined;
      });
    }
    await beginning;
    return true;
  }

  await read();
  const poll = setInterval(() => void read().catch(onError), POLL_MS);
  return {
    current,
    sharedUntil,
    async require(text) {
      const claim = claimOf(text);
      if (!claim) return;
      const [newest = ''] = claim.epochs;
      // A device may come from another process that has noticed the change already.
      if (newest !== current().epoch) await read();
      if (newest === current().epoch && !(await isBeyondHead(claim.lwt))) return;
      const shared = claim.epochs.map(sharedUntil).find((until) => until !== undefined) ?? 0;
      throw new HttpError(
        409,
        'history_changed',
        'The server was put back to an earlier state. This device offers again what the server lost, then goes on.',
        { more: { epoch: current().epoch, until: Math.min(shared, current().startsAt) } },
      );
    },
    onChange: (listener) => void listeners.push(listener),
    async close() {
      clearInterval(poll);
      await read().catch(onError);
    },
  };
}
