/**
 * Pages: documents of one collection, written once and never changed. The body holds the documents; the head holds what
 * indexes and conflict checks need, so that a collection opens without reading any body. A head is made again from its body
 * when it is damaged, or when the indexes of the schema are others than it was written for. Both name their collection, so that
 * a lost manifest can be made again from them.
 */
import type { Column } from './columns.ts';

/** The collection that a page belongs to. */
export interface PageOwner {
  readonly number: number;
  readonly name: string;
  readonly version: number;
  readonly primary: string;
}
/** The values of a field, one a document; where few are different, each once and their places, which opens twice as fast. */
export type PackedColumn = readonly unknown[] | { readonly of: readonly unknown[]; readonly at: readonly number[] };
/** A dictionary pays from this many documents a value on. */
const REPEATED = 4;

export function packColumn(values: readonly unknown[]): PackedColumn {
  const places = new Map<unknown, number>();
  for (const value of values) if (!places.has(value)) places.set(value, places.size);
  if (places.size * REPEATED > values.length) return values;
  return { of: [...places.keys()], at: values.map((value) => places.get(value) ?? 0) };
}
/** The value at a position; undefined behind the end. */
export const packedAt = (column: PackedColumn | undefined, position: number): unknown =>
  column === undefined ? undefined : 'of' in column ? column.of[column.at[position] ?? -1] : column[position];
const packedLength = (column: PackedColumn | undefined): number | undefined =>
  column === undefined ? undefined : 'of' in column ? column.at.length : column.length;

export interface PageHead {
  readonly ids: readonly string[];
  readonly revs: readonly string[];
  /** Length of each document in the body, in characters. */
  readonly lengths: readonly number[];
  /** Where the first document starts in the body. */
  readonly from: number;
  /** Packed values by field. */
  readonly columns: Readonly<Record<string, PackedColumn>>;
}
export interface PageBody {
  readonly owner: PageOwner;
  readonly lengths: readonly number[];
  readonly text: string;
  /** Where the first document starts. */
  readonly from: number;
}

export function encodeBody(
  { number, name, version, primary }: PageOwner,
  lengths: readonly number[],
  documents: readonly string[],
): { readonly text: string; readonly from: number } {
  const head = `${JSON.stringify([number, lengths, name, version, primary])}\n`;
  return { text: head + documents.join(''), from: head.length };
}

export function decodeBody(text: string): PageBody {
  const from = text.indexOf('\n') + 1;
  const [number, lengths, name, version, primary] = JSON.parse(text.slice(0, from)) as [number, number[], string, number, string];
  return { owner: { number, name, version, primary }, lengths, text, from };
}

/** A head as it lies on the disk. */
export interface OwnedHead extends PageHead {
  readonly owner: PageOwner;
}
export const encodeHead = (owner: PageOwner, head: PageHead): string => JSON.stringify({ ...head, owner });
export const decodeHead = (text: string): OwnedHead => JSON.parse(text) as OwnedHead;

/** A head that knows all the columns of today and says the same number of documents everywhere. */
export const fits = (head: PageHead, columns: readonly Column[]): boolean =>
  head.ids.length === head.lengths.length &&
  head.ids.length === head.revs.length &&
  columns.every((column) => packedLength(head.columns[column.field]) === head.ids.length);
