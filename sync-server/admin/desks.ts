/** What administrators do to desks: make, rename, close and open again. */
import type { DeskLine } from '../../domain/protocol/admin.ts';
import type { By } from '../auth/devices.ts';
import type { Database } from '../db/database.ts';
import { addDesk, listDesks, lockDesks, putDesk } from '../db/desks.ts';
import { securityEvent } from '../db/security-events.ts';

interface DeskDependencies {
  readonly db: Database;
  readonly now: () => Date;
}
export type DeskOutcome =
  | { readonly kind: 'done'; readonly desk: DeskLine }
  | { readonly kind: 'desk_exists' }
  | { readonly kind: 'unknown_desk' }
  /** Whoever belongs to it has to go to another one first. */
  | { readonly kind: 'desk_in_use'; readonly members: readonly string[] };

/** Answers undefined when there is a desk of this id. */
export async function makeDesk({ db, now }: DeskDependencies, id: string, name: string, by: By): Promise<DeskOutcome> {
  return db.transaction(async (runner): Promise<DeskOutcome> => {
    if (!(await addDesk(runner, id, name))) return { kind: 'desk_exists' };
    const details = { desk: id, name, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'desk_created', who: undefined, device: by.device, address: by.address, at: now(), details });
    const [desk] = await listDesks(runner, id);
    return desk ? { kind: 'done', desk } : { kind: 'unknown_desk' };
  });
}

export interface DeskChange {
  readonly name?: string;
  readonly closed?: boolean;
  readonly reason?: string;
}
/** Renames, closes or opens. A desk closes when nobody belongs to it; its records stay, and stay reachable for who sees all desks. */
export async function changeDesk({ db, now }: DeskDependencies, id: string, change: DeskChange, by: By): Promise<DeskOutcome> {
  const at = now();
  return db.transaction(async (runner): Promise<DeskOutcome> => {
    await lockDesks(runner);
    const [before] = await listDesks(runner, id);
    if (!before) return { kind: 'unknown_desk' };
    const { name = before.name, closed = before.closedAt !== null, reason = '' } = change;
    if (closed && before.closedAt === null && before.members.length > 0)
      return { kind: 'desk_in_use', members: before.members.map((member) => member.name) };
    const closedAt = closed ? (before.closedAt ?? at.toISOString()) : null;
    if (name !== before.name || closedAt !== before.closedAt) {
      await putDesk(runner, id, name, closedAt);
      const details = {
        desk: id,
        before: { name: before.name, closed: before.closedAt !== null },
        after: { name, closed },
        ...(reason === '' ? {} : { reason }),
        by: { id: by.id, name: by.name },
      };
      await securityEvent(runner, { kind: 'desk_changed', who: undefined, device: by.device, address: by.address, at, details });
    }
    const [desk] = await listDesks(runner, id);
    return desk ? { kind: 'done', desk } : { kind: 'unknown_desk' };
  });
}
