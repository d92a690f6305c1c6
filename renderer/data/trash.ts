/** Deleted records that can be restored. RxDB hides tombstones from find, so they are read from the storage itself. */
import { normalizeMangoQuery, prepareQuery } from 'rxdb';
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { plain } from './commit.ts';
import type { Desk } from './desk.ts';

/** Tombstones of a collection with their whole content, last deleted first. */
export async function listTrash(desk: Desk, collection: string): Promise<AnyDocument[]> {
  const { storageInstance } = desk.collection(collection);
  const query = normalizeMangoQuery<AnyDocument>(storageInstance.schema, { selector: { _deleted: { $eq: true } } });
  const { documents } = await storageInstance.query(prepareQuery(storageInstance.schema, query));
  return documents
    .filter((stored) => !isWithdrawn(stored))
    .map(plain)
    .sort((a, b) => (a.modifiedAt < b.modifiedAt ? 1 : a.modifiedAt > b.modifiedAt ? -1 : 0));
}
