/** Reading a whole collection in the order of its ids, a page at a time, so that neither side holds all of it at once. */
import { type RxDocumentData, normalizeMangoQuery, prepareQuery } from 'rxdb';
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
