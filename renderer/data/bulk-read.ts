/**
 * Reading many records at once. RxDB's Dexie storage walks a cursor, one event a record; IndexedDB can hand out a whole
 * page in one answer, which took a fifth of the time for 7,000 plants and leaves the window's thread alone meanwhile.
 */
import { type RxDocumentData, normalizeMangoQuery, prepareQuery } from 'rxdb';
import type { Table } from 'dexie';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Desk } from './desk.ts';

type Stored = RxDocumentData<AnyDocument>;

/** What RxDB's Dexie storage keeps of an open collection, as far as it is read here (rxdb is pinned to one version). */
interface DexieState {
  readonly dexieTable: Table<Stored, string>;
  /** Flags in an index are stored as '1' and '0', and would have to be turned back. */
  readonly booleanIndexes: readonly string[];
}
const isDexieState = (state: unknown): state is DexieState =>
  typeof state === 'object' && state !== null && 'dexieTable' in state && 'booleanIndexes' in state;

async function dexieTable(desk: Desk, collection: string): Promise<Table<Stored, string> | undefined> {
  // A promise on Dexie, which the type does not say.
  const state = await Promise.resolve<unknown>(desk.collection(collection).storageInstance.internals);
  return isDexieState(state) && state.booleanIndexes.length === 0 ? state.dexieTable : undefined;
}

/** All stored states of a collection in the order of their ids, tombstones included, at most `page` at a time. */
export async function* readPages(desk: Desk, collection: string, page: number): AsyncGenerator<Stored[], void, undefined> {
  const table = await dexieTable(desk, collection);
  if (!table) {
    const { storageInstance } = desk.collection(collection);
    const everything = normalizeMangoQuery<AnyDocument>(storageInstance.schema, { selector: {} });
    const { documents } = await storageInstance.query(prepareQuery(storageInstance.schema, everything));
    for (let start = 0; start < documents.length; start += page) yield documents.slice(start, start + page);
    return;
  }
  let after = '';
  for (;;) {
    const stored = await table.where(':id').above(after).limit(page).toArray();
    const last = stored.at(-1);
    if (!last) return;
    yield stored;
    if (stored.length < page) return;
    after = last.id;
  }
}
