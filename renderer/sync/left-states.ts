/**
 * States that the server has left for good, because it took writes that were built on them. A live frame that was under way
 * meanwhile may still bring one: put over the newer state, it would be shown, and what is typed on it would undo that one.
 */
import type { PushRow, WireDocument } from '../../domain/protocol/protocol.ts';

/** More than can be under way at once; the oldest are forgotten. */
const MOST = 10_000;

export function makeLeftStates() {
  const left = new Set<unknown>();
  return {
    /** The server took these rows, but for those of records that it answered with. */
    answered(sent: readonly PushRow[], conflicts: readonly WireDocument[]): void {
      const ids = new Set(conflicts.map(({ id }) => id));
      for (const { assumedMasterState: base, newDocumentState: state } of sent)
        if (base && !ids.has(state.id) && base['w'] !== state['w']) left.add(base['w']);
      for (const w of left) {
        if (left.size <= MOST) break;
        left.delete(w);
      }
    },
    /** What of these the server may still hold. */
    without<Document extends object>(documents: readonly Document[]): Document[] {
      return documents.filter((document) => !('w' in document && left.has(document.w)));
    },
    /** The server was put back: it may hold what it had left. */
    clear(): void {
      left.clear();
    },
  };
}
