/**
 * RxDB marks what its replication writes as coming from the other side (`_meta.o`), so that a document whose note was not written
 * any more, because the device died or its disk was full, is not taken for a change of this device and skipped from then on, whatever
 * comes of it. RxDB 17.6 loses the mark on inserts: its wrapper of storages gives them all one `_meta` of its own
 * (getWrappedStorageInstance in rx-storage-helper.ts). Here it stays.
 */
import {
  type RxCollection,
  type RxDocumentData,
  type RxStorageInstanceReplicationState,
  createRevision,
  getHeightOfRevision,
  now,
} from 'rxdb';

/** Has what this replication pulls keep its mark. */
export function keepOrigin<T>(inner: RxStorageInstanceReplicationState<T>, { database, storageInstance }: RxCollection<T>): void {
  const { forkInstance } = inner.input;
  inner.input.forkInstance = {
    ...forkInstance,
    async bulkWrite(rows, context) {
      if (context !== (await inner.downstreamBulkWriteFlag)) return forkInstance.bulkWrite(rows, context);
      const lwt = now();
      const stamped = rows.map(({ previous, document }) => ({
        ...(previous ? { previous } : {}),
        document: { ...document, _meta: { ...document._meta, lwt }, _rev: createRevision(database.token, previous) },
      }));
      return database.lockedRun(() => storageInstance.originalStorageInstance.bulkWrite(stamped, context));
    },
  };
}

/** Tells of a stored document whether this replication pulled it and nobody has changed it here since. */
export async function pulledBy<T>({
  input: { identifier, hashFunction },
}: RxStorageInstanceReplicationState<T>): Promise<(stored: RxDocumentData<T>) => boolean> {
  const hash = await hashFunction(identifier);
  return ({ _meta: { o: origin }, _rev }) => origin?.hash === hash && origin._rev === getHeightOfRevision(_rev);
}
