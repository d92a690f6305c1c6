/**
 * A text that holds documents one after the other, as JSON: a commit of the log or a page. Documents are kept as places in
 * segments, not as objects, so they cost their length; the texts of pages are dropped and read again as the budget asks.
 */
import type { PageHead } from './page.ts';

export interface Segment {
  /** Number of its page; 0 for the log, whose text stays until compaction. */
  readonly page: number;
  /** Number of the row of the page's body that it can be read again from; 0 for the log. */
  readonly row: number;
  text: string | undefined;
}

/** Where the text of a document lies. */
export interface Place {
  readonly segment: Segment;
  readonly from: number;
  readonly length: number;
}

/** The rows of a page's body, one a text; the texts are missing where they are on the disk only. */
export const segmentsOf = (page: number, rows: number, texts: readonly string[] = []): Segment[] =>
  Array.from({ length: rows }, (_, i) => ({ page, row: page + i, text: texts[i] }));

/** Where the documents of a page lie, in the order of their positions. */
export function placesIn(segments: readonly Segment[], { counts, lengths }: Pick<PageHead, 'counts' | 'lengths'>): Place[] {
  const places: Place[] = [];
  for (const [i, segment] of segments.entries()) {
    let from = 0;
    for (let left = counts[i] ?? 0; left > 0; left -= 1) {
      const length = lengths[places.length] ?? 0;
      places.push({ segment, from, length });
      from += length;
    }
  }
  return places;
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
