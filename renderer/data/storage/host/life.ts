/**
 * Who lives, told by Web Locks: a lock is freed the moment its holder is gone, however it went, and a holder is not frozen
 * in the background. Nothing else tells a window that a worker died, or a worker that a window did.
 */

/** Holds a lock of a fresh name until `end` is called or this window or worker is gone. Resolves once it is held. */
export function live(): Promise<{ readonly life: string; readonly end: () => void }> {
  const life = `rxdb-life-${crypto.randomUUID()}`;
  return new Promise((resolve, reject) => {
    navigator.locks.request(life, () => new Promise<void>((end) => resolve({ life, end }))).catch(reject);
  });
}

/** Calls back once when the holder of this life is gone. Answers how to stop watching. */
export function watchLife(life: string, gone: () => void): () => void {
  const watching = new AbortController();
  navigator.locks
    .request(life, { signal: watching.signal }, () => {
      if (!watching.signal.aborted) gone();
    })
    .catch((error: unknown) => {
      if (!watching.signal.aborted) throw error;
    });
  return () => watching.abort();
}

/** Takes an exclusive lock or gives up after `patience` milliseconds. Answers how to release it, or undefined. */
export function takeLock(name: string, patience: number): Promise<(() => void) | undefined> {
  const signal = AbortSignal.timeout(patience);
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { signal }, () => new Promise<void>((release) => resolve(release)))
      .catch((error: unknown) => {
        if (signal.aborted) resolve(undefined);
        else reject(error instanceof Error ? error : new Error(String(error)));
      });
  });
}
