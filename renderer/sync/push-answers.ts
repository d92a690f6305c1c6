/**
 * What the server has answered to pushes and RxDB has not noted yet. In between RxDB takes the records for unsent and skips
 * whatever comes of them; and after a restore it does not know that the server ever held these states.
 */
import type { PushRow, WireDocument } from '../../domain/protocol/protocol.ts';

/** By id: what the server is known to hold. */
export type Answers = ReadonlyMap<string, WireDocument>;
interface Write {
  readonly id: string;
  readonly w: string;
}

export function makePushAnswers() {
  const states = new Map<string, WireDocument>();
  /** By id: the write that the server answered with another state. */
  const replaced = new Map<string, string>();
  return {
    states: states as Answers,
    answered(sent: readonly PushRow[], conflicts: readonly WireDocument[]): void {
      const ids = new Set(conflicts.map(({ id }) => id));
      for (const { newDocumentState: state } of sent) {
        states.set(state.id, state);
        if (ids.has(state.id)) replaced.set(state.id, String(state['w']));
      }
      for (const document of conflicts) states.set(document.id, document);
    },
    /** RxDB has noted what the server holds of these. Answers the own writes that were replaced by it. */
    noted(held: readonly { readonly id: string }[]): Write[] {
      return held.flatMap(({ id }) => {
        states.delete(id);
        const w = replaced.get(id);
        return w !== undefined && replaced.delete(id) ? [{ id, w }] : [];
      });
    },
    /** RxDB will not note these any more. */
    forget(ids: readonly string[]): void {
      for (const id of ids) states.delete(id);
    },
  };
}
