/** Messages between the window and the index, and the index behind them. */
import type { Hit, SearchOptions } from './hit.ts';
import { makeIndex } from './search-index.ts';
import type { SearchRow } from './search-row.ts';

export type ToIndex =
  | { readonly kind: 'put'; readonly rows: readonly SearchRow[] }
  | { readonly kind: 'remove'; readonly keys: readonly string[] }
  | { readonly kind: 'search'; readonly turn: number; readonly typed: string; readonly options: SearchOptions };
export interface FromIndex {
  readonly turn: number;
  readonly hits: readonly Hit[];
}

/** Answers messages one after another, as the worker does. */
export function answerWith(reply: (message: FromIndex) => void): (message: ToIndex) => void {
  const index = makeIndex();
  return (message) => {
    if (message.kind === 'put') index.put(message.rows);
    else if (message.kind === 'remove') index.remove(message.keys);
    else reply({ turn: message.turn, hits: index.search(message.typed, message.options) });
  };
}
