/** The people of a simulated company, and what each of them may see. */
import type { SignedInUser, WireDocument } from '../../domain/protocol/protocol.ts';

export type SimUser = SignedInUser;

export const simUser = (id: string, deskId: string, role: SimUser['role'] = 'broker'): SimUser => ({
  id,
  email: `${id}@drover.example`,
  name: id,
  role,
  deskId,
});

/** Whether this user may read this document. Everybody reads everything until the server narrows it (SYN-7). */
export const maySee = (_user: SimUser, _collection: string, _document: WireDocument): boolean => true;
