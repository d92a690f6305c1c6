/**
 * Keeps decoded documents within a number of characters of their texts. First in, first out: what is read again soon after
 * costs one decoding of some microseconds, and a list of uses would cost more than that.
 */
import type { StoredDoc } from './stored.ts';

export interface DecodedBudget {
  /** `documents[slot]` was set to a document whose text has this length. */
  hold(documents: (StoredDoc | undefined)[], slot: number, length: number): void;
}

interface Held {
  readonly documents: (StoredDoc | undefined)[];
  readonly slot: number;
  readonly document: StoredDoc | undefined;
  readonly length: number;
}

export function makeDecodedBudget(most: number): DecodedBudget {
  let held: Held[] = [];
  let first = 0;
  let used = 0;
  return {
    hold(documents, slot, length) {
      held.push({ documents, slot, document: documents[slot], length });
      used += length;
      while (used > most && first < held.length) {
        const oldest = held[first];
        first += 1;
        if (!oldest) continue;
        used -= oldest.length;
        if (oldest.documents[oldest.slot] === oldest.document) oldest.documents[oldest.slot] = undefined;
      }
      if (first > 4096 && first > held.length / 2) {
        held = held.slice(first);
        first = 0;
      }
    },
  };
}
