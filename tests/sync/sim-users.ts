/** The people of a simulated company. */
import type { SignedInUser } from '../../domain/protocol/protocol.ts';

export type SimUser = SignedInUser;

export const simUser = (id: string, deskId: string, role: SimUser['role'] = 'broker'): SimUser => ({
  id,
  email: `${id}@drover.example`,
  name: id,
  role,
  deskId,
});
