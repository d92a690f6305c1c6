/** The simulated histories as tests. They are in two files, which two processes share. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloneDatabase } from '../sync-server/test-server.ts';
import { PLAYED, planOf } from './plan.ts';
import { play } from './play.ts';
import { openStage } from './stage.ts';

/** `DROVER_SIM_HISTORIES=50` for a quick look; `npm run sim` for as long as there is time. */
const HISTORIES = Number(process.env['DROVER_SIM_HISTORIES'] ?? PLAYED);
const PART = 100;
const SHARES = 2;

/** A share of the histories, from 0 on: each takes the next hundred in turn. */
export function simulate(share: number): void {
  let stage: Awaited<ReturnType<typeof openStage>>;
  beforeAll(async () => {
    stage = await openStage(await cloneDatabase('template0'));
  }, 60_000);
  afterAll(() => stage.close());

  describe('simulated histories', () => {
    test('the same seed gives the same history, step by step', async () => {
      for (const seed of [1, 3, 5, 15, 26, 54, 76].filter((_, i) => i % SHARES === share)) {
        const [once, again] = [await play(stage, planOf(seed)), await play(stage, planOf(seed))];
        expect(again.steps).toBe(once.steps);
        expect(again.fingerprint).toBe(once.fingerprint);
      }
    }, 60_000);

    for (let from = 1 + share * PART; from <= HISTORIES; from += SHARES * PART) {
      const last = Math.min(from + PART - 1, HISTORIES);
      test(`[SYN-1] [SYN-2] [SYN-3] [SYN-4] [SYN-5] [SYN-6] [SYN-7] [SYN-8] [SYN-9] [SYN-10] [SYN-11] [SYN-12] [NUM-1] [NUM-2] [NUM-3] [NUM-4] [NUM-5] hold in the histories of seeds ${from} to ${last}`, async () => {
        let commits = 0;
        for (let seed = from; seed <= last; seed += 1) {
          const outcome = await play(stage, planOf(seed));
          expect(outcome.violations, `seed ${seed}; npm run sim -- --seed ${seed} --trace tells it`).toEqual([]);
          commits += outcome.commits;
        }
        expect(commits).toBeGreaterThan(last - from);
      }, 600_000);
    }
  });
}
