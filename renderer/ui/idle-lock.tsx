/**
 * Locks the window when nobody has used it for a while: over all windows of this device, and over a restart. The marks are in
 * localStorage, because every window must read them at once, before anything is shown.
 */
import { type ReactNode, createContext, use } from 'react';
import { useLive } from '../data/live.ts';
import { type Live, makeCell } from '../data/live-value.ts';

const LOCKED = 'drover.locked';
const ACTIVE = 'drover.active';
const MINUTES = 'drover.lock-minutes';
const WRONG = 'drover.unlock-wrong';
export const LOCK_MINUTES_DEFAULT = 15;
/** Offered in the account page; 0 is never. */
export const lockChoices = [5, 15, 30, 60, 0] as const;

const LOOK_MS = 5_000;
/** Writing down every key would be a write to the disk for every key. */
const NOTE_MS = 5_000;
const TRIES_FREE = 5;
const WAIT_MS = 30_000;
const WAIT_MS_MAX = 3_600_000;

const numberAt = (key: string): number | undefined => {
  const text = localStorage.getItem(key);
  return text === null || !Number.isFinite(Number(text)) ? undefined : Number(text);
};

export interface IdleLock {
  readonly locked: Live<boolean>;
  minutes(): number;
  setMinutes(minutes: number): void;
  lock(): void;
  unlock(): void;
  /** Milliseconds until the password may be tried again. */
  waitMs(): number;
  wrongPassword(): void;
  stop(): void;
}

export function startIdleLock(now: () => number = () => Date.now()): IdleLock {
  const minutes = (): number => numberAt(MINUTES) ?? LOCK_MINUTES_DEFAULT;
  const isIdle = (): boolean => minutes() > 0 && now() - (numberAt(ACTIVE) ?? now()) >= minutes() * 60_000;
  const isLocked = (): boolean => localStorage.getItem(LOCKED) !== null;
  const locked = makeCell(false);
  const look = (): void => {
    if (!isLocked() && isIdle()) localStorage.setItem(LOCKED, String(now()));
    locked.set(isLocked());
  };
  const note = (): void => {
    // A key pressed on the lock screen does not make the time before it busy.
    look();
    if (!locked.get() && now() - (numberAt(ACTIVE) ?? 0) > NOTE_MS) localStorage.setItem(ACTIVE, String(now()));
  };
  const unlock = (): void => {
    localStorage.setItem(ACTIVE, String(now()));
    localStorage.removeItem(LOCKED);
    localStorage.removeItem(WRONG);
    look();
  };
  const wrong = (): { readonly count: number; readonly last: number } => {
    const [count = 0, last = 0] = (localStorage.getItem(WRONG) ?? '').split(' ').map(Number);
    return { count, last };
  };
  look();
  if (!locked.get()) localStorage.setItem(ACTIVE, String(now()));
  const timer = setInterval(look, LOOK_MS);
  const kinds = ['pointerdown', 'keydown', 'wheel'] as const;
  for (const kind of kinds) window.addEventListener(kind, note, { capture: true, passive: true });
  window.addEventListener('storage', look);
  document.addEventListener('visibilitychange', look);
  return {
    locked,
    minutes,
    setMinutes(chosen) {
      localStorage.setItem(MINUTES, String(chosen));
      look();
    },
    lock() {
      localStorage.setItem(LOCKED, String(now()));
      look();
    },
    unlock,
    waitMs() {
      const { count, last } = wrong();
      if (count < TRIES_FREE) return 0;
      const wait = Math.min(WAIT_MS * 2 ** (count - TRIES_FREE), WAIT_MS_MAX);
      // A clock that was set back does not make the wait longer than it is.
      return Math.min(wait, Math.max(0, last + wait - now()));
    },
    wrongPassword() {
      localStorage.setItem(WRONG, `${wrong().count + 1} ${now()}`);
    },
    stop() {
      clearInterval(timer);
      for (const kind of kinds) window.removeEventListener(kind, note, { capture: true });
      window.removeEventListener('storage', look);
      document.removeEventListener('visibilitychange', look);
    },
  };
}

const LockContext = createContext<IdleLock | undefined>(undefined);
export function LockProvider({ lock, children }: { readonly lock: IdleLock; readonly children: ReactNode }) {
  return <LockContext value={lock}>{children}</LockContext>;
}
export function useIdleLock(): IdleLock {
  const lock = use(LockContext);
  if (!lock) throw new Error('useIdleLock outside of LockProvider');
  return lock;
}
export const useIsLocked = (): boolean => useLive(useIdleLock().locked);
