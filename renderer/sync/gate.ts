/** What holds requests back: a door for all of them, and a turnstile for the pushes. */

/** Lets at most `most` run at once, first come first served. */
export function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((go) => queue.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** Thrown to whoever waits when the replication is stopped; nobody needs to hear of it. */
export class Stopped extends Error {}

/** A door that requests pass one after another when it opens, and that throws when the replication is stopped. */
export function makeGate() {
  let open = false;
  let stopped = false;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds() && !stopped) await new Promise<void>((go) => waiting.push(go));
    if (stopped) throw new Stopped('the replication was stopped');
  };
  return {
    open: (): void => {
      open = true;
      wake();
    },
    close: (): void => {
      open = false;
    },
    stop: (): void => {
      stopped = true;
      wake();
    },
    isOpen: (): boolean => open && !stopped,
    isStopped: (): boolean => stopped,
    /** Has those who wait look again. */
    wake,
    until,
    passed: (): Promise<void> => until(() => open),
  };
}
export type Gate = ReturnType<typeof makeGate>;

/** Does it once, for all who ask; after a failure, of which whoever waited is told, the next who asks has it tried again. */
export function untilDone(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}

/** Longest that a stop waits for work that is under way; a request may hang longer, and its end is then of no interest. */
const FAREWELL = 2000;

/** Work that nobody awaits. Its errors are reported, and a stop waits for it. */
export function makeBackground(report: (error: unknown) => void) {
  const running = new Set<Promise<void>>();
  return {
    run(work: Promise<unknown>): void {
      const own: Promise<void> = work.then(() => undefined, report).finally(() => running.delete(own));
      running.add(own);
    },
    async finished(): Promise<void> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((done) => {
        timer = setTimeout(done, FAREWELL);
      });
      while (running.size > 0) {
        const outcome = await Promise.race([Promise.all(running).then(() => 'done' as const), late.then(() => 'late' as const)]);
        if (outcome === 'late') break;
      }
      clearTimeout(timer);
    },
  };
}
export type Background = ReturnType<typeof makeBackground>;
