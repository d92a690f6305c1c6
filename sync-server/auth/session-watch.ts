/**
 * Which sessions have ended, known without asking the database for each request. An access token outlives its session by
 * up to 15 minutes, so every process keeps the sessions that ended within the last hour; the database tells when there are
 * more of them (a trigger, so no path can forget it). While it cannot tell, each request asks.
 */
import type { Database, Listener } from '../db/database.ts';
import { SESSIONS_CHANNEL, type SessionEnd, endedSessions, sessionById } from '../db/sessions.ts';

export interface SessionWatch {
  /** Why the session ended; undefined while it lives. */
  endOf(session: string): Promise<SessionEnd | undefined>;
  /** Calls back once when the session ends. Returns the function that stops it. */
  onEnd(session: string, callback: () => void): () => void;
  /** Looks now: whoever ends a session waits for this, so that it holds in this process before the answer is given. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** In case a notification is lost; and old ones leave the map. */
const LOOK_MS = 60_000;

export async function watchSessions(db: Database, onError: (error: Error) => void): Promise<SessionWatch> {
  let ended: ReadonlyMap<string, SessionEnd> = new Map();
  const waiting = new Map<string, Set<() => void>>();
  let looking: Promise<void> = Promise.resolve();

  const read = async (): Promise<void> => {
    ended = new Map((await endedSessions(db)).map(({ id, why }) => [id, why]));
    for (const id of ended.keys()) {
      const callbacks = waiting.get(id);
      waiting.delete(id);
      for (const callback of callbacks ?? []) callback();
    }
  };
  // One after the other: an older answer must not replace a newer one.
  const look = (): Promise<void> => {
    const next = looking.then(read);
    looking = next.catch(() => undefined);
    return next;
  };
  await look();
  const lookAgain = (): void => {
    look().catch(onError);
  };
  const listener: Listener = db.listen(SESSIONS_CHANNEL, lookAgain);
  const timer = setInterval(lookAgain, LOOK_MS);

  return {
    async endOf(session) {
      if (listener.isAlive()) return ended.get(session);
      return (await sessionById(db, session))?.endedWhy ?? undefined;
    },
    onEnd(session, callback) {
      // It may have ended between the check of the request and this.
      if (ended.has(session)) queueMicrotask(callback);
      const callbacks = waiting.get(session) ?? new Set();
      waiting.set(session, callbacks.add(callback));
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && waiting.get(session) === callbacks) waiting.delete(session);
      };
    },
    look,
    async close() {
      clearInterval(timer);
      await listener.close();
      await looking;
    },
  };
}
