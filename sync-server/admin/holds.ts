/** Legal holds, and purging what has been kept long enough and is not held. */
import type { HoldLine } from '../../domain/protocol/admin.ts';
import type { By } from '../auth/devices.ts';
import type { Database } from '../db/database.ts';
import { type PurgeCount, addHold, countRefusals, deleteRefusals, liftHold, lockHolds } from '../db/holds.ts';
import { securityEvent } from '../db/security-events.ts';
import { settingOf } from '../db/settings.ts';

interface HoldDependencies {
  readonly db: Database;
  readonly now: () => Date;
}

/** undefined when the record is held already. The record need not be there any more: its deleted or refused content may. */
export async function placeHold(
  { db, now }: HoldDependencies,
  { collection, id, reason }: { readonly collection: string; readonly id: string; readonly reason: string },
  by: By,
): Promise<HoldLine | undefined> {
  const at = now();
  return db.transaction(async (runner) => {
    const hold = await addHold(runner, { collection, id, reason, placedAt: at.toISOString(), placedBy: by.name });
    if (!hold) return undefined;
    const details = { hold: hold.number, collection, record: id, reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'hold_placed', who: undefined, device: by.device, address: by.address, at, details });
    return hold;
  });
}

/** undefined when there is no such hold, or it was lifted before. */
export async function endHold({ db, now }: HoldDependencies, number: number, reason: string, by: By): Promise<HoldLine | undefined> {
  const at = now();
  return db.transaction(async (runner) => {
    const hold = await liftHold(runner, number, { at: at.toISOString(), by: by.name, reason });
    if (!hold) return undefined;
    const details = { hold: number, collection: hold.collection, record: hold.id, reason, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'hold_lifted', who: undefined, device: by.device, address: by.address, at, details });
    return hold;
  });
}

async function closedBefore({ db, now }: HoldDependencies): Promise<string> {
  const end = now();
  end.setUTCFullYear(end.getUTCFullYear() - (await settingOf(db, 'refusal_years')));
  return end.toISOString();
}
/** What a purge would remove now, and what holds keep. */
export const purgeCount = async (dependencies: HoldDependencies): Promise<PurgeCount> =>
  countRefusals(dependencies.db, await closedBefore(dependencies));

/** Removes refused changes that were closed long enough ago; what a hold keeps stays. */
export async function purgeRefusals(dependencies: HoldDependencies, by: By): Promise<{ readonly purged: number; readonly held: number }> {
  const { db, now } = dependencies;
  const before = await closedBefore(dependencies);
  return db.transaction(async (runner) => {
    await lockHolds(runner);
    const { held } = await countRefusals(runner, before);
    const purged = await deleteRefusals(runner, before);
    const details = { closedBefore: before, purged, held, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'refusals_purged', who: undefined, device: by.device, address: by.address, at: now(), details });
    return { purged, held };
  });
}
