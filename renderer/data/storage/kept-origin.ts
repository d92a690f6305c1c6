/**
 * RxDB marks what its replication writes as coming from the other side (`_meta.o`), so that a document whose note was not written
 * any more, because the device died or its disk was full, is not taken for a change of this device and skipped from then on, whatever
 * comes of it. RxDB 17.6 loses the mark on inserts: its wrapper of storages gives them all one `_meta` of its own
 * (getWrappedStorageInstance in rx-storage-helper.ts). Here it stays.
 */
import {
  type RxCollection,
  type RxDocumentData,
  type RxDocumentMeta,
  type RxStorageInstanceReplicationState,
  createRevision,
  getHeightOfRevision,
  now,
} from 'rxdb';

/**
 * Has what this replication pulls keep its mark. `dropped`: what the bookkeeping of a state may hold of that state alone, and RxDB
 * would copy to whatever takes its place.
 */
export function keepOrigin<T>(
  inner: RxStorageInstanceReplicationState<T>,
  { database, storageInstance }: RxCollection<T>,
  dropped: string,
): void {
  const { forkInstance } = inner.input;
  const metaOf = ({ lwt, [dropped]: _, ...meta }: RxDocumentMeta): RxDocumentMeta => ({ lwt, ...meta });
  inner.input.forkInstance = {
    ...forkInstance,
    async bulkWrite(rows, context) {
      const kept = rows.map(({ document, ...row }) => ({ ...row, document: { ...document, _meta: metaOf(document._meta) } }));
      if (context !== (await inner.downstreamBulkWriteFlag)) return forkInstance.bulkWrite(kept, context);
      const lwt = now();
      const stamped = kept.map(({ previous, document }) => ({
        ...(previous ? { previous } : {}),
        document: { ...document, _meta: { ...document._meta, lwt }, _rev: createRevision(database.token, previous) },
      }));
      return database.lockedRun(() => storageInstance.originalStorageInstance.bulkWrite(stamped, context));
    },
  };
}

/** It was pulled, and nobody has changed it here since. */
export const isPulled = <T>({ _meta: { o: origin }, _rev }: RxDocumentData<T>): boolean => origin?._rev === getHeightOfRevision(_rev);

/** Tells of a stored document whether this replication pulled it and nobody has changed it here since. */
export async function pulledBy<T>({
  input: { identifier, hashFunction },
}: RxStorageInstanceReplicationState<T>): Promise<(stored: RxDocumentData<T>) => boolean> {
  const hash = await hashFunction(identifier);
  return (stored) => stored._meta.o?.hash === hash && isPulled(stored);
}
