/** How often a live read may repeat itself. */

/** Shortest pause between two runs, in milliseconds: what arrives within it is shown together. */
const PAUSE = 60;
/** Parts of rest for one part of work, so that a first sync or an import cannot drown the window. */
const REST = 3;

/** Runs work after a signal: at once when quiet, then never more than a quarter of the time, painting included. */
export function paced(work: () => Promise<void> | void): { poke(): void; stop(): void } {
  let stopped = false;
  let running = false;
  let dirty = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    running = true;
    dirty = false;
    const began = performance.now();
    try {
      await work();
      // React renders what was announced before the next task; its time counts too.
      await new Promise<void>((done) => setTimeout(done, 0));
    } finally {
      running = false;
    }
    if (stopped) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        if (dirty && !stopped) void run();
      },
      Math.max(PAUSE, REST * (performance.now() - began)),
    );
  };
  return {
    poke() {
      dirty = true;
      if (!stopped && !running && timer === undefined) void run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
