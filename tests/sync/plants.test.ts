import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloneDatabase } from '../sync-server/test-server.ts';
import { planOf } from './plan.ts';
import { plants, sow } from './plants.ts';
import { play } from './play.ts';
import { openStage } from './stage.ts';

/** The slowest of the planted bugs shows within a fifth of this. */
const HISTORIES_MAX = 200;

let stage: Awaited<ReturnType<typeof openStage>>;
beforeAll(async () => {
  stage = await openStage(await cloneDatabase('template0'));
}, 60_000);
afterAll(() => stage.close());

describe('the simulation finds planted bugs', () => {
  for (const plant of plants) {
    test(`${plant.name}, by breaking ${plant.breaks.join(' or ')}`, async () => {
      await stage.company.empty();
      const weed = await sow(stage.monitor, plant);
      let found: string | undefined;
      try {
        for (let seed = 1; seed <= HISTORIES_MAX && found === undefined; seed += 1) {
          const plan = planOf(seed);
          if (plant.needs !== undefined && !plan.events.some(({ deed }) => deed.do === plant.needs)) continue;
          if ((plant.limits && !plan.limits) || (plant.older && plan.older === undefined)) continue;
          if (plant.casts && !plant.casts.includes(plan.cast)) continue;
          for (const text of plant.before ?? []) await stage.monitor.rows({ text });
          const { violations } = await play(stage, plan, { ports: plant.ports, rules: plant.breaks });
          found = violations.find(({ rule }) => plant.breaks.includes(rule))?.rule;
        }
      } finally {
        await stage.company.empty();
        await weed();
      }
      expect(plant.breaks).toContain(found);
    }, 240_000);
  }
});
