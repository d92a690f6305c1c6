/** Live reads of records, without React. */
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Stored, plain, storedStates } from './commit.ts';
import type { Desk } from './desk.ts';
import { type Live, makeLive } from './live-value.ts';
import { paced } from './pace.ts';
import { listTrash } from './trash.ts';

export interface RecordState<T extends AnyDocument = AnyDocument> {
  /** The record, a deleted one included, so that a page can still name it. */
  readonly record: T | undefined;
  readonly deleted: boolean;
  /** False until the first read is back. */
  readonly ready: boolean;
}

/** One record by id. */
export function observeRecord<T extends AnyDocument = AnyDocument>(desk: Desk, collection: string, id: string): Live<RecordState<T>> {
  const nothing: RecordState<T> = { record: undefined, deleted: false, ready: false };
  return makeLive(nothing, (set) => {
    const show = (stored: Stored | undefined): void => {
      const there = stored && !isWithdrawn(stored) ? stored : undefined;
      set({ record: there ? (plain(there) as T) : undefined, deleted: there?._deleted === true, ready: true });
    };
    let heard = false;
    let stopped = false;
    const sub = desk
      .collection(collection)
      .storageInstance.changeStream()
      .subscribe(({ events }) => {
        const event = events.findLast((one) => one.documentId === id);
        if (!event) return;
        heard = true;
        show(event.documentData);
      });
    const read = async (): Promise<void> => {
      const stored = (await storedStates(desk, collection, [id])).get(id);
      // An event that came while the read was under way is newer than the read.
      if (stopped || heard) return;
      show(stored);
    };
    void read();
    return () => {
      stopped = true;
      sub.unsubscribe();
    };
  });
}

export interface RecordsState<T extends AnyDocument = AnyDocument> {
  readonly records: readonly T[];
  /** How many match without the limit. */
  readonly total: number;
  readonly ready: boolean;
}

/** Deleted records of a collection, last deleted first. */
export function observeTrash<T extends AnyDocument = AnyDocument>(desk: Desk, collection: string): Live<RecordsState<T>> {
  const nothing: RecordsState<T> = { records: [], total: 0, ready: false };
  return makeLive(nothing, (set) => {
    let stopped = false;
    const pace = paced(async () => {
      const records = (await listTrash(desk, collection)) as T[];
      if (!stopped) set({ records, total: records.length, ready: true });
    });
    const sub = desk
      .collection(collection)
      .storageInstance.changeStream()
      .subscribe(({ events }) => {
        if (events.some((event) => event.operation !== 'UPDATE' || event.documentData._deleted)) pace.poke();
      });
    pace.poke();
    return () => {
      stopped = true;
      sub.unsubscribe();
      pace.stop();
    };
  });
}
