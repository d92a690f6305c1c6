/** Makes a failing history as small as it can be while it still fails, by leaving things out. Deterministic. */
import type { Event, Plan } from './plan.ts';

/** Whether the history still goes wrong in the same way. */
export type Fails = (plan: Plan) => Promise<boolean>;

/** Another order of the same events may fail where this one does not. */
const ORDERS = 3;

/** Simpler plans, the simplest first; each is tried only if it differs. */
function simplerPlans(plan: Plan): Plan[] {
  const simpler: Plan[] = [];
  if (plan.newcomer) simpler.push({ ...plan, newcomer: false });
  if (plan.scopes) simpler.push({ ...plan, scopes: false, limits: false });
  if (plan.limits) simpler.push({ ...plan, limits: false });
  if (plan.older) simpler.push({ ...plan, older: plan.older - 1 });
  if (plan.devices > 1) simpler.push({ ...plan, devices: plan.devices - 1 });
  for (const key of Object.keys(plan.network) as (keyof Plan['network'])[])
    if (plan.network[key] > 0) simpler.push({ ...plan, network: { ...plan.network, [key]: 0 } });
  for (const key of Object.keys(plan.database) as (keyof Plan['database'])[])
    if (plan.database[key] > 0) simpler.push({ ...plan, database: { ...plan.database, [key]: 0 } });
  for (const key of ['pull', 'push'] as const)
    if (plan.batches[key] < 50) simpler.push({ ...plan, batches: { ...plan.batches, [key]: 50 } });
  return simpler;
}

/** The smallest failing history that is found within so many tries. `plan` fails. */
export async function shrink(plan: Plan, fails: Fails, triesMax = 400): Promise<Plan> {
  let best = plan;
  let tries = 0;
  const accept = async (candidate: Plan): Promise<boolean> => {
    for (let order = 0; order < ORDERS && tries < triesMax; order += 1) {
      const reordered = { ...candidate, seed: best.seed + order };
      tries += 1;
      if (!(await fails(reordered))) continue;
      best = reordered;
      return true;
    }
    return false;
  };
  /** The last event is the quiet point at which it shows. */
  const without = (from: number, count: number): Event[] => best.events.filter((_, i) => i < from || i >= from + count);
  for (let progress = true; progress && tries < triesMax; ) {
    progress = false;
    for (let size = Math.ceil(best.events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < best.events.length - 1 && tries < triesMax; ) {
        const count = Math.min(size, best.events.length - 1 - from);
        if (await accept({ ...best, events: without(from, count) })) progress = true;
        else from += size;
      }
    }
    for (const simpler of simplerPlans(best)) {
      if (await accept({ ...simpler, events: best.events })) {
        progress = true;
        break;
      }
    }
  }
  return best;
}
