/** Compares what this device holds with the server, names what differs, and has it fetched again (I12). */
import type { Desk } from '../data/desk.ts';
import { loadSetting, saveSetting } from '../data/local-store.ts';
import type { Live } from '../data/live-value.ts';
import { differingBuckets, localDigests, localRows } from './digest.ts';
import { SyncFault } from './fault.ts';
import type { Session } from './session.ts';
import { fetchDigests, fetchRows } from './wire.ts';

export interface CollectionCheck {
  readonly collection: string;
  /** Live records on this device and on the server. */
  readonly here: number;
  readonly there: number;
  /** Records that differ and are not on their way from here to the server. */
  readonly differing: number;
}
export interface DeviceCheck {
  /** ISO instant. */
  readonly at: string;
  /** Everything is the same, but for what waits here to be sent. */
  readonly equal: boolean;
  /** Records that differed when the check began and were fetched or offered again. */
  readonly mended: number;
  readonly collections: readonly CollectionCheck[];
}
export interface CheckParts {
  readonly desk: Desk;
  readonly session: Session;
  /** Brings these records to what the server holds; what the server does not know is offered to it. */
  readonly mend: (collection: string, ids: readonly string[]) => Promise<void>;
}

/** Changes may arrive while both sides count; what still differs after these tries is a difference. */
const TRIES = 3;
const PAUSE = 700;
/** How long mended records may take to arrive: longer than a pull may wait for pages before it (pull-pages.ts). */
const MEND_TRIES = 30;

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, PAUSE));
const counted = (digests: readonly { readonly count: number }[]): number => digests.reduce((sum, { count }) => sum + count, 0);

interface Difference extends CollectionCheck {
  readonly ids: readonly string[];
}

async function differingIds({ desk, session }: CheckParts, collection: string, buckets: ReadonlySet<number>): Promise<string[]> {
  if (buckets.size === 0) return [];
  const there = new Map((await fetchRows(session, collection, [...buckets])).map(({ id, w }) => [id, w]));
  const here = new Map((await localRows(desk, collection, buckets)).map(({ id, w }) => [id, w]));
  const waiting = new Set((await desk.local.waiting.where('collection').equals(collection).toArray()).map(({ id }) => id));
  return [...new Set([...here.keys(), ...there.keys()])].filter((id) => here.get(id) !== there.get(id) && !waiting.has(id));
}

async function compare(parts: CheckParts, collections: readonly string[]): Promise<Difference[]> {
  const digests = await fetchDigests(parts.session, collections);
  const found: Difference[] = [];
  for (const collection of collections) {
    const there = digests[collection] ?? [];
    const here = await localDigests(parts.desk, collection);
    const ids = await differingIds(parts, collection, differingBuckets(here, there));
    found.push({ collection, here: counted(here), there: counted(there), differing: ids.length, ids });
  }
  return found;
}

async function compareUntilQuiet(parts: CheckParts, collections: readonly string[], tries: number): Promise<Difference[]> {
  for (let tried = 1; ; tried += 1) {
    const found = await compare(parts, collections);
    if (tried >= tries || found.every(({ differing }) => differing === 0)) return found;
    await pause();
  }
}

/** Checks all collections of the desk. Throws SyncFault when the server cannot be asked. */
export async function runDeviceCheck(parts: CheckParts): Promise<DeviceCheck> {
  const collections = parts.desk.nouns.map((noun) => noun.entity.collection);
  const first = await compareUntilQuiet(parts, collections, TRIES);
  const different = first.filter(({ differing }) => differing > 0);
  let last = first;
  if (different.length > 0) {
    for (const { collection, ids } of different) await parts.mend(collection, ids);
    last = await compareUntilQuiet(parts, collections, MEND_TRIES);
  }
  return {
    at: new Date().toISOString(),
    equal: last.every(({ differing }) => differing === 0),
    mended: different.reduce((sum, { differing }) => sum + differing, 0),
    collections: last.map(({ ids: _, ...check }) => check),
  };
}

const CHECKED = 'sync.checked';
const DAY = 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;
const isCheck = (value: unknown): value is DeviceCheck =>
  typeof value === 'object' && value !== null && 'at' in value && 'equal' in value && 'collections' in value;

/** The checks of the window that syncs: when asked for, and by itself once a day while it is live. */
export function makeChecks(
  parts: CheckParts & {
    readonly isLive: () => boolean;
    readonly done: (check: DeviceCheck) => void;
    /** Runs work that nobody awaits. */
    readonly run: (work: Promise<unknown>) => void;
  },
) {
  let running: Promise<DeviceCheck> | undefined;
  let checkedAt = '';
  const checkNow = async (): Promise<DeviceCheck> => {
    if (!parts.isLive())
      throw new SyncFault('unreachable', 'The check needs the server. Connect first; it compares what is here with what is there.');
    const check = await runDeviceCheck(parts);
    checkedAt = check.at;
    await saveSetting(parts.desk.local, CHECKED, check);
    parts.done(check);
    return check;
  };
  const check = (): Promise<DeviceCheck> => {
    running ??= checkNow().finally(() => {
      running = undefined;
    });
    return running;
  };
  const daily = async (): Promise<void> => {
    if (!parts.isLive() || (checkedAt !== '' && Date.now() - Date.parse(checkedAt) < DAY)) return;
    try {
      await check();
    } catch (error) {
      // The connection was lost meanwhile; the next hour comes.
      if (!(error instanceof SyncFault)) throw error;
    }
  };
  const recall = async (): Promise<void> => {
    const kept = await loadSetting(parts.desk.local, CHECKED);
    if (!isCheck(kept) || checkedAt !== '') return;
    checkedAt = kept.at;
    parts.done(kept);
  };
  parts.run(recall());
  const timer = setInterval(() => parts.run(daily()), HOUR);
  return { check, stop: (): void => clearInterval(timer) };
}

/** Longest that another window may take for a check. */
const ELSEWHERE = 120_000;

/** The next check that another window makes. */
export function nextCheck(state: Live<{ readonly checked?: DeviceCheck }>, before: DeviceCheck | undefined): Promise<DeviceCheck> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
    };
    const timer = setTimeout(() => {
      end();
      reject(new SyncFault('unreachable', 'The window that syncs did not answer. Check again there.'));
    }, ELSEWHERE);
    const unsubscribe = state.subscribe(() => {
      const { checked } = state.get();
      if (!checked || checked.at === before?.at) return;
      end();
      resolve(checked);
    });
  });
}
