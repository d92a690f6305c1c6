/** Opens everything the window lives on, in the order in which each needs the other. Nothing here waits for the network. */
import { type Desk, openDesk } from '../data/desk.ts';
import { isStorageKind } from '../data/desk-storage.ts';
import type { Moving } from '../data/storage/host/move-from-dexie.ts';
import { type Search, startSearch } from '../search/search.ts';
import { type Sync, startSync } from '../sync/connection.ts';
import { healDamage } from '../sync/heal-damage.ts';
import { noteHeld } from '../sync/note-held.ts';
import { type Session, openSession, webSecretStore } from '../sync/session.ts';
import type { DesktopPort } from '../../electron/ipc-contract.ts';
import { type IdleLock, startIdleLock } from '../ui/idle-lock.tsx';
import { APP_VERSION } from './app-version.ts';
import { deviceNameOf } from './device-name.ts';
import { obeyRemoval } from './removal.ts';
import { desktopPort, keychainOf, secretsOf } from './desktop-port.ts';

export interface Running {
  readonly desk: Desk;
  readonly session: Session;
  readonly sync: Sync;
  readonly search: Search;
  readonly port: DesktopPort;
  readonly lock: IdleLock;
}

const GRANT_LOOK_MS = 60_000;

/** `?storage=dexie` keeps a fresh device on RxDB's Dexie storage, to compare the two. */
function storageAsked() {
  const asked = new URLSearchParams(location.search).get('storage');
  return isStorageKind(asked) ? { storage: asked } : {};
}

/** Only the desktop has a keychain. */
const keychainAt = (bridge: DesktopPort | undefined) => (bridge ? { keychain: keychainOf(bridge) } : {});

/** `onMoving` hears how far the records of an older Drover are on their way into today's storage. */
export async function startDesk(onMoving: (moving: Moving) => void): Promise<Running> {
  const desk = await openDesk({ name: 'drover', onMoving, ...storageAsked(), ...keychainAt(window.drover) });
  const port = desktopPort({ version: APP_VERSION, secrets: webSecretStore(desk.local) });
  const session = await openSession({
    baseUrl: await port.serverUrl(),
    local: desk.local,
    secrets: secretsOf(port),
    deviceId: desk.deviceId,
    deviceName: deviceNameOf(navigator.userAgent),
    unlockByPassword: true,
  });
  obeyRemoval(session);
  setInterval(() => void session.checkGrant(), GRANT_LOOK_MS);
  const lock = startIdleLock();
  session.state.subscribe(() => {
    // Whoever signs in next starts with an open window.
    if (session.state.get().phase === 'signed_out') lock.unlock();
  });
  const sync = await startSync(desk, session);
  healDamage(desk, sync);
  noteHeld(desk, session);
  return { desk, session, sync, search: startSearch(desk), port, lock };
}
