/** The state of sync in the words of the chip and the sync page. Pure. */
import { sizeText } from '../data/files/size-text.ts';
import type { SyncPhase, SyncState } from '../sync/connection.ts';

export type Tone = 'good' | 'busy' | 'off' | 'bad';
const tones: Record<SyncPhase, Tone> = {
  live: 'good',
  connecting: 'busy',
  catching_up: 'busy',
  offline: 'off',
  forced_offline: 'off',
  signed_out: 'bad',
  outdated: 'bad',
  error: 'bad',
};
export const toneOf = (phase: SyncPhase): Tone => tones[phase];

const clock = new Intl.DateTimeFormat('en-US', { hour: '2-digit', minute: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false });
/** "14:32", with the day when it is not today's. */
export function showSince(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return at.toDateString() === now.toDateString() ? clock.format(at) : day.format(at);
}

const count = new Intl.NumberFormat('en-US');
/** "2 files waiting (12.0 MB)"; '' when there are none. */
export function filesText({ count: files, bytes, refused }: SyncState['files']): string {
  const some = (number: number): string => `${count.format(number)} ${number === 1 ? 'file' : 'files'}`;
  const waiting = files > 0 ? `${some(files)} waiting (${sizeText(bytes)})` : '';
  const stuck = refused > 0 ? `${some(refused)} not taken` : '';
  return [waiting, stuck].filter((part) => part !== '').join(', ');
}
/** What the chip says; short. `inbox`: entries that wait for the person's decision. */
export function chipText({ phase, since, waitingTotal, setAside, files }: SyncState, inbox = 0): string {
  const counted = (number: number, what: string): string => (number > 0 ? `, ${count.format(number)} ${what}` : '');
  const ofFiles = filesText(files);
  const waiting =
    counted(waitingTotal, 'waiting') +
    (ofFiles === '' ? '' : `, ${ofFiles}`) +
    counted(setAside, 'set aside') +
    counted(inbox, 'in the inbox');
  const words: Record<SyncPhase, string> = {
    live: `Online${waiting}`,
    connecting: `Connecting${waiting}`,
    catching_up: `Catching up${waiting}`,
    offline: `Offline since ${showSince(since)}${waiting}`,
    forced_offline: `Working offline${waiting}`,
    signed_out: `Sign in to sync${waiting}`,
    outdated: `Update needed${waiting}`,
    error: `Sync stopped${waiting}`,
  };
  return words[phase];
}

/** What the sync page says: what is so, and what to do. */
export const phaseSentences: Record<SyncPhase, string> = {
  live: 'This device and the server are in touch. Changes arrive within a moment, both ways.',
  connecting: 'Looking for the server.',
  catching_up: 'Receiving what changed while this device was away. You can go on working.',
  offline: 'Not in touch with the server. Everything works here; what you change is sent later.',
  forced_offline: 'You switched sync off on this device. Everything works here; nothing is sent or received until you switch it on.',
  signed_out: 'The sign-in has ended. Sign in again to sync; nothing is lost.',
  outdated: 'This version of Drover is too old for the server. Your work is kept here; update Drover to send it.',
  error: 'Sync has stopped because of an error. Your work is kept here.',
};
