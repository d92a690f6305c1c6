/** Packs pages, reads them from the disk, and says what became of those that cannot be read. */
import type { Disk, PageRows } from './disk.ts';
import type { OnDamage } from './fault.ts';
import { type Unreadable, openFrame, sealFrame, textOf } from './frame.ts';
import { type BodyRow, type OwnedHead, type PageHead, type PageOwner, decodeHead, decodeRow, encodeHead } from './page.ts';
import type { PageBudget, Segment } from './segment.ts';

/** What reading and writing pages needs to know of the store. */
export interface PageStore {
  readonly disk: Disk;
  readonly key: CryptoKey | undefined;
  /** Pages without encryption are accepted besides, until all have been encrypted. */
  mixed: boolean;
  /** Random number of the store. */
  readonly store: number;
  readonly budget: PageBudget;
  /** Characters of documents a page. */
  readonly pageChars: number;
  /** Characters of documents a row of a page's body: what is read for one of them. */
  readonly rowChars: number;
  readonly onDamage: OnDamage;
}

/** The rows of a page, ready to be written. */
export async function sealPage(
  { store, key }: PageStore,
  no: number,
  owner: PageOwner,
  head: PageHead,
  body: readonly string[],
): Promise<PageRows> {
  return {
    no,
    body: await Promise.all(body.map((text, i) => sealFrame({ kind: 'body', position: no + i, store }, text, key))),
    head: await sealFrame({ kind: 'head', position: no, store }, encodeHead(owner, head), key),
  };
}

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: Unreadable };

async function readFrames<T>(
  { store, key, mixed }: PageStore,
  kind: 'body' | 'head',
  pages: readonly number[],
  frames: readonly unknown[],
  decode: (text: string) => T,
): Promise<Read<T>[]> {
  return Promise.all(
    pages.map(async (position, i) => {
      const opened = await openFrame({ kind, position, store }, frames[i], key, mixed);
      return opened.ok ? { ok: true, value: decode(textOf(opened.payload)) } : opened;
    }),
  );
}

export const readHeads = async (pages: PageStore, numbers: readonly number[]): Promise<Read<OwnedHead>[]> =>
  readFrames(pages, 'head', numbers, await pages.disk.readHeads(numbers), decodeHead);

export const readRows = async (pages: PageStore, numbers: readonly number[]): Promise<Read<BodyRow>[]> =>
  readFrames(pages, 'body', numbers, await pages.disk.readBodies(numbers), decodeRow);

/**
 * The texts of segments, read where they are not in memory. They are held by the answer as long as the caller needs them,
 * whatever the budget drops meanwhile. A segment that cannot be read is missing in it, and `lost` was called.
 */
export async function textsOf(
  pages: PageStore,
  segments: Iterable<Segment>,
  lost: (segment: Segment, reason: Unreadable) => void,
): Promise<Map<Segment, string>> {
  const texts = new Map<Segment, string>();
  const away: Segment[] = [];
  for (const segment of new Set(segments)) {
    if (segment.text === undefined) away.push(segment);
    else texts.set(segment, segment.text);
  }
  if (away.length === 0) return texts;
  const read = await readRows(
    pages,
    away.map(({ row }) => row),
  );
  for (const [i, segment] of away.entries()) {
    const row = read[i];
    if (row?.ok) {
      segment.text = row.value.text;
      texts.set(segment, row.value.text);
      pages.budget.touch(segment);
    } else lost(segment, row?.reason ?? 'missing');
  }
  return texts;
}
