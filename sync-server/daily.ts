/** Work that a server does by itself once a day. */
import type { FastifyInstance } from 'fastify';

const LOOK_MS = 3_600_000;

/**
 * Looks every hour whether a day has begun, until the server closes; one that was just started waits for its first hour. Work
 * that failed is tried again an hour later.
 */
export function eachDay(app: FastifyInstance, now: () => Date, work: () => Promise<void>, onError: (error: Error) => void): void {
  let day = '';
  let running: Promise<void> = Promise.resolve();
  const look = (): void => {
    const today = now().toISOString().slice(0, 10);
    if (today === day) return;
    day = today;
    running = work().catch((error: Error) => {
      day = '';
      onError(error);
    });
  };
  const looking = setInterval(look, LOOK_MS);
  // Before the database is closed.
  app.addHook('preClose', async () => {
    clearInterval(looking);
    await running;
  });
}
