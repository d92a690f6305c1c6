/** Counts failed sign-ins in a sliding window, in memory: a brake on guessing, not a lock on the account. */
export interface Attempts {
  /** Seconds to wait before the next attempt of this key may be made; 0 when it may be made now. */
  waitSeconds(key: string): number;
  failed(key: string): void;
  succeeded(key: string): void;
}

/** Bounds the memory that a flood of made-up addresses can take. */
const KEYS_MAX = 10_000;

export function countAttempts(now: () => Date, failuresMax: number, windowMs: number): Attempts {
  const failures = new Map<string, number[]>();
  const recent = (key: string): number[] => {
    const from = now().getTime() - windowMs;
    return (failures.get(key) ?? []).filter((at) => at > from);
  };
  return {
    waitSeconds(key) {
      const times = recent(key);
      const oldest = times.at(-failuresMax);
      return oldest === undefined ? 0 : Math.max(1, Math.ceil((oldest + windowMs - now().getTime()) / 1000));
    },
    failed(key) {
      const times = [...recent(key), now().getTime()].slice(-failuresMax);
      failures.delete(key);
      failures.set(key, times);
      const first = failures.keys().next();
      if (failures.size > KEYS_MAX && first.done !== true) failures.delete(first.value);
    },
    succeeded(key) {
      failures.delete(key);
    },
  };
}
