/**
 * Records that the device's storage lost are fetched again: what is damaged is known by place, not always by record, so the
 * whole device is compared with the server as soon as it is in reach.
 */
import type { Desk } from '../data/desk.ts';
import type { Sync } from './connection.ts';
import { SyncFault } from './fault.ts';

/** Compares with the server once for whatever was found damaged meanwhile. Answers how to stop. */
export function healDamage(desk: Desk, sync: Sync): () => void {
  let due = false;
  let running = false;
  const look = async (): Promise<void> => {
    if (!due || running || sync.state.get().phase !== 'live') return;
    running = true;
    due = false;
    try {
      await sync.checkDevice();
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      // Not possible just now; the next time the server is in reach it is.
      due = true;
    } finally {
      running = false;
    }
  };
  const stops = [
    desk.damages.follow(() => {
      due = true;
      void look();
    }),
    sync.state.subscribe(() => void look()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
