/**
 * The blocks of numbers that this device holds. A number is taken in one transaction of the local store, so two windows
 * never take the same one; what is taken and then not saved stays a gap that the server can explain.
 */
import { liveQuery } from 'dexie';
import type { Lease } from '../../domain/protocol/protocol.ts';
import { type CollectedSeries, type Series, listSeries, numberText } from '../../domain/record/series.ts';
import type { Desk } from './desk.ts';
import type { StoredLease } from './local-store.ts';
import { type Live, makeLive } from './live-value.ts';

const leftIn = ({ next, last }: Lease): number => Math.max(0, last - next + 1);

/** The next number of the series for a record that is about to be saved; undefined when no block is left. */
export function takeNumber({ local }: Desk, { key }: Series): Promise<string | undefined> {
  return local.transaction('rw', local.leases, async () => {
    const lease = (await local.leases.where('series').equals(key).sortBy('first')).find((one) => leftIn(one) > 0);
    if (!lease) return undefined;
    await local.leases.put({ ...lease, next: lease.next + 1 });
    return numberText(lease, lease.next);
  });
}

/** Takes in what the server says of this device's blocks. What was used here meanwhile stays used. */
export function keepLeases({ local }: Desk, leases: readonly Lease[], at: string): Promise<void> {
  return local.transaction('rw', local.leases, async () => {
    for (const lease of leases) {
      const held = await local.leases.get([lease.series, lease.first]);
      await local.leases.put({ ...lease, next: Math.max(lease.next, held?.next ?? 0), at: held?.at ?? at });
    }
  });
}

/** Days over which use is counted, and for which used-up blocks are kept. */
const DAYS = 14;
const DAY_MS = 86_400_000;
/** Numbers that a device always has, and most that it is given. */
const [LEAST, MOST] = [10, 200];

/**
 * How many numbers of the series this device should ask for now: none while at least half of its stock is there. The stock
 * is twice what it used in two weeks, so that a device that goes offline today has enough for a month like the last.
 */
export function wantedSize(leases: readonly StoredLease[], now: number): number {
  const recent = leases.filter(({ at }) => now - Date.parse(at) < DAYS * DAY_MS);
  const used = recent.reduce((sum, { first, next }) => sum + next - first, 0);
  const left = leases.reduce((sum, lease) => sum + leftIn(lease), 0);
  const stock = Math.min(MOST, Math.max(LEAST, 2 * used));
  return left * 2 < stock ? stock - left : 0;
}

export interface Stock {
  readonly series: CollectedSeries;
  readonly left: number;
  /** The next number as it will be written; absent when there is none. */
  readonly next?: string;
}

/** Every lease of the device by series, used-up ones of the last weeks included. */
export async function heldLeases({ local }: Desk): Promise<StoredLease[]> {
  return local.leases.toArray();
}
/** Forgets blocks that were used up long ago. */
export async function dropOldLeases({ local }: Desk, now: number): Promise<void> {
  await local.leases.filter((one) => leftIn(one) === 0 && now - Date.parse(one.at) > DAYS * DAY_MS).delete();
}

/** What is left of each series on this device. */
export function observeStock(desk: Desk): Live<readonly Stock[]> {
  const all = listSeries(desk.nouns);
  return makeLive<readonly Stock[]>([], (set) => {
    const sub = liveQuery(() => heldLeases(desk)).subscribe((leases) =>
      set(
        all.map((series) => {
          const own = leases.filter((one) => one.series === series.key && leftIn(one) > 0).sort((a, b) => a.first - b.first);
          const [first] = own;
          return {
            series,
            left: own.reduce((sum, one) => sum + leftIn(one), 0),
            ...(first ? { next: numberText(first, first.next) } : {}),
          };
        }),
      ),
    );
    return () => sub.unsubscribe();
  });
}
