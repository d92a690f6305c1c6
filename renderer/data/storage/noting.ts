/**
 * RxDB's downstream writes what was pulled, and then notes it as what the other side holds. This tells when all that is written is
 * noted. Shapes: replication-protocol/downstream.ts of RxDB 17.6.
 */
import type { RxStorageInstanceReplicationState } from 'rxdb';
import { nextTask } from './pace.ts';

const NOTES = 'replication-down-write-meta';

/** From before anything is pulled; answers how to wait. Of writes that fail RxDB tells. */
export function followNoting<T>({ input }: RxStorageInstanceReplicationState<T>): () => Promise<void> {
  const { forkInstance, metaInstance } = input;
  let noting: Promise<unknown> = Promise.resolve();
  let noted: Promise<unknown> = Promise.resolve();
  const note = metaInstance.bulkWrite.bind(metaInstance);
  metaInstance.bulkWrite = (rows, context) => {
    const done = note(rows, context);
    if (context === NOTES) noting = done;
    return done;
  };
  input.forkInstance = {
    ...forkInstance,
    bulkWrite(rows, context) {
      const done = forkInstance.bulkWrite(rows, context);
      noted = Promise.allSettled([done])
        // RxDB begins to note in the microtasks behind the write, or has nothing to note.
        .then(nextTask)
        .then(() => Promise.allSettled([noting]));
      return done;
    },
  };
  return async () => {
    await noted;
  };
}
