/** Pushes that RxDB has not finished: from the call of its push handler until it has noted what the server now holds. */

/** RxDB notes it within milliseconds of the handler's return; later than this it was stopped or failed. */
const NOTE_TIMEOUT = 2000;

export interface Flights {
  begin(): void;
  /** A push that waits for the network does not count. Wraps the waiting. */
  rest<T>(waiting: Promise<T>): Promise<T>;
  /** The server took these; RxDB is about to note it. */
  landed(ids: readonly string[]): void;
  failed(): void;
  /** RxDB has noted what the server holds of this record. */
  noted(id: string): void;
  /** Resolves when no push is under way. */
  quiet(): Promise<void>;
}

export function makeFlights(): Flights {
  let flying = 0;
  const landing = new Set<string>();
  let waiters: (() => void)[] = [];
  const isQuiet = (): boolean => flying === 0 && landing.size === 0;
  const wake = (): void => {
    if (!isQuiet()) return;
    const all = waiters;
    waiters = [];
    for (const go of all) go();
  };
  const leave = (): void => {
    flying -= 1;
    wake();
  };
  return {
    begin() {
      flying += 1;
    },
    async rest(waiting) {
      leave();
      try {
        return await waiting;
      } finally {
        flying += 1;
      }
    },
    landed(ids) {
      for (const id of ids) landing.add(id);
      setTimeout(() => {
        for (const id of ids) landing.delete(id);
        wake();
      }, NOTE_TIMEOUT);
      leave();
    },
    failed: leave,
    noted(id) {
      if (landing.delete(id)) wake();
    },
    async quiet() {
      while (!isQuiet()) await new Promise<void>((go) => waiters.push(go));
    },
  };
}
