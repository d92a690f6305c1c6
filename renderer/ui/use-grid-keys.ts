/** Keyboard of a grid: one Tab stop, arrows move the row, Home/End, PageUp/PageDown, Enter opens. After the ARIA grid pattern. */
import type { KeyboardEvent } from 'react';

export interface GridKeys {
  readonly count: number;
  readonly at: number;
  readonly page: number;
  readonly go: (index: number) => void;
  readonly open: (index: number) => void;
}

/** The row a key leads to; undefined for a key that is none of the grid's. */
export function rowAfter(key: string, at: number, count: number, page: number): number | undefined {
  const last = count - 1;
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: last,
  };
  const target = moves[key];
  return target === undefined || count === 0 ? undefined : Math.min(last, Math.max(0, target));
}

/**
 * Where the current row is. A record that left the list (deleted, filtered, moved by somebody else) leaves the keyboard where it
 * was, not at the head of the list: Enter must not open what nobody chose.
 */
export function currentRow(shown: readonly { readonly id: string }[], rowId: string, was: number): number {
  const found = rowId === '' ? 0 : shown.findIndex(({ id }) => id === rowId);
  return found >= 0 ? found : Math.max(0, Math.min(was, shown.length - 1));
}

export function onGridKey(event: KeyboardEvent, { count, at, page, go, open }: GridKeys): void {
  if (event.altKey || event.metaKey) return;
  if (event.key === 'Enter' && count > 0) {
    event.preventDefault();
    open(Math.max(0, at));
    return;
  }
  const target = rowAfter(event.key, at, count, page);
  if (target === undefined) return;
  event.preventDefault();
  go(target);
}
