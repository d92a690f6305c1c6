/**
 * Which sessions have ended, known without asking the database for each request. An access token outlives its session by
 * up to 15 minutes, so every process keeps the sessions that ended within the last hour; the database tells when there are
 * more of them (a trigger, so no path can forget it). While it cannot tell, each request asks.
 */
import { watchChannel } from '../db/channel-watch.ts';
import type { Database } from '../db/database.ts';
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

export async function watchSessions(db: Database, onError: (error: Error) => void): Promise<SessionWatch> {
  let ended: ReadonlyMap<string, SessionEnd> = new Map();
  const waiting = new Map<string, Set<() => void>>();

  const read = async (): Promise<void> => {
    ended = new Map((await endedSessions(db)).map(({ id, why }) => [id, why]));
    for (const id of ended.keys()) {
      const callbacks = waiting.get(id);
      waiting.delete(id);
      for (const callback of callbacks ?? []) callback();
    }
  };
  // Looking from time to time, old ones leave the map.
  const { isAlive, look, close } = await watchChannel(db, SESSIONS_CHANNEL, read, onError);
  return {
    async endOf(session) {
      if (isAlive()) return ended.get(session);
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
    close,
  };
}
