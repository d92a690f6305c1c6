/** Each import makes one event in the audit, with the first push that brings rows of it. Its changes have their own entries. */
import type { PushRow, SignedInUser } from '../../domain/protocol/protocol.ts';
import type { Database } from '../db/database.ts';
import { firstOfImport, securityEvent } from '../db/security-events.ts';

interface From {
  readonly db: Database;
  readonly now: () => Date;
  readonly user: SignedInUser;
  readonly device: string;
  readonly address: string;
}

const ID = /^[\w:.-]{1,36}$/;
/** Remembered by this process, so that the rows of one import ask the database once. */
const REMEMBERED_MAX = 10_000;

export function openImportNotes(): (rows: readonly PushRow[], from: From) => Promise<void> {
  const noted = new Set<string>();
  return async (rows, { db, now, user, device, address }) => {
    const ids = new Set(rows.map(({ newDocumentState }) => newDocumentState['importId']));
    for (const id of ids) {
      if (typeof id !== 'string' || !ID.test(id) || noted.has(id)) continue;
      if (noted.size >= REMEMBERED_MAX) noted.clear();
      await db.transaction(async (runner) => {
        const at = now();
        if (await firstOfImport(runner, id, at))
          await securityEvent(runner, { kind: 'imported', who: user, device, address, at, details: { importId: id } });
      });
      noted.add(id);
    }
  };
}
