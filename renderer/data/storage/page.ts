/**
 * Pages: documents of one collection, written once and never changed. The body holds the documents, in rows that can be read
 * one by one; the head holds what indexes and conflict checks need, so that a collection opens without reading any body. A head
 * is made again from its body when it is damaged, or when the indexes of the schema are others than it was written for. Head
 * and rows name their collection, so that a lost manifest can be made again from them.
 */
import type { Column } from './columns.ts';
import { decodeDocument } from './log.ts';
import type { StoredDoc } from './stored.ts';

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
  const at: number[] = [];
  for (const value of values) {
    const known = places.get(value);
    at.push(known ?? places.size);
    if (known !== undefined) continue;
    places.set(value, places.size);
    if (places.size * REPEATED > values.length) return values;
  }
  return { of: [...places.keys()], at };
}
/** The value at a position; undefined behind the end. */
export const packedAt = (column: PackedColumn | undefined, position: number): unknown =>
  column === undefined ? undefined : 'of' in column ? column.of[column.at[position] ?? -1] : column[position];
const packedLength = (column: PackedColumn | undefined): number | undefined =>
  column === undefined ? undefined : 'of' in column ? column.at.length : column.length;

export interface PageHead {
  readonly ids: readonly string[];
  /** In RxDB a revision is a height and the token of a process: few different ones. */
  readonly revs: PackedColumn;
  /** Length of each document in the body, in characters. */
  readonly lengths: readonly number[];
  /** Documents in each row of the body. */
  readonly counts: readonly number[];
  /** Packed values by field. */
  readonly columns: Readonly<Record<string, PackedColumn>>;
}
/** One row of a body: documents one after the other, from the start of its text on. */
export interface BodyRow {
  readonly owner: PageOwner;
  /** Its place among the rows, from 0. */
  readonly row: number;
  /** Position of its first document in the page. */
  readonly first: number;
  readonly lengths: readonly number[];
  readonly text: string;
}

/** The numbers that a page takes: its own, which is also that of its head, and one for each further row of its body. */
export const rowsOf = (page: number, rows: number): number[] => Array.from({ length: rows }, (_, i) => page + i);

/**
 * How many documents each row of each page takes. A row is full once it has so many characters, and only the last one of all may
 * have fewer; a page is full with the row that brings it to its own number. A document that fills a row has one to itself.
 */
export function cutPages(lengths: readonly number[], { pageChars, rowChars }: { readonly pageChars: number; readonly rowChars: number }) {
  const pages: number[][] = [];
  let inPage = pageChars;
  let inRow = 0;
  let count = 0;
  const endRow = (): void => {
    if (inPage >= pageChars) {
      pages.push([]);
      inPage = 0;
    }
    pages.at(-1)?.push(count);
    inPage += inRow;
    inRow = 0;
    count = 0;
  };
  for (const length of lengths) {
    if (count > 0 && length >= rowChars) endRow();
    count += 1;
    inRow += length;
    if (inRow >= rowChars) endRow();
  }
  if (count > 0) endRow();
  return pages;
}

/** The rows of a body. Each says behind its documents what they are: JSON holds no line break, so the last one ends them. */
export function encodeBody(
  { number, name, version, primary }: PageOwner,
  { counts, lengths }: Pick<PageHead, 'counts' | 'lengths'>,
  documents: readonly string[],
): string[] {
  let first = 0;
  return counts.map((count, row) => {
    const end = first + count;
    const about = JSON.stringify([number, row, first, lengths.slice(first, end), name, version, primary]);
    const text = [...documents.slice(first, end), '\n', about].join('');
    first = end;
    return text;
  });
}

export function decodeRow(text: string): BodyRow {
  const about = JSON.parse(text.slice(text.lastIndexOf('\n') + 1)) as [number, number, number, number[], string, number, string];
  const [number, row, first, lengths, name, version, primary] = about;
  return { owner: { number, name, version, primary }, row, first, lengths, text };
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
  packedLength(head.revs) === head.ids.length &&
  columns.every((column) => packedLength(head.columns[column.field]) === head.ids.length);

/** Documents that lie in a text one after the other. */
export function documentsIn(text: string, from: number, lengths: readonly number[]): StoredDoc[] {
  let at = from;
  return lengths.map((length) => {
    const document = decodeDocument(text, at, length);
    at += length;
    return document;
  });
}
