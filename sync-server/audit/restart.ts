import { lastBlock, takeSealTurn } from '../db/audit-blocks.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { FIRST_PREVIOUS } from './block.ts';
import { type Anchor, SealKeyFault, lastAnchor, noteAnchor } from './seal-key.ts';

/** Goes on from the last block that the database holds, and says so in the audit and among the anchors. */
export async function restartSeal(
  db: Database,
  folder: string,
  reason: string,
  at: Date,
): Promise<{ readonly lost: Anchor; readonly from: number }> {
  const lost = lastAnchor(folder);
  if (!lost) throw new SealKeyFault('Nothing was noted here yet, so there is nothing to begin anew.');
  return db.transaction(async (runner) => {
    if (!(await takeSealTurn(runner))) throw new SealKeyFault('A server is sealing at this moment. Ask again.');
    const last = await lastBlock(runner);
    const details = { noted: lost, from: last?.number ?? 0 };
    await securityEvent(runner, { kind: 'seal_restarted', who: undefined, device: 'cli', address: '', at, reason, details });
    await noteAnchor(folder, { block: last?.number ?? 0, hash: last?.hash ?? FIRST_PREVIOUS, at: at.toISOString(), restarted: reason });
    return { lost, from: last?.number ?? 0 };
  });
}
