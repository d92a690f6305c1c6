import { fastify } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eachDay } from '../../sync-server/daily.ts';

const HOUR_MS = 3_600_000;
beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2028, 1, 28, 22, 30) }));
afterEach(() => void vi.useRealTimers());

test('work of a day is done once a day, an hour later again where it failed, and never after the server closed', async () => {
  const app = fastify();
  const done: string[] = [];
  const failures: string[] = [];
  let failing = true;
  const work = async (): Promise<void> => {
    done.push(new Date().toISOString().slice(0, 13));
    if (failing) throw new Error('not today');
  };
  eachDay(
    app,
    () => new Date(),
    work,
    (error) => void failures.push(error.message),
  );
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  failing = false;
  await vi.advanceTimersByTimeAsync(26 * HOUR_MS);
  // The leap day, and the first of March.
  expect(done).toEqual(['2028-02-28T23', '2028-02-29T00', '2028-03-01T00']);
  expect(failures).toEqual(['not today']);
  await app.close();
  await vi.advanceTimersByTimeAsync(48 * HOUR_MS);
  expect(done).toHaveLength(3);
});
