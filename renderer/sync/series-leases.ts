/** Keeps this device in numbers while it is in touch with the server, so that it can give final ones when it is not. */
import { liveQuery } from 'dexie';
import { listSeries } from '../../domain/record/series.ts';
import type { Desk } from '../data/desk.ts';
import type { Live } from '../data/live-value.ts';
import { paced } from '../data/pace.ts';
import { dropOldLeases, heldLeases, keepLeases, wantedSize } from '../data/series.ts';
import { SyncFault } from './fault.ts';
import { makeBackground } from './gate.ts';
import type { SyncPhase } from './phase.ts';
import type { Session } from './session.ts';
import { leaseNumbers } from './wire.ts';

/** How often it is tried again while the server has none to give, in milliseconds. */
const AGAIN = 60_000;

/** Asks for what is missing. True when this device has enough afterwards. */
export async function renewLeases(desk: Desk, session: Session): Promise<boolean> {
  const held = await heldLeases(desk);
  const sizes = (leases: typeof held) =>
    listSeries(desk.nouns).flatMap(({ key }) => {
      const size = wantedSize(
        leases.filter(({ series }) => series === key),
        Date.now(),
      );
      return size > 0 ? [{ series: key, size }] : [];
    });
  const wanted = sizes(held);
  if (wanted.length === 0) return true;
  const holding = held.map(({ series, first, next }) => ({ series, first, next })).slice(-200);
  const leases = await leaseNumbers(session, { holding, wanted });
  await keepLeases(desk, leases, new Date().toISOString());
  await dropOldLeases(desk, Date.now());
  return sizes(await heldLeases(desk)).length === 0;
}

/** Renews whenever this device comes into touch with the server and whenever numbers were used. Answers how to stop. */
export function watchLeases(desk: Desk, session: Session, state: Live<{ readonly phase: SyncPhase }>): () => Promise<void> {
  if (listSeries(desk.nouns).length === 0) return () => Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const background = makeBackground((error) => {
    if (!stopped) throw error;
  });
  const renew = async (): Promise<void> => {
    if (stopped || state.get().phase !== 'live' || !desk.local.isOpen()) return;
    clearTimeout(timer);
    let enough = false;
    try {
      enough = await renewLeases(desk, session);
    } catch (error) {
      // Numbers are no reason to stop the sync; a record that is saved without one gets it from the server.
      if (!(error instanceof SyncFault)) throw error;
    }
    if (!enough && !stopped) timer = setTimeout(() => pace.poke(), AGAIN);
  };
  const pace = paced(() => {
    background.run(renew());
    return background.finished();
  });
  const sub = liveQuery(() => desk.local.leases.toArray()).subscribe(() => pace.poke());
  let wasLive = false;
  const unfollow = state.subscribe(() => {
    const isLive = state.get().phase === 'live';
    if (isLive && !wasLive) pace.poke();
    wasLive = isLive;
  });
  return () => {
    stopped = true;
    clearTimeout(timer);
    pace.stop();
    unfollow();
    sub.unsubscribe();
    return background.finished();
  };
}
