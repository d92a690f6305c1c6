/**
 * Pushes of this process that name the same record go one after the other: decided side by side, all but one of them would
 * have been decided in vain. What other processes do meanwhile is found out under the lock of the feed.
 */

/** Runs the work when all earlier work on any of these keys has ended. */
export type Turns = <Result>(keys: readonly string[], work: () => Promise<Result>) => Promise<Result>;

export function openTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return async (keys, work) => {
    const before = keys.flatMap((key) => last.get(key) ?? []);
    // Taken for all keys at once, so that turns have one order and nobody waits for each other.
    const mine = Promise.all(before).then(work);
    const ended = mine.then(
      () => undefined,
      // Whoever asked for the work is told of its failure; those who waited for it go on.
      () => undefined,
    );
    for (const key of keys) last.set(key, ended);
    try {
      return await mine;
    } finally {
      for (const key of keys) if (last.get(key) === ended) last.delete(key);
    }
  };
}
