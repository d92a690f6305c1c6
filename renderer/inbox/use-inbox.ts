/** The entries of the signed-in person, live. */
import { useMemo } from 'react';
import type { Activity } from '../../domain/activity/activity.entity.ts';
import { type Entry, entriesQuery, readEntry } from '../data/inbox.ts';
import { useRecord, useRecords } from '../data/live.ts';
import { useActor } from '../ui/use-submit.tsx';

/** Entries shown at first, and how many more each time. */
export const ENTRIES = 200;

/** Open ones first come, first shown; resolved ones the last resolved first. */
export function useEntries(
  which: 'open' | 'resolved',
  most: number = ENTRIES,
): {
  readonly entries: readonly Entry[];
  readonly total: number;
  readonly ready: boolean;
} {
  const { userId } = useActor();
  const { records, total, ready } = useRecords<Activity>('activities', entriesQuery(userId, which, most));
  const entries = useMemo(() => {
    const read = records.map(readEntry);
    return which === 'open' ? read.toSorted((a, b) => a.at.localeCompare(b.at)) : read.toSorted((a, b) => b.doneAt.localeCompare(a.doneAt));
  }, [records, which]);
  return { entries, total, ready };
}

export const useOpenCount = (): number => useEntries('open').total;

export function useEntry(id: string): { readonly entry: Entry | undefined; readonly ready: boolean } {
  const { userId } = useActor();
  const { record, deleted, ready } = useRecord<Activity>('activities', id);
  const entry = useMemo(() => {
    const isMine = record && !deleted && record.assignedTo === userId && (record.kind === 'refusal' || record.kind === 'clash');
    return isMine ? readEntry(record) : undefined;
  }, [record, deleted, userId]);
  return { entry, ready };
}
