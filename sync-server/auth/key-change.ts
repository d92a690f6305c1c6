/**
 * The key of access tokens is changed by a schedule: each day it is looked whether it has grown old, or is of no use any more. That
 * of grants is not: a device takes it once, at its sign-in, so that no later answer can put another one in its place.
 */
import { addAccessKey, dropAccessKeys, lockSigningKeys } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { newAccessKey } from './tokens.ts';

const DAY_MS = 86_400_000;
/** A key signs for so long. */
export const KEY_DAYS = 90;
/** One that has a successor verifies for so long: every process looks once a day, and tokens live for a quarter of an hour. */
export const OVERLAP_DAYS = 3;

export interface KeyChange {
  readonly made: boolean;
  readonly removed: number;
}

/** Several servers may do it at once. */
export async function changeOldKeys(db: Database, now: Date): Promise<KeyChange> {
  const daysAgo = (days: number): string => new Date(now.getTime() - days * DAY_MS).toISOString();
  return db.transaction(async (runner) => {
    await lockSigningKeys(runner);
    const made = await addAccessKey(runner, newAccessKey(), { at: now.toISOString(), before: daysAgo(KEY_DAYS) });
    const removed = await dropAccessKeys(runner, daysAgo(OVERLAP_DAYS));
    if (made || removed > 0) {
      const details = { made, removed };
      await securityEvent(runner, { kind: 'signing_keys_changed', who: undefined, device: 'server', address: '', at: now, details });
    }
    return { made, removed };
  });
}
