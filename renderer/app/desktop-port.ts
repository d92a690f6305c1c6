/**
 * What the desk asks of the machine it runs on, whichever that is: the Electron bridge when the shell put one on the window,
 * else the browser's own means. Screens and sync know only `DesktopPort`.
 */
import type { DesktopPort, Outcome, SaveOutcome } from '../../electron/ipc-contract.ts';
import type { KeyChain } from '../data/desk-key.ts';
import type { SecretStore } from '../sync/token-pair.ts';

declare global {
  interface Window {
    /** Put there by electron/preload.ts; absent in a browser. */
    readonly drover?: DesktopPort;
  }
}

export interface WebPortOptions {
  /** Version of the app, from the build. */
  readonly version: string;
  /** Where the web app keeps secrets: `webSecretStore` of renderer/sync, in IndexedDB of this origin. */
  readonly secrets: SecretStore;
}

/** How long a download's object URL lives: Chromium reads the blob after the click, and gives no event when it is done. */
const DOWNLOAD_URL_MS = 60_000;

function download(name: string, bytes: Uint8Array): SaveOutcome {
  // The copy is plain memory: a view on shared memory cannot become a Blob.
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_URL_MS);
  return { outcome: 'saved', name };
}

async function keep(write: () => Promise<void>): Promise<Outcome> {
  try {
    await write();
    return { ok: true };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, code: 'storage', message: `The browser could not keep the sign-in on this device: ${reason}` };
  }
}

/** The browser's implementation. `serverUrl` is '' because the sync server that served the page is the one to talk to. */
export function webPort({ version, secrets }: WebPortOptions): DesktopPort {
  return {
    version: () => Promise.resolve({ app: version, shell: 'web' }),
    serverUrl: () => Promise.resolve(''),
    setServerUrl: () =>
      Promise.resolve({ ok: false, code: 'web', message: 'In the browser the desk always talks to the server it was opened from.' }),
    getSecret: async (name) => (await secrets.get(name)) ?? null,
    setSecret: (name, value) => keep(() => secrets.set(name, value)),
    removeSecret: (name) => secrets.remove(name).then(() => undefined),
    signInByBrowser(challenge) {
      window.location.assign(`/auth/oidc/start?${new URLSearchParams({ challenge }).toString()}`);
      return Promise.resolve({ outcome: 'leaving' });
    },
    saveFile: (name, bytes) => Promise.resolve(download(name, bytes)),
  };
}

/** The shell's bridge where there is one, else the browser. */
export function desktopPort(options: WebPortOptions, bridge: DesktopPort | undefined = window.drover): DesktopPort {
  return bridge ?? webPort(options);
}

/** The port's secrets in the form the session asks for: a refusal to keep one rejects with the sentence for the user. */
export function secretsOf(port: DesktopPort): SecretStore {
  return {
    get: async (key) => (await port.getSecret(key)) ?? undefined,
    async set(key, value) {
      const outcome = await port.setSecret(key, value);
      if (!outcome.ok) throw new Error(outcome.message);
    },
    async remove(key) {
      await port.removeSecret(key);
    },
  };
}

/** The secret that the records on this machine are encrypted with; without it nobody reads them any more. */
export const STORAGE_SECRET = 'storage-key';

export function keychainOf(port: DesktopPort): KeyChain {
  return {
    get: async () => (await port.getSecret(STORAGE_SECRET)) ?? undefined,
    async set(value) {
      const outcome = await port.setSecret(STORAGE_SECRET, value);
      return outcome.ok ? undefined : outcome.message;
    },
  };
}
