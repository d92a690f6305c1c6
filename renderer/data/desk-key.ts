/**
 * The key that the records on this device are encrypted with: made once, kept in the keychain of the machine, handed to the
 * storage as a key that no script can read out again.
 *
 * A browser has no place for one. A key in IndexedDB, even one that scripts cannot read, lies on the disk beside what it
 * would protect, so whoever copies the one has the other: there the records are as safe as the disk.
 */
import { DeskFault } from './desk-fault.ts';
import { type LocalStore, loadSetting, saveSetting } from './local-store.ts';
import type { StorageKey } from './storage/host/border.ts';

/** One secret in the keychain of the machine. */
export interface KeyChain {
  /** Undefined where there is none, or where the keychain is locked or was reset. */
  get(): Promise<string | undefined>;
  /** Answers why it was not kept, or undefined. */
  set(value: string): Promise<string | undefined>;
}
/** How the records lie on the disk; `refused`: as they are, because this machine keeps no secrets. */
export type AtRest = 'encrypted' | 'refused' | 'plain';
export interface DeskKey {
  readonly atRest: AtRest;
  readonly key?: StorageKey;
}

const BYTES = 32;
/** True from the moment on at which a key was kept: the records may be encrypted from here on. */
const ENCRYPTED = 'storage.encrypted';

const textOf = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return bytes.length === BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<StorageKey> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return {
    id: textOf(digest.subarray(0, 6)),
    key: await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']),
  };
}

/** A new key that the keychain gave back as it was given. */
async function makeKey(chain: KeyChain): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const made = crypto.getRandomValues(new Uint8Array(BYTES));
  const text = textOf(made);
  if ((await chain.set(text)) !== undefined || (await chain.get()) !== text) return undefined;
  return made;
}

export const KEY_MISSING =
  "The records on this device are encrypted, and their key is not to be had from this machine's keychain. Unlock the keychain, or sign in to the machine as the user who worked here before, and try again. Nothing was changed.";
export const KEY_WRONG =
  "The records on this device are encrypted with another key than the one in this machine's keychain. If the folder was copied from another machine or user, open Drover there. Nothing was changed.";

const UNREADABLE =
  'Nothing of the records on this device can be read any more; its disk may be failing. Nothing was changed. Restore the folder from a backup and try again.';

/** The key of this device, made if there is none yet. Throws DeskFault `key_missing` for records whose key is gone. */
export async function deskKey(local: LocalStore, chain: KeyChain | undefined): Promise<DeskKey> {
  if (!chain) return { atRest: 'plain' };
  const encrypted = (await loadSetting(local, ENCRYPTED)) === true;
  const kept = await chain.get();
  // A new key would open nothing, and would take the place of one that may come back.
  if (encrypted && kept === undefined) throw new DeskFault('key_missing', KEY_MISSING);
  const bytes = kept === undefined ? await makeKey(chain) : bytesOf(kept);
  if (!bytes) {
    if (encrypted) throw new DeskFault('wrong_key', KEY_WRONG);
    return { atRest: 'refused' };
  }
  if (!encrypted) await saveSetting(local, ENCRYPTED, true);
  return { atRest: 'encrypted', key: await importKey(bytes) };
}

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);
/** What the storage says of a database that it cannot open, in the words of the desk; anything else as it is. */
export function inWordsOfTheDesk(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'key_missing') return new DeskFault('key_missing', KEY_MISSING, error);
  if (code === 'wrong_key') return new DeskFault('wrong_key', KEY_WRONG, error);
  if (code === 'manifest_lost') return new DeskFault('unreadable', UNREADABLE, error);
  return error;
}
