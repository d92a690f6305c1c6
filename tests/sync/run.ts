import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../build/postgres.ts';
import { planOf } from './plan.ts';
import { play } from './play.ts';
import { openStage } from './stage.ts';

const [from = '1', count = '20', how = ''] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'sim-pg-'));
chmodSync(folder, 0o755);
const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), fast: true, temporary: true });
const stage = await openStage(postgres.url);
import { plants, sow } from './plants.ts';
try {
  if (from === 'plants') {
    for (const plant of plants) {
      await stage.company.empty();
      const weed = await sow(stage.monitor, plant);
      let found = '';
      const t = performance.now();
      for (let seed = 1; seed <= Number(count) && found === ''; seed += 1) {
        for (const text of plant.before ?? []) await stage.monitor.rows({ text });
        const o = await play(stage, planOf(seed), { ports: plant.ports, rules: plant.breaks });
        const hit = o.violations.find((v) => plant.breaks.includes(v.rule));
        if (hit) found = `seed ${seed}: ${JSON.stringify(hit).slice(0, 300)}`; else if (o.violations.length) console.log('  other', seed, JSON.stringify(o.violations[0]).slice(0, 200));
      }
      await stage.company.empty();
      await weed();
      console.log(plant.name, '->', found || 'NOT FOUND', Math.round(performance.now() - t));
    }
    process.argv[3] = '0';
  }
  const t = performance.now();
  let steps = 0; let commits = 0; let bad = 0;
  for (let seed = Number(from); seed < Number(from) + Number(process.argv[3] ?? 20); seed += 1) {
    const plan = planOf(seed);
    const outcome = await play(stage, plan, { trace: how !== '' });
    steps += outcome.steps; commits += outcome.commits;
    if (outcome.violations.length > 0) {
      bad += 1;
      console.log(`seed ${seed} ${plan.cast} devices ${plan.devices} events ${plan.events.length}`, outcome.violations.slice(0, 4));
    }
    if (how === 'twice') { const again = await play(stage, plan); if (again.fingerprint !== outcome.fingerprint) console.log('NOT THE SAME', seed); }
    if (how === 'trace') console.log(outcome.trace.join('\n'));
  }
  console.log({ bad, steps, commits, msEach: (performance.now() - t) / Number(count) });
} finally {
  await stage.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
