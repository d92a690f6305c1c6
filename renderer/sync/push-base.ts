/**
 * What an edit was built on, named right. RxDB's downstream writes what was pulled and then notes it as held by the server. Whoever
 * changes a record between the two has built on what is not noted yet, and RxDB's upstream would send the edit as one of the state
 * before: merged so, what others had done since would count as done by its author, and what they removed meanwhile would come back.
 * So a push waits until all that is written is noted, and names what is noted then. Shapes: replication-protocol of RxDB 17.6.
 */
import { type RxStorageInstanceReplicationState, getAssumedMasterState } from 'rxdb';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { PushRow } from '../../domain/protocol/protocol.ts';
import { nextTask } from '../data/storage/pace.ts';

type Inner = RxStorageInstanceReplicationState<AnyDocument>;

const NOTES = 'replication-down-write-meta';

export function makePushBase() {
  let noting: Promise<unknown> = Promise.resolve();
  let noted: Promise<unknown> = Promise.resolve();
  return {
    /** Before anything is pulled. */
    follow({ input }: Inner): void {
      const { forkInstance, metaInstance } = input;
      const write = metaInstance.bulkWrite.bind(metaInstance);
      metaInstance.bulkWrite = (rows, context) => {
        const done = write(rows, context);
        if (context === NOTES) noting = done.catch(() => undefined);
        return done;
      };
      input.forkInstance = {
        ...forkInstance,
        bulkWrite(rows, context) {
          const done = forkInstance.bulkWrite(rows, context);
          // RxDB begins to note in the microtasks behind the write, or has nothing to note.
          noted = done
            .catch(() => undefined)
            .then(nextTask)
            .then(() => noting);
          return done;
        },
      };
    },
    /** The rows on what the server is known to have held when they were made. */
    async of(inner: Inner | undefined, rows: readonly PushRow[]): Promise<readonly PushRow[]> {
      await noted;
      if (!inner) return rows;
      const known = await getAssumedMasterState(
        inner,
        rows.map(({ newDocumentState: { id } }) => id),
      );
      return rows.map((row) => {
        const held = known[row.newDocumentState.id]?.docData;
        return held && held.w !== row.assumedMasterState?.['w'] ? { ...row, assumedMasterState: held } : row;
      });
    },
  };
}
