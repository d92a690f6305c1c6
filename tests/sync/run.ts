/**
 * `npm run sim`: plays random histories until the time is over. Each that fails is made as small as possible, told in plain
 * words, and written down; moved to tests/sync/histories/ it becomes a named test.
 *
 *   npm run sim -- --minutes 10                  begins behind those that the tests play
 *   npm run sim -- --minutes 10 --seed 5000      begins with this seed
 *   npm run sim -- --seed 17 --trace             plays one and says everything that happens
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../build/postgres.ts';
import { PLAYED, type Plan, planOf } from './plan.ts';
import { type Outcome, type Stage, play } from './play.ts';
import { shrink } from './shrink.ts';
import { openStage } from './stage.ts';
import { story } from './words.ts';

const FOUND = path.join(import.meta.dirname, '..', '..', 'test-results', 'sim');
const say = (line: string): void => console.log(line);

const first = ({ violations }: Outcome): string => `${violations[0]?.rule ?? ''} ${violations[0]?.what ?? ''}`;

async function report(stage: Stage, plan: Plan, outcome: Outcome): Promise<void> {
  say(`\nseed ${plan.seed} fails: ${first(outcome)}`);
  const rule = outcome.violations[0]?.rule;
  const fails = async (one: Plan): Promise<boolean> => (await play(stage, one)).violations.some((violation) => violation.rule === rule);
  const small = await shrink(plan, fails);
  const again = await play(stage, small, { trace: true });
  say(`made as small as possible (order ${small.seed}): ${first(again)}`);
  for (const line of story(small)) say(`  ${line}`);
  mkdirSync(FOUND, { recursive: true });
  const file = path.join(FOUND, `seed-${plan.seed}.json`);
  writeFileSync(file, `${JSON.stringify({ breaks: rule, why: first(again), plan: small }, undefined, 2)}\n`);
  writeFileSync(file.replace(/json$/, 'txt'), `${again.trace.join('\n')}\n`);
  say(`written to ${path.relative(process.cwd(), file)}, with all that happened beside it`);
}

async function playOn(stage: Stage, from: number, minutes: number): Promise<number> {
  const end = Date.now() + minutes * 60_000;
  let [played, failed, steps] = [0, 0, 0];
  for (let seed = from; Date.now() < end; seed += 1) {
    const plan = planOf(seed);
    const outcome = await play(stage, plan);
    played += 1;
    steps += outcome.steps;
    if (outcome.violations.length > 0) {
      failed += 1;
      await report(stage, plan, outcome);
    }
  }
  say(`\n${played} histories of ${steps} steps from seed ${from}, ${failed} failed`);
  return failed;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string', default: String(PLAYED + 1) },
      trace: { type: 'boolean', default: false },
    },
  });
  const [seed, minutes] = [Number(values.seed), Number(values.minutes ?? '1')];
  if (!Number.isSafeInteger(seed) || !(minutes > 0)) {
    say('usage: npm run sim -- [--minutes <number>] [--seed <whole number>] [--trace]');
    return 2;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'drover-sim-'));
  // Postgres runs as another user when this runs as root, and must be able to enter.
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
  const stage = await openStage(postgres.url);
  try {
    if (!values.trace) return (await playOn(stage, seed, minutes)) > 0 ? 1 : 0;
    const outcome = await play(stage, planOf(seed), { trace: true });
    for (const line of [...story(planOf(seed)), ...outcome.trace]) say(line);
    for (const { rule, what } of outcome.violations) say(`${rule} ${what}`);
    return outcome.violations.length > 0 ? 1 : 0;
  } finally {
    await stage.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = await main();
