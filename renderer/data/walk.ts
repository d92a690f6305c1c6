/** Reading a whole collection in chunks, and hearing every change of it: what feeds derived things such as the search. */
import { getChangedDocumentsSince } from 'rxdb';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { plain } from './commit.ts';
import type { Desk } from './desk.ts';

/** Live records of a collection, oldest write first, `chunk` at a time at most. Walks an index, so memory stays small. */
export async function* walkRecords(desk: Desk, collection: string, chunk: number): AsyncGenerator<AnyDocument[], void, undefined> {
  const storage = desk.collection(collection).storageInstance;
  let after: unknown;
  for (;;) {
    const page = await getChangedDocumentsSince(storage, chunk, after);
    if (page.documents.length === 0) return;
    after = page.checkpoint;
    yield page.documents.filter((stored) => !stored._deleted).map(plain);
  }
}

export interface RecordChange {
  readonly document: AnyDocument;
  readonly deleted: boolean;
}
/** Calls back with every written batch, whoever wrote it: this window, another one, or the sync. Answers how to stop. */
export function onChanges(desk: Desk, collection: string, listener: (changes: readonly RecordChange[]) => void): () => void {
  const sub = desk
    .collection(collection)
    .storageInstance.changeStream()
    .subscribe(({ events }) =>
      listener(events.map((event) => ({ document: plain(event.documentData), deleted: event.documentData._deleted }))),
    );
  return () => sub.unsubscribe();
}
