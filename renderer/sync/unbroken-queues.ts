/**
 * RxDB strings the steps of a replication on chains of promises, and none of them goes on behind a step that failed
 * (replication-protocol of 17.6): after one checkpoint that found no room on the disk none is stored any more, the next pull
 * waits for ever, and a stop fails. Here a failed step is told and the next one runs. A checkpoint that is missing is made up for
 * by the next, because each is written behind all that it stands for.
 */
import type { RxError, RxStorageInstanceReplicationState } from 'rxdb';

/** Keeps the chain in this property going: a failed step ends with nothing. */
function keepGoing<Key extends string>(owner: Record<Key, Promise<unknown>>, key: Key, failed: (error: unknown) => void): void {
  let chain: Promise<unknown>;
  const keep = (next: Promise<unknown>): void => {
    chain = next.catch(failed);
  };
  keep(owner[key]);
  Object.defineProperty(owner, key, { configurable: true, enumerable: true, get: () => chain, set: keep });
}

/**
 * Tells failed steps by the errors of the replication, and goes on. A checkpoint that cannot be read counts as none: too much is
 * asked for then, never too little.
 */
export function keepQueuesGoing<T>(inner: RxStorageInstanceReplicationState<T>): void {
  const { active, error } = inner.events;
  // As RxDB does with what fails elsewhere, whatever that is.
  const tell = (fault: unknown): void => error.next(fault as RxError);
  keepGoing(inner as Record<'checkpointQueue', Promise<unknown>>, 'checkpointQueue', tell);
  for (const direction of ['up', 'down'] as const) {
    keepGoing(inner.streamQueue as Record<typeof direction, Promise<unknown>>, direction, (fault) => {
      // RxDB says so only behind a step that went well.
      active[direction].next(false);
      tell(fault);
    });
  }
}
