/** Secrets of this user on this machine, sealed by the operating system (Keychain, DPAPI, libsecret, KWallet). */
import type { Outcome } from '../ipc-contract.ts';
import { isRecord, readJson, writeJson } from './json-file.ts';

/** The part of Electron's safeStorage that is used. */
export interface SealPort {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(plainText: string): Promise<Buffer>;
  decryptStringAsync(encrypted: Buffer): Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>;
  /** Linux only. */
  getSelectedStorageBackend(): string;
}

export interface SecretStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<Outcome>;
  remove(name: string): Promise<undefined>;
}

/** More than the desk ever needs; keeps a page that went wrong from filling the disk. */
const SECRETS_MAX = 32;

const refused: Outcome = {
  ok: false,
  code: 'no_keychain',
  message:
    'This machine has no keychain, so the sign-in is not kept: you will be asked for it after a restart. ' +
    'On Linux, install and unlock GNOME Keyring or KWallet.',
};

/**
 * `platform` is process.platform. On Linux without a keychain Electron would fall back to `basic_text`, a fixed key that
 * anybody can use, so that is refused rather than called safe.
 */
export function openSecretStore(file: string, seal: SealPort, platform: string): SecretStore {
  // One change at a time: two concurrent read-modify-writes would lose one of them.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const read = async (): Promise<Record<string, string>> => {
    const stored = await readJson(file);
    if (!isRecord(stored)) return {};
    return Object.fromEntries(Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  };
  const available = async (): Promise<boolean> =>
    (await seal.isAsyncEncryptionAvailable()) && !(platform === 'linux' && seal.getSelectedStorageBackend() === 'basic_text');
  const store = async (name: string, value: string, secrets: Record<string, string>): Promise<void> => {
    const sealed = await seal.encryptStringAsync(value);
    await writeJson(file, { ...secrets, [name]: sealed.toString('base64') });
  };

  return {
    get: (name) =>
      inTurn(async () => {
        const secrets = await read();
        const sealed = secrets[name];
        if (sealed === undefined || !(await available())) return null;
        try {
          const { result, shouldReEncrypt } = await seal.decryptStringAsync(Buffer.from(sealed, 'base64'));
          if (shouldReEncrypt) await store(name, result, secrets);
          return result;
        } catch {
          // The profile was copied from another machine, or the keychain was reset: as good as none, the user signs in again.
          return null;
        }
      }),
    set: (name, value) =>
      inTurn(async () => {
        if (!(await available())) return refused;
        const secrets = await read();
        if (!(name in secrets) && Object.keys(secrets).length >= SECRETS_MAX) {
          return { ok: false, code: 'too_many', message: `Not more than ${SECRETS_MAX} secrets are kept on a machine.` };
        }
        await store(name, value, secrets);
        return { ok: true };
      }),
    remove: (name) =>
      inTurn(async () => {
        const { [name]: gone, ...rest } = await read();
        if (gone !== undefined) await writeJson(file, rest);
        return undefined;
      }),
  };
}
