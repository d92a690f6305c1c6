/** What a caller may read. Everybody reads everything until the rights of the next issues come (SYN-7). */
import type { SignedInUser } from '../../domain/protocol/protocol.ts';

/** The one place that narrows what is pulled and streamed; `false` keeps a collection from this user. */
export const mayRead = (_user: SignedInUser, _collection: string): boolean => true;
