/** Looks for room before a device receives everything for the first time. */
import { type LocalStore, loadSetting } from '../data/local-store.ts';
import { FREE_SPACE, NoRoom, requireRoom } from '../data/room.ts';
import { SyncFault } from './fault.ts';

/** Setting: when this device was last known to hold everything. */
export const CAUGHT_UP = 'sync.caughtUpAt';
/** What 40,000 records take, in bytes; the server does not say beforehand how many there are. */
const FIRST_SYNC = 100 * 1024 * 1024;

/** Throws SyncFault `no_room` for a device that has never held everything and has too little room. */
export async function requireFirstRoom(local: LocalStore): Promise<void> {
  if ((await loadSetting(local, CAUGHT_UP)) !== undefined) return;
  try {
    await requireRoom(FIRST_SYNC, 'Receiving the records of the company');
  } catch (error) {
    if (!(error instanceof NoRoom)) throw error;
    throw new SyncFault('no_room', error.message, { cause: error });
  }
}

/** In words of sync: nothing of what this error kept from being noted is lost, and it is tried again as when the server is away. */
export const noRoomFault = (cause: unknown): SyncFault =>
  new SyncFault('no_room', `Sync cannot go on, because this device is full. ${FREE_SPACE}`, { cause });
