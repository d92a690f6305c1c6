/** The devices of an account: which there are, their names, and revoking one. */
import type { KnownDevice } from '../../domain/protocol/protocol.ts';
import { accountById } from '../db/accounts.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { devicesOfAccount, renameDevice, revokeDevice } from '../db/sessions.ts';
import type { Caller } from './authenticate.ts';
import type { SessionWatch } from './session-watch.ts';

export interface DeviceDependencies {
  readonly db: Database;
  readonly watch: Pick<SessionWatch, 'look'>;
  readonly now: () => Date;
}

export async function listDevices({ db, now }: DeviceDependencies, accountId: string, current: string): Promise<KnownDevice[]> {
  const rows = await devicesOfAccount(db, now().toISOString(), accountId);
  return rows.map(({ accountId: _account, revokedBy: _by, ...row }) => ({ ...row, current: row.device === current }));
}

/** Answers false when there is no such device. */
export async function nameDevice({ db, now }: DeviceDependencies, caller: Caller, device: string, name: string): Promise<boolean> {
  return db.transaction(async (runner) => {
    if (!(await renameDevice(runner, caller.user.id, device, name))) return false;
    const { user, address } = caller;
    await securityEvent(runner, {
      kind: 'device_renamed',
      who: user,
      device: caller.device,
      address,
      at: now(),
      details: { device, name },
    });
    return true;
  });
}

/** Who asks for something to be done to an account: a signed-in person, or the command line. */
export interface By {
  readonly id: string;
  readonly name: string;
  /** How letters call them, where the name would say nothing to people. */
  readonly spoken?: string;
  readonly device: string;
  readonly address: string;
}

/**
 * Ends the device's sessions and has it remove everything it holds at its next contact, what it has not sent included. Holds in
 * every server process before this resolves, or within moments. Answers false when there is no such device, or it was revoked
 * before.
 */
export async function removeDevice({ db, watch, now }: DeviceDependencies, accountId: string, device: string, by: By): Promise<boolean> {
  const done = await db.transaction(async (runner) => {
    if (!(await revokeDevice(runner, accountId, device, by.id, now().toISOString()))) return false;
    const who = await accountById(runner, accountId);
    const details = { device, by: { id: by.id, name: by.name } };
    await securityEvent(runner, { kind: 'device_revoked', who, device: by.device, address: by.address, at: now(), details });
    return true;
  });
  if (done) await watch.look();
  return done;
}
