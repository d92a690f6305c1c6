/**
 * A text that holds documents one after the other, as JSON: a commit of the log or a page. Documents are kept as places in
 * segments, not as objects, so they cost their length; the texts of pages are dropped and read again as the budget asks.
 */
export interface Segment {
  /** Number of the page it can be read again from; 0 for the log, whose text stays until compaction. */
  readonly page: number;
  text: string | undefined;
}

/** Keeps the texts of pages within a number of characters, dropping those that were not used for longest. */
export interface PageBudget {
  /** Marks as just used, and makes room. */
  touch(segment: Segment): void;
  forget(segment: Segment): void;
  readonly used: number;
}

export function makePageBudget(most: number): PageBudget {
  const held = new Map<Segment, number>();
  let used = 0;
  const forget = (segment: Segment): void => {
    used -= held.get(segment) ?? 0;
    held.delete(segment);
  };
  return {
    touch(segment) {
      forget(segment);
      const size = segment.text?.length ?? 0;
      held.set(segment, size);
      used += size;
      for (const oldest of held.keys()) {
        if (used <= most || oldest === segment) break;
        forget(oldest);
        oldest.text = undefined;
      }
    },
    forget,
    get used() {
      return used;
    },
  };
}
