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
    async passed(): Promise<void> {
      while (!open && !stopped) await new Promise<void>((go) => waiting.push(go));
      if (stopped) throw new Stopped('the replication was stopped');
    },
  };
}
export type Gate = ReturnType<typeof makeGate>;
