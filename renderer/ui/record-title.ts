/** The name of a record behind a reference. */
import { useRecord } from '../data/live.ts';
import { MISSING_TITLE } from './grid-columns.ts';
import { titleOf } from './view.ts';
import { useViewBook } from './view-book.tsx';

export interface Named {
  readonly title: string;
  readonly subtitle: string;
  /** Address of the record's page; undefined when it is not on the device. */
  readonly to: { readonly face: string; readonly id: string } | undefined;
  readonly deleted: boolean;
}

/** '' as id gives an empty title. */
export function useNamed(collection: string, id: string): Named {
  const book = useViewBook();
  const { record, deleted, ready } = useRecord(collection, id);
  const view = book.view(collection);
  if (id === '' || !ready || !view) return { title: '', subtitle: '', to: undefined, deleted: false };
  if (!record) return { title: MISSING_TITLE, subtitle: '', to: undefined, deleted: false };
  const faced = book.faceOf(collection, record);
  const title = titleOf(view, record);
  return {
    title: deleted ? `${title} (deleted)` : title,
    subtitle: view.subtitle(record),
    to: faced && !deleted ? { face: faced.face.key, id } : undefined,
    deleted,
  };
}
