/** Opens everything the window lives on, in the order in which each needs the other. Nothing here waits for the network. */
import { type Desk, openDesk } from '../data/desk.ts';
import { type Search, startSearch } from '../search/search.ts';
import { type Sync, startSync } from '../sync/connection.ts';
import { type SecretStore, type Session, openSession, webSecretStore } from '../sync/session.ts';
import type { DesktopPort } from '../../electron/ipc-contract.ts';
import { desktopPort } from './desktop-port.ts';

/** The version of the build; the shell reports its own beside it. */
export const APP_VERSION = '0.1.0';

export interface Running {
  readonly desk: Desk;
  readonly session: Session;
  readonly sync: Sync;
  readonly search: Search;
  readonly port: DesktopPort;
}

const secretsOf = (port: DesktopPort): SecretStore => ({
  get: async (key) => (await port.getSecret(key)) ?? undefined,
  set: async (key, value) => {
    const outcome = await port.setSecret(key, value);
    if (!outcome.ok) throw new Error(outcome.message);
  },
  remove: async (key) => {
    await port.removeSecret(key);
  },
});

export async function startDesk(): Promise<Running> {
  const desk = await openDesk({ name: 'drover' });
  const port = desktopPort({ version: APP_VERSION, secrets: webSecretStore(desk.local) });
  const session = await openSession({
    baseUrl: await port.serverUrl(),
    local: desk.local,
    secrets: secretsOf(port),
    deviceId: desk.deviceId,
  });
  const sync = await startSync(desk, session);
  return { desk, session, sync, search: startSearch(desk), port };
}
