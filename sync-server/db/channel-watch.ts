/** Reads something again whenever the database says that it changed, one read after the other: an older answer never replaces a newer one. */
import type { Database } from './database.ts';

export interface ChannelWatch {
  /** Whether the database can tell at the moment. */
  isAlive(): boolean;
  /** Reads now. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** In case a notification is lost. */
const LOOK_MS = 60_000;

/** Resolves after the first read. */
export async function watchChannel(
  db: Pick<Database, 'listen'>,
  channel: string,
  read: () => Promise<void>,
  onError: (error: Error) => void,
): Promise<ChannelWatch> {
  let looking: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => {
    const next = looking.then(read);
    // Whoever asked is told; the next look does not depend on it.
    looking = next.catch(() => undefined);
    return next;
  };
  await look();
  const lookAgain = (): void => {
    look().catch(onError);
  };
  const listener = db.listen(channel, lookAgain);
  const timer = setInterval(lookAgain, LOOK_MS);
  return {
    isAlive: () => listener.isAlive(),
    look,
    async close() {
      clearInterval(timer);
      await listener.close();
      await looking;
    },
  };
}
