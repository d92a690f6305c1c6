/**
 * Follows the feed for all streams of this process: one reader, each change serialized once, however many clients listen.
 * Woken by our own pushes, by other processes through LISTEN, and by a slow clock in case a notification was lost.
 */
import type { Database, Listener } from '../db/database.ts';
import { FEED_CHANNEL, type FeedHeads, announce, changesAfter, feedHead, feedHeads } from '../db/feed.ts';
import type { Epoch } from '../db/epochs.ts';
import { sharedLook } from '../db/shared-look.ts';
import { type Frame, framesOf } from './frame.ts';

export interface Follower {
  /** Frames from the next change on. Returns the function that ends it. */
  subscribe(onFrame: (frame: Frame) => void): () => void;
  /** Where the collections stand in the database. Begins to look after the call; those who ask at the same moment share it. */
  heads(): Promise<FeedHeads>;
  /**
   * The same with what was delivered since: whoever subscribes in this moment hears of everything else. Undefined where
   * something was passed over meanwhile, because nobody listened.
   */
  headsNow(looked: FeedHeads): FeedHeads | undefined;
  /** Our own push has moved the feed: read on, and tell the other processes. */
  wake(): void;
  health(): { readonly listening: boolean; readonly lagging: boolean; readonly fanned: number };
  close(): Promise<void>;
}

/** Small enough that pushes and other work go on between the pages of a bulk load while many listen. */
const PAGE = 250;
const POLL_MS = 1_000;
/** Notifications of one process are at most this frequent; each one wakes every other process. */
const ANNOUNCE_MS = 20;
const LAG_MS_MAX = 5_000;

export async function followFeed(
  db: Database,
  collections: readonly string[],
  onError: (error: Error) => void,
  {
    currentEpoch,
    onAccess = () => Promise.resolve(),
  }: {
    /** The epoch of the feed, which may become another one; that of the start unless told. */
    readonly currentEpoch?: () => Epoch;
    /** Told the version of the rights, and awaited, before anything that was read together with it is delivered. */
    readonly onAccess?: (version: number) => Promise<void>;
  } = {},
): Promise<Follower> {
  const { seq, epoch: first } = await feedHead(db);
  const currentOf = currentEpoch ?? (() => ({ epoch: first, startsAt: 0 }));
  let epoch = currentOf().epoch;
  const listeners = new Set<(frame: Frame) => void>();
  /** Position of the last frame of each collection, and how far the feed was passed over. */
  const delivered = new Map<string, number>();
  let passedOver = 0;
  let fanned = seq;
  let reading = false;
  let wanted = false;
  let closed = false;
  /** When the reader last came to the end of the feed. */
  let caughtUpAt = Date.now();
  let announcing: NodeJS.Timeout | undefined;
  let idle: Promise<void> = Promise.resolve();

  /** While nobody listens no document is read, only how far the feed has come. */
  async function skip(): Promise<void> {
    const head = await feedHead(db);
    // Whoever has subscribed meanwhile may have pulled before this look at the head, and must hear what came in between.
    if (listeners.size > 0 || head.seq === fanned) return;
    fanned = head.seq;
    passedOver = Math.max(passedOver, head.seq);
  }
  /** Until a page is short: one page for each wake-up would fall behind for ever after a bulk load. */
  async function deliver(): Promise<void> {
    for (let more = listeners.size > 0; more && !closed; ) {
      const { epoch: now, startsAt } = currentOf();
      // In another history the positions after its start are given anew.
      if (now !== epoch) fanned = Math.min(fanned, startsAt);
      epoch = now;
      const progress = await changesAfter(db, collections, fanned, PAGE);
      await onAccess(progress.access);
      for (const frame of framesOf(progress.changes, epoch)) {
        delivered.set(frame.collection, Math.max(frame.seq, delivered.get(frame.collection) ?? 0));
        for (const onFrame of listeners) onFrame(frame);
      }
      fanned = progress.seq;
      more = progress.more;
    }
  }
  async function readOn(): Promise<void> {
    try {
      while (wanted && !closed) {
        wanted = false;
        if (listeners.size === 0) await skip();
        await deliver();
        caughtUpAt = Date.now();
      }
    } finally {
      // Together with the last look at `wanted`: whoever wakes us a moment later must begin anew.
      reading = false;
    }
  }
  function read(): void {
    wanted = true;
    if (reading || closed) return;
    reading = true;
    idle = readOn().catch(onError);
  }

  const listener: Listener = db.listen(FEED_CHANNEL, read);
  const poll = setInterval(read, POLL_MS);
  return {
    subscribe(onFrame) {
      listeners.add(onFrame);
      return () => listeners.delete(onFrame);
    },
    heads: sharedLook(() => feedHeads(db, collections)),
    headsNow({ seq, last, ...looked }) {
      if (passedOver > seq) return undefined;
      return { ...looked, seq, last: new Map([...last].map(([name, at]) => [name, Math.max(at, delivered.get(name) ?? 0)])) };
    },
    wake() {
      read();
      announcing ??= setTimeout(() => {
        announcing = undefined;
        announce(db).catch(onError);
      }, ANNOUNCE_MS);
    },
    health: () => ({ listening: listener.isAlive(), lagging: Date.now() - caughtUpAt > LAG_MS_MAX, fanned }),
    async close() {
      closed = true;
      clearInterval(poll);
      clearTimeout(announcing);
      await listener.close();
      await idle;
    },
  };
}
