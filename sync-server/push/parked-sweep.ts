/**
 * Tries parked records again from time to time, for the rare case that a process died between a parent and its children;
 * and gives up on those whose parent never came, so that their authors learn of it (SYN-8).
 */
import { parkedAfter, parkedBefore } from '../db/stored.ts';
import { type PushDependencies, giveUpParked, landParked } from './push-rows.ts';
import { keyOf } from './references.ts';

const PAGE = 500;
/** A device that was offline over a long weekend still brings the parent in time. */
export const PARKED_DAYS_MAX = 7;
const DAY_MS = 86_400_000;

/** Goes once through all that is parked; true when something landed or was given up. */
export async function sweepParked(dependencies: PushDependencies, daysMax: number = PARKED_DAYS_MAX): Promise<boolean> {
  const landed = await landAll(dependencies);
  return (await giveUpOld(dependencies, daysMax)) || landed;
}

async function landAll(dependencies: PushDependencies): Promise<boolean> {
  let changed = false;
  for (let after = ''; ; ) {
    const page = await parkedAfter(dependencies.db, after, PAGE);
    const keys = page.map(({ collection, id }) => keyOf(collection, id));
    if (keys.length > 0 && (await landParked(dependencies, keys))) changed = true;
    const last = keys.at(-1);
    if (last === undefined || page.length < PAGE) return changed;
    after = last;
  }
}

async function giveUpOld(dependencies: PushDependencies, days: number): Promise<boolean> {
  const before = new Date(dependencies.now().getTime() - days * DAY_MS).toISOString();
  let changed = false;
  for (;;) {
    const page = (await parkedBefore(dependencies.db, before, PAGE)).filter(({ collection }) => dependencies.nounOf(collection));
    if (page.length === 0) return changed;
    // Not written when it has landed meanwhile; then it is not found again either.
    if (await giveUpParked(dependencies, page, days)) changed = true;
    if (page.length < PAGE) return changed;
  }
}
