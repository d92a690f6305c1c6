/** React's view of the desk: hooks over the live reads. A component re-renders when what it reads has changed. */
import { type ReactNode, createContext, createElement, useContext, useMemo, useSyncExternalStore } from 'react';
import type { Company } from '../../domain/access/company.ts';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Desk } from './desk.ts';
import type { Live } from './live-value.ts';
import { type RecordState, type RecordsState, observeRecord, observeTrash } from './observe.ts';
import { type RecordQuery, observeRecords, observeRelated } from './observe-records.ts';

const DeskContext = createContext<Desk | undefined>(undefined);

export const DeskProvider = ({ desk, children }: { readonly desk: Desk; readonly children: ReactNode }): ReactNode =>
  createElement(DeskContext, { value: desk }, children);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('useDesk outside of DeskProvider');
  return desk;
}

/** Reads a live value and follows it while mounted. */
export const useLive = <T>(live: Live<T>): T => useSyncExternalStore(live.subscribe, live.get, live.get);

/** What the company has set, as this device was last told. */
export const useCompany = (): Company => useLive(useDesk().company);

/** One record by id; a deleted one comes with `deleted: true`. */
export function useRecord<T extends AnyDocument = AnyDocument>(collection: string, id: string): RecordState<T> {
  const desk = useDesk();
  return useLive(useMemo(() => observeRecord<T>(desk, collection, id), [desk, collection, id]));
}

/** The records that match. The query is compared by content, so it may be written inline. */
export function useRecords<T extends AnyDocument = AnyDocument>(collection: string, query: RecordQuery = {}): RecordsState<T> {
  const desk = useDesk();
  const key = JSON.stringify(query);
  return useLive(useMemo(() => observeRecords<T>(desk, collection, JSON.parse(key) as RecordQuery), [desk, collection, key]));
}

/** Records of `collection` whose reference `field` names `id`. */
export function useRelated<T extends AnyDocument = AnyDocument>(collection: string, field: string, id: string): RecordsState<T> {
  const desk = useDesk();
  return useLive(useMemo(() => observeRelated<T>(desk, collection, field, id), [desk, collection, field, id]));
}

/** Deleted records that can be restored, last deleted first. */
export function useTrash<T extends AnyDocument = AnyDocument>(collection: string): RecordsState<T> {
  const desk = useDesk();
  return useLive(useMemo(() => observeTrash<T>(desk, collection), [desk, collection]));
}
