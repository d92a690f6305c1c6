/**
 * What an edit was built on, named right. Whoever changes a record after it was pulled and before that is noted has built on what is
 * not noted yet, and RxDB's upstream would send the edit as one of the state before: merged so, what others had done since would
 * count as done by its author, and what they removed meanwhile would come back. So a push waits until all that is written is noted,
 * and names what is noted then. Where the device died in between, `founded` makes up for it first.
 */
import { type RxStorageInstanceReplicationState, getAssumedMasterState } from 'rxdb';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { PushRow } from '../../domain/protocol/protocol.ts';
import { followNoting } from '../data/storage/noting.ts';

type Inner = RxStorageInstanceReplicationState<AnyDocument>;

/** `founded`: until it is noted what the edits that wait since the last life were built on. */
export function makePushBase(founded: () => Promise<void>) {
  let noted = (): Promise<void> => Promise.resolve();
  return {
    /** Before anything is pulled. */
    follow(inner: Inner): void {
      noted = followNoting(inner);
    },
    /** The rows on what the server is known to have held when they were made. */
    async of(inner: Inner | undefined, rows: readonly PushRow[]): Promise<readonly PushRow[]> {
      await founded();
      await noted();
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
