/**
 * Who may read a content, and who may send it: whoever may read, or write, a record that names it. The one place where
 * files ask for rights; what a user may do with a record is decided where pull and push decide it (SYN-7).
 */
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import type { RecordState } from '../db/files.ts';
import { mayRead } from '../pull/scope.ts';

export interface FileRights {
  mayRead(record: RecordState): boolean;
  maySend(record: RecordState): boolean;
}
export type FileRightsOf = (user: SignedInUser) => Promise<FileRights>;

/** The rights of a caller as they are stored now. */
export function fileRights(collection: string): FileRightsOf {
  return async (user) => {
    const may = mayRead(user, collection);
    return { mayRead: () => may, maySend: () => may };
  };
}
