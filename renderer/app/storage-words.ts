/** What the sync page says of the device's storage. Pure. */
import type { AtRest } from '../data/desk-key.ts';
import { FREE_SPACE, type Room } from '../data/room.ts';

const MEGA = 1024 * 1024;
const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const mega = (bytes: number): string => (bytes < MEGA ? 'less than 1 MB' : `${number.format(bytes / MEGA)} MB`);

/** Below this, in bytes, the page warns. */
const LITTLE = 100 * MEGA;

export function roomSentence({ used, free }: Room): string {
  if (used === undefined || free === undefined) return 'This browser does not tell how much room is left.';
  const facts = `The desk uses ${mega(used)}; ${mega(free)} are left for it.`;
  return free < LITTLE ? `${facts} That is little. ${FREE_SPACE}` : facts;
}

export function keptSentence({ kept }: Room, isDesktop: boolean): string {
  if (isDesktop) return 'The desktop application keeps its data until you remove it.';
  if (kept === undefined) return 'This browser does not tell whether it keeps the data when the disk runs full.';
  return kept
    ? 'The browser has promised to keep the data, also when the disk runs full.'
    : 'The browser has not promised to keep the data when the disk runs full. What is sent is safe on the server; what waits to be sent is not. Install Drover as an app or allow it to store data, then ask again.';
}

/** Whether somebody who takes the disk can read the records. */
export const atRestSentence: Readonly<Record<AtRest, string>> = {
  encrypted:
    "The records are encrypted on this disk with a key in this machine's keychain. Files, drafts and settings are not: for those, switch on the encryption of the disk.",
  refused:
    'The records are not encrypted by Drover, because this machine has no keychain to keep the key in. Install and unlock one (on Linux GNOME Keyring or KWallet) and open Drover again, or switch on the encryption of the disk.',
  plain:
    'A browser has no safe place for a key, so the records are not encrypted by Drover here. Switch on the encryption of the disk of this machine.',
};
