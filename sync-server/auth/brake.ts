/**
 * The brake on guessing. An attempt is counted before it is made, under a row lock, so that many at once in several server
 * processes cannot slip through together; what succeeds is given back.
 *
 * An account has two counters: one for devices that it has signed in from before, one for all others. The device's name for
 * itself is a random UUID that nobody else knows, so whoever hammers an account from elsewhere cannot lock its owner out.
 * Addresses without an account are counted alike, so that a block does not tell which ones exist.
 */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { type BrakeRow, dropBrake, dropOldBrakes, lockBrake, lowerBrake, putBrake } from '../db/brakes.ts';
import type { Database } from '../db/database.ts';

const MINUTE_MS = 60_000;
const WINDOW_MS = 15 * MINUTE_MS;
const BLOCK_MS = 15 * MINUTE_MS;
/** Each block in a row is twice as long: 15 minutes, half an hour, ... 16 hours. */
const DOUBLINGS_MAX = 6;
/** So long after the last block the next one is short again. */
const FORGIVEN_MS = 24 * 60 * MINUTE_MS;

/** Letters that anybody may have sent to one address within a quarter of an hour. */
export const MAILS_MAX = 3;
const FAILURES_PER_ACCOUNT_MAX = 10;
/** An office of many people shares one address of the network. */
const FAILURES_PER_ADDRESS_MAX = 100;

/** Pure: the counter after one more attempt. While it is blocked it stays as it is, and the attempt is not to be made. */
export function counted(row: BrakeRow, failuresMax: number, now: Date): BrakeRow {
  const at = now.getTime();
  const blockedUntil = row.blockedUntil === null ? undefined : new Date(row.blockedUntil).getTime();
  if (blockedUntil !== undefined && blockedUntil > at) return row;
  const isNewWindow = at - new Date(row.countingSince).getTime() > WINDOW_MS;
  const failures = isNewWindow ? 1 : row.failures + 1;
  const blocks = blockedUntil !== undefined && at - blockedUntil > FORGIVEN_MS ? 0 : row.blocks;
  if (failures <= failuresMax) {
    return { failures, countingSince: isNewWindow ? now.toISOString() : row.countingSince, blockedUntil: row.blockedUntil, blocks };
  }
  const until = new Date(at + BLOCK_MS * 2 ** Math.min(blocks, DOUBLINGS_MAX)).toISOString();
  return { failures: 0, countingSince: until, blockedUntil: until, blocks: blocks + 1 };
}

/** The last 64 bits of an IPv6 address are the customer's own to choose from. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array.from({ length: gap }, () => '0'), ...last].slice(0, 4).join(':');
}

/** Whom an attempt is counted against. */
export interface Target {
  readonly email: string;
  /** Set where this device has signed in to this account before. */
  readonly knownDevice?: string;
  readonly address: string;
}
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
/** The typed address stays out of the table: people type passwords into the wrong field. */
const keyOfAccount = ({ email, knownDevice = '' }: Target): string =>
  `account:${digestOf(`${email.trim().toLowerCase()}\n${knownDevice}`)}`;
export const keyOfNetwork = ({ address }: Pick<Target, 'address'>): string => `network:${networkOf(address)}`;
export const keyOfMail = (email: string): string => `mail:${digestOf(email.trim().toLowerCase())}`;

export interface Braked {
  /** Seconds until the next attempt may be made; 0 when this one may. */
  readonly waitSeconds: number;
  /** This attempt began the block. */
  readonly began: boolean;
}

/** Counts an attempt against each key, and says whether it may be made. A key comes with the number that is let through. */
export async function brakeOn(db: Database, keys: readonly (readonly [key: string, most: number])[], now: Date): Promise<Braked> {
  return db.transaction(async (runner) => {
    let waitMs = 0;
    let began = false;
    for (const [key, most] of keys) {
      const before = await lockBrake(runner, key, now.toISOString());
      const after = counted(before, most, now);
      if (after !== before) await putBrake(runner, key, after);
      const until = after.blockedUntil === null ? 0 : new Date(after.blockedUntil).getTime();
      waitMs = Math.max(waitMs, until - now.getTime());
      began ||= after.blocks > before.blocks;
    }
    return { waitSeconds: Math.ceil(waitMs / 1000), began };
  });
}

/** Counts an attempt to sign in. */
export const brake = (db: Database, target: Target, now: Date): Promise<Braked> =>
  brakeOn(
    db,
    [
      [keyOfAccount(target), FAILURES_PER_ACCOUNT_MAX],
      [keyOfNetwork(target), FAILURES_PER_ADDRESS_MAX],
    ],
    now,
  );

export const releaseKey = (db: Database, key: string): Promise<void> => dropBrake(db, key);
/** The attempt succeeded: the account's failures are forgotten, the network's are one less. */
export async function release(db: Database, target: Target, now: Date): Promise<void> {
  await dropBrake(db, keyOfAccount(target));
  await lowerBrake(db, keyOfNetwork(target));
  await dropOldBrakes(db, new Date(now.getTime() - 2 * FORGIVEN_MS).toISOString());
}
