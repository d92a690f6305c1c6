/**
 * Who may read a content, and who may send it: whoever may read, or write, a record that names it. The one place where
 * files ask for rights; what a user may do with a record is decided where pull and push decide it (SYN-7).
 */
import { isWithin } from '../../domain/access/condition.ts';
import type { AccountAccess } from '../access/access.ts';
import type { RecordState } from '../db/files.ts';

export const mayReadFileOf = (account: AccountAccess, collection: string, { doc }: RecordState): boolean =>
  account.mayRead(collection, doc);

/** Whoever could have made the record, or may change it. */
export const maySendFileOf = (account: AccountAccess, collection: string, { doc }: RecordState): boolean =>
  account.mayRead(collection, doc) &&
  (['create', 'update'] as const).some((action) => isWithin(account.rights.scope(collection, action), doc));
