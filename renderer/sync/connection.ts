/** What people see of sync. */
import { type ReactNode, createContext, createElement, useContext, useMemo } from 'react';
import type { Desk } from '../data/desk.ts';
import { useDesk, useLive } from '../data/live.ts';
import { type Live } from '../data/observe.ts';
import type { Session } from './session.ts';

export type SyncPhase = 'offline' | 'connecting' | 'catching_up' | 'live' | 'forced_offline' | 'signed_out' | 'outdated' | 'error';
export interface SyncState {
  readonly phase: SyncPhase;
  /** ISO instant at which the phase began. */
  readonly since: string;
  /** Records written here and not yet confirmed by the server, by collection; collections with none are absent. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly waitingTotal: number;
  /** Records received since the window opened. */
  readonly received: number;
  /** What went wrong last, in plain words; absent when all is well. */
  readonly problem?: string;
  /** When this device was last known to hold everything; absent when never. */
  readonly caughtUpAt?: string;
}
export interface Sync {
  readonly state: Live<SyncState>;
  /** Tries now instead of at the next retry. */
  syncNow(): void;
  /** The user's own switch; kept over restarts. */
  setForcedOffline(on: boolean): Promise<void>;
  /** Whether this record waits to be sent. */
  waiting(collection: string, id: string): Live<boolean>;
  stop(): Promise<void>;
}
export declare function startSync(desk: Desk, session: Session): Promise<Sync>;

const SyncContext = createContext<Sync | undefined>(undefined);
export const SyncProvider = ({ sync, children }: { readonly sync: Sync; readonly children: ReactNode }): ReactNode =>
  createElement(SyncContext, { value: sync }, children);
export function useSync(): Sync {
  const sync = useContext(SyncContext);
  if (!sync) throw new Error('useSync outside of SyncProvider');
  return sync;
}
export const useSyncState = (): SyncState => useLive(useSync().state);
/** Whether this record waits to be sent. */
export function useIsWaiting(collection: string, id: string): boolean {
  const sync = useSync();
  const desk = useDesk();
  return useLive(useMemo(() => sync.waiting(collection, id), [sync, desk, collection, id]));
}
