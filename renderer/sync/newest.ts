/**
 * How far in the feed this device knows what the server holds: everything up to the last page, and of the records of its pushes
 * what was answered. A live frame from before that, late because another server process read it or because the answer was faster,
 * holds older states. Put over the newer ones they would be shown, and what is typed on them would undo those.
 */
import { readMark } from '../../domain/protocol/mark.ts';
import type { Positions } from '../../domain/protocol/positions.ts';
import type { Checkpoint, PushRow } from '../../domain/protocol/protocol.ts';

interface Known {
  readonly epoch: string;
  readonly at: number;
}

export function makeNewest() {
  let pulled: Known | undefined;
  /** By id, of records of pushes: what comes with an earlier checkpoint is older than what was answered. */
  const pushed = new Map<string, Known>();
  const isBefore = ({ id, lwt }: Checkpoint, known: Known | undefined): boolean =>
    known !== undefined && known.epoch === readMark(id).epoch && lwt < known.at;
  return {
    /** A page of everything up to there. */
    pulled({ id, lwt }: Checkpoint): void {
      // What it holds has a position of its own: only what comes with a later one is new.
      pulled = { epoch: readMark(id).epoch, at: lwt + 1 };
    },
    pushed(rows: readonly PushRow[], positions: Positions | undefined): void {
      if (!positions) return;
      const { epoch, at } = positions;
      for (const [i, { newDocumentState }] of rows.entries()) pushed.set(newDocumentState.id, { epoch, at: at[i] ?? 0 });
    },
    /** What of these documents of a frame may be new. */
    in<Document extends { readonly id: string }>(documents: readonly Document[], checkpoint: Checkpoint): readonly Document[] {
      if (isBefore(checkpoint, pulled)) return [];
      const fresh = documents.filter(({ id }) => !isBefore(checkpoint, pushed.get(id)));
      // Frames come in the order of the feed: a later one is not from before this.
      for (const [id, known] of pushed) if (!isBefore(checkpoint, known)) pushed.delete(id);
      return fresh;
    },
  };
}
