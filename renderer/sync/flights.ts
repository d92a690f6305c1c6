/** Pushes that RxDB has not finished: from the call of its push handler until it has noted what the server now holds. */

/** RxDB notes it within milliseconds of the handler's return; later than this it was stopped or failed. */
const NOTE_TIMEOUT = 2000;

/** One call of the push handler. */
export interface Flight {
  /** A push that waits for the network does not count. Wraps the waiting. */
  rest<T>(waiting: Promise<T>): Promise<T>;
  /** The server has answered; RxDB is about to note it. Calls `late` with those records of which it did not. */
  landed(late?: (ids: readonly string[]) => void): void;
  failed(): void;
}
export interface Flights {
  begin(ids: readonly string[]): Flight;
  /** RxDB has noted what the server holds of this record. */
  noted(id: string): void;
  /** Resolves when no push is under way; with `ids`, none of these records. */
  quiet(ids?: readonly string[]): Promise<void>;
  /**
   * What was read, once no push of it is under way. It is read again when the server answered one meanwhile: what was read
   * before would take the place of something newer. `again` comes before each repetition.
   */
  behind<Page extends { readonly documents: readonly { readonly id: string }[] }>(
    read: () => Promise<Page>,
    again: (old: Page) => Promise<void>,
  ): Promise<Page>;
}

export function makeFlights(): Flights {
  const flying = new Set<readonly string[]>();
  /** By id: which landing it was, because a record may be sent again before the note of the last time is overdue. */
  const landing = new Map<string, number>();
  let landings = 0;
  let waiters: (() => void)[] = [];
  /** What has landed since each of the reads that are under way began. */
  const watches = new Set<Set<string>>();
  const isQuiet = (ids: readonly string[] | undefined): boolean => {
    if (flying.size === 0 && landing.size === 0) return true;
    if (!ids) return false;
    const all = [...flying].flat();
    return !ids.some((id) => landing.has(id) || all.includes(id));
  };
  const wake = (): void => {
    const all = waiters;
    waiters = [];
    for (const go of all) go();
  };
  const quiet = async (ids?: readonly string[]): Promise<void> => {
    while (!isQuiet(ids)) await new Promise<void>((go) => waiters.push(go));
  };
  return {
    begin(ids) {
      flying.add(ids);
      const leave = (): void => {
        flying.delete(ids);
        wake();
      };
      return {
        async rest(waiting) {
          leave();
          try {
            return await waiting;
          } finally {
            flying.add(ids);
          }
        },
        landed(late) {
          landings += 1;
          const own = landings;
          for (const id of ids) {
            landing.set(id, own);
            for (const seen of watches) seen.add(id);
          }
          setTimeout(() => {
            const unnoted = ids.filter((id) => landing.get(id) === own && landing.delete(id));
            wake();
            if (unnoted.length > 0) late?.(unnoted);
          }, NOTE_TIMEOUT);
          leave();
        },
        failed: leave,
      };
    },
    noted(id) {
      if (landing.delete(id)) wake();
    },
    quiet,
    async behind(read, again) {
      for (;;) {
        const landed = new Set<string>();
        watches.add(landed);
        try {
          const page = await read();
          if (landed.size === 0 && isQuiet(undefined)) return page;
          const ids = page.documents.map(({ id }) => id);
          await quiet(ids);
          if (!ids.some((id) => landed.has(id))) return page;
          await again(page);
        } finally {
          watches.delete(landed);
        }
      }
    },
  };
}
