/**
 * Who may read a content, and who may send it: whoever may read, or write, a record that names it. The one place where
 * files ask for rights; what a user may do with a record is decided where pull and push decide it (SYN-7).
 */
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import type { RecordState } from '../db/files.ts';
import { mayRead } from '../pull/scope.ts';

export const mayReadFileOf = (user: SignedInUser, collection: string, _record: RecordState): boolean => mayRead(user, collection);
export const maySendFileOf = (user: SignedInUser, collection: string, _record: RecordState): boolean => mayRead(user, collection);
