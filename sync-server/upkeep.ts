/** What the server tidies up by itself, once a day: the trash, refused changes that were closed long ago, and rows that no device can ask for any more. */
import type { FastifyInstance } from 'fastify';
import type { Noun } from '../domain/record/noun.ts';
import { purgeCount, purgeRefusals } from './admin/holds.ts';
import { purgeTrash } from './admin/trash.ts';
import type { By } from './auth/devices.ts';
import { eachDay } from './daily.ts';
import { pruneBookkeeping } from './db/bookkeeping.ts';
import type { Database } from './db/database.ts';
import { securityEvent } from './db/security-events.ts';

interface UpkeepDependencies {
  readonly db: Database;
  readonly nouns: readonly Noun[];
  readonly now: () => Date;
}

const byServer: By = { id: 'server', name: 'server', device: 'server', address: '' };
/** Longer than a session can last (session_days), and twice that for who signs in again on a device with unsent work. */
export const AWAY_DAYS_MAX = 730;
const DAY_MS = 86_400_000;

/** Several servers may do it at once: what the other one has done is not found again. */
export async function tidyUp(dependencies: UpkeepDependencies): Promise<void> {
  const { db, now } = dependencies;
  if ((await purgeCount(dependencies)).due > 0) await purgeRefusals(dependencies, byServer);
  await purgeTrash(dependencies, { by: byServer, reason: 'its time in the trash is over' });
  await db.transaction(async (runner) => {
    const pruned = await pruneBookkeeping(runner, new Date(now().getTime() - AWAY_DAYS_MAX * DAY_MS).toISOString());
    if (Object.values(pruned).every((count) => count === 0)) return;
    await securityEvent(runner, {
      kind: 'bookkeeping_pruned',
      who: undefined,
      device: 'server',
      address: '',
      at: now(),
      details: { ...pruned },
    });
  });
}

export function keepTidy(app: FastifyInstance, dependencies: UpkeepDependencies, onError: (error: Error) => void): void {
  eachDay(app, dependencies.now, () => tidyUp(dependencies), onError);
}
