/** Pushes that RxDB has not finished: from the call of its push handler until it has noted what the server now holds. */

/** RxDB notes it within milliseconds of the handler's return; later than this it was stopped or failed. */
const NOTE_TIMEOUT = 2000;

export interface Flights {
  begin(): void;
  /** A push that waits for the network does not count. Wraps the waiting. */
  rest<T>(waiting: Promise<T>): Promise<T>;
  /** The server has answered these; RxDB is about to note it. Calls `late` with those of which it did not. */
  landed(ids: readonly string[], late?: (ids: readonly string[]) => void): void;
  failed(): void;
  /** RxDB has noted what the server holds of this record. */
  noted(id: string): void;
  /** Resolves when no push is under way. */
  quiet(): Promise<void>;
}

export function makeFlights(): Flights {
  let flying = 0;
  /** By id: which landing it was, because a record may be sent again before the note of the last time is overdue. */
  const landing = new Map<string, number>();
  let landings = 0;
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
    landed(ids, late) {
      landings += 1;
      const own = landings;
      for (const id of ids) landing.set(id, own);
      setTimeout(() => {
        const unnoted = ids.filter((id) => landing.get(id) === own && landing.delete(id));
        wake();
        if (unnoted.length > 0) late?.(unnoted);
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
