/** Reading a whole collection a page at a time, so that neither side holds all of it at once. */
import { type RxDocumentData, type RxStorageDefaultCheckpoint, getChangedDocumentsSince, normalizeMangoQuery, prepareQuery } from 'rxdb';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Desk } from './desk.ts';

type Stored = RxDocumentData<AnyDocument>;

/** All stored states of a collection in the order of their ids, tombstones included, at most `page` at a time. */
export async function* readPages(desk: Desk, collection: string, page: number): AsyncGenerator<Stored[], void, undefined> {
  const { storageInstance } = desk.collection(collection);
  const { schema } = storageInstance;
  let after = '';
  for (;;) {
    const next = normalizeMangoQuery<AnyDocument>(schema, { selector: { id: { $gt: after } }, sort: [{ id: 'asc' }], limit: page });
    const { documents } = await storageInstance.query(prepareQuery(schema, next));
    const last = documents.at(-1);
    if (last) yield documents;
    if (!last || documents.length < page) return;
    after = last.id;
  }
}

/**
 * All stored states of a collection in the order in which they were written, which is how they lie on the disk: by id, a large
 * collection whose ids are no running numbers would be read from the disk many times over. What is written meanwhile comes again.
 */
export async function* readAsWritten(desk: Desk, collection: string, page: number): AsyncGenerator<Stored[], void, undefined> {
  const { storageInstance } = desk.collection(collection);
  let after: RxStorageDefaultCheckpoint | undefined;
  for (;;) {
    const { documents, checkpoint } = await getChangedDocumentsSince<AnyDocument, RxStorageDefaultCheckpoint>(storageInstance, page, after);
    if (documents.length > 0) yield documents;
    if (documents.length < page) return;
    after = checkpoint;
  }
}
