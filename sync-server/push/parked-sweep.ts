/** Tries parked records again from time to time, for the rare case that a process died between a parent and its children. */
import { parkedAfter } from '../db/stored.ts';
import { type PushDependencies, landParked } from './push-rows.ts';
import { keyOf } from './references.ts';

const PAGE = 500;

/** Goes once through all that is parked; true when something landed. */
export async function sweepParked(dependencies: PushDependencies): Promise<boolean> {
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
