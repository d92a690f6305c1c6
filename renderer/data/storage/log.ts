/**
 * The log: one row a group commit, holding what all collections wrote at that moment, in order. Replayed from the manifest
 * on, it gives the state; what stands behind a row can never be there without the row, or the gap is seen.
 *
 * Payload: one line of JSON that names the steps, then the documents of all `put` steps, in order.
 */
import type { StoredDoc } from './stored.ts';

export type LogStep =
  /** A collection is known from here on; said again in each stretch of the log, and in each row until a manifest names it. Numbers are never used twice. */
  | readonly ['new', collection: number, name: string, version: number, primary: string]
  /** Documents whose texts follow, with their lengths. */
  | readonly ['put', collection: number, lengths: readonly number[]]
  /** Documents that were written as a page of their own in the same transaction. */
  | readonly ['page', collection: number, page: number, rows: number]
  /** Deleted documents that are forgotten for good. */
  | readonly ['purge', collection: number, ids: readonly string[]]
  | readonly ['drop', collection: number];

/** A `put` as it is read: the documents start at `from` in the text of the row. */
export interface LogRow {
  readonly steps: readonly LogStep[];
  /** All documents of the row, and where in it the first one starts. */
  readonly text: string;
  readonly from: number;
}

export const encodeLogRow = (steps: readonly LogStep[], documents: readonly string[]): { readonly text: string; readonly from: number } => {
  const head = `${JSON.stringify(steps)}\n`;
  return { text: head + documents.join(''), from: head.length };
};

/** Throws SyntaxError for what is no log row; the checksum lets that happen only for a bug. */
export function decodeLogRow(text: string): LogRow {
  const from = text.indexOf('\n') + 1;
  return { steps: JSON.parse(text.slice(0, from)) as LogStep[], text, from };
}

export const decodeDocument = (text: string, from: number, length: number): StoredDoc =>
  JSON.parse(text.slice(from, from + length)) as StoredDoc;
