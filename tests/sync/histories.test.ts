/** Histories that failed once, each under the name of what it found. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloneDatabase } from '../sync-server/test-server.ts';
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import { openStage } from './stage.ts';

interface Found {
  /** The rule that it broke. */
  readonly breaks: string;
  readonly why: string;
  readonly plan: Plan;
}
const folder = path.join(import.meta.dirname, 'histories');
const found = readdirSync(folder).map((file) => ({
  name: path.basename(file, '.json').replaceAll('-', ' '),
  ...(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Found),
}));

let stage: Awaited<ReturnType<typeof openStage>>;
beforeAll(async () => {
  stage = await openStage(await cloneDatabase('template0'));
}, 60_000);
afterAll(() => stage.close());

describe('histories that failed once', () => {
  test.each(found)('[$breaks] $name', async ({ plan, why }) => {
    expect((await play(stage, plan)).violations, why).toEqual([]);
  });
});
