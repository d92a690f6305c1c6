/** Answers about one person. */
import type { NewKeyAnswer } from '../../domain/protocol/admin.ts';
import type { InviteAnswer, ResetLinkAnswer } from '../../domain/protocol/protocol.ts';
import { holding } from './admin-frame.tsx';

export const isInvited = holding<InviteAnswer>('id');
export const isResetLink = holding<ResetLinkAnswer>('link');
export const isNewKey = holding<NewKeyAnswer>('key', 'id');
