/**
 * Records that this device may not have any more (SYN-7). Their content is overwritten by a stub when the server withdraws
 * them, in the record and in what RxDB remembers of the server; the stub itself is shown nowhere. Here is what else the
 * device keeps of a record.
 */
import type { Desk } from './desk.ts';

/** Removes drafts and before-images of withdrawn records. What a person wrote and was refused comes to the inbox by the server. */
export async function dropTraces(desk: Desk, collection: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { drafts, beforeImages } = desk.local;
  const gone = new Set(ids);
  await desk.local.transaction('rw', drafts, beforeImages, async () => {
    await drafts
      .where('[collection+id]')
      .anyOf(ids.map((id) => [collection, id]))
      .delete();
    await beforeImages.filter((image) => image.collection === collection && gone.has(image.id)).delete();
  });
}
