/**
 * Encrypts a store that was written without a key, while it is in use. First the manifest, which from then on asks for the key
 * and says that plain pages are accepted; then page by page in place; last a compaction, which empties the log and writes the
 * manifest that accepts them no more. A crash anywhere leaves a store that opens with its key, and the next opening goes on.
 */
import { StorageFault } from './fault.ts';
import { type FrameKind, isSealed, openFrame, sealFrame } from './frame.ts';
import { makePace } from './pace.ts';
import type { PageStore } from './page-store.ts';

type Table = 'bodies' | 'heads' | 'orders';
const kindIn: Readonly<Record<Table, FrameKind>> = { bodies: 'body', heads: 'head', orders: 'order' };
/** Pages a transaction: a megabyte or two. */
const AT_ONCE = 4;

/** The encrypted rows of these pages, as far as they were plain. A damaged page stays as it is: it is told when it is read. */
async function sealedRows({ disk, key, store }: PageStore, table: Table, numbers: readonly number[]) {
  const rows: { readonly no: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  const frames = await disk.readPages(table, numbers);
  for (const [i, position] of numbers.entries()) {
    const frame = frames[i];
    if (isSealed(frame) !== false) continue;
    const place = { kind: kindIn[table], position, store };
    const opened = await openFrame(place, frame, key, true);
    if (opened.ok) rows.push({ no: position, bytes: await sealFrame(place, opened.payload.slice(), key) });
  }
  return rows;
}

/** Encrypts every plain page that is there now. What is written meanwhile is encrypted by whoever writes it. Throws StorageFault. */
export async function encryptPages(pages: PageStore, isClosed: () => boolean): Promise<void> {
  const { disk } = pages;
  const breathe = makePace();
  for (const table of ['bodies', 'heads', 'orders'] as const) {
    const numbers = await disk.numbersIn(table);
    for (let start = 0; start < numbers.length; start += AT_ONCE) {
      if (isClosed()) throw new StorageFault('closed', 'The storage was closed; the next opening goes on encrypting.');
      const rows = await sealedRows(pages, table, numbers.slice(start, start + AT_ONCE));
      if (rows.length > 0) await disk.replacePages(table, rows);
      await breathe();
    }
  }
}
