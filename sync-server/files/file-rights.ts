/**
 * Who may read a content, and who may send it: whoever may read, or write, a record that names it. The one place where
 * files ask for rights; what a user may do with a record is decided where pull and push decide it (SYN-7).
 */
import { isWithin } from '../../domain/access/condition.ts';
import type { Access } from '../access/access.ts';
import type { Caller } from '../auth/authenticate.ts';
import type { Runner } from '../db/database.ts';
import type { ReadAs } from '../db/fence.ts';
import type { RecordState } from '../db/files.ts';

export interface FileRights {
  /** Shows records as far as the caller may read them, whatever is asked of it. */
  readonly records: Runner;
  mayRead(record: RecordState): boolean;
  maySend(record: RecordState): boolean;
}
export type FileRightsOf = (caller: Pick<Caller, 'reach'>) => Promise<FileRights>;

/** The rights of a caller as they are stored now. */
export function fileRights(access: Pick<Access, 'now'>, readAs: ReadAs, collection: string): FileRightsOf {
  return async ({ reach }) => {
    const account = await access.now(reach);
    const mayRead = ({ doc }: RecordState): boolean => account.mayRead(collection, doc);
    // Whoever could have made the record, or may change it.
    const writable = (['create', 'update'] as const).map((action) => account.rights.scope(collection, action));
    const records = readAs(collection, account.read(collection).scope);
    return { records, mayRead, maySend: (record) => mayRead(record) && writable.some((scope) => isWithin(scope, record.doc)) };
  };
}
