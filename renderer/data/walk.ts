/** Reading a whole collection in chunks, and hearing every change of it: what feeds derived things such as the search. */
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { readAsWritten } from './bulk-read.ts';
import { plain } from './commit.ts';
import type { Desk } from './desk.ts';

/** Live records of a collection, `chunk` at a time at most, so memory stays small. What is written meanwhile may be in it or not. */
export async function* walkRecords(desk: Desk, collection: string, chunk: number): AsyncGenerator<AnyDocument[], void, undefined> {
  for await (const page of readAsWritten(desk, collection, chunk)) yield page.filter((stored) => !stored._deleted).map(plain);
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
