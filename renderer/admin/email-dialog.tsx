/** Another e-mail address for somebody: by letters where the server sends letters, else by a link to hand on. */
import { Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { UserEmailAnswer, UserLine } from '../../domain/protocol/admin.ts';
import { ask } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { AskDialog } from './ask-dialog.tsx';
import { ReasonInput } from './reason-input.tsx';

const isAnswer = (value: unknown): value is UserEmailAnswer => typeof value === 'object' && value !== null;

interface EmailDialogProps {
  readonly user: UserLine;
  readonly onLink: (link: string) => void;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

export function EmailDialog({ user, onLink, onChanged, onClose }: EmailDialogProps) {
  const session = useSession();
  const [email, setEmail] = useState('');
  const [reason, setReason] = useState('');
  const send = async () => {
    const body = { account: user.id, email: email.trim(), reason: reason.trim() };
    const answer = await ask(session, '/admin/users/email', isAnswer, body);
    if (!answer.ok) return answer;
    onClose();
    onChanged();
    if (answer.value.link !== undefined) onLink(answer.value.link);
    else notifications.show({ message: `Letters were sent to ${body.email}, to be confirmed there, and to ${user.email}.` });
    return answer;
  };
  return (
    <AskDialog
      title={`Another e-mail address for ${user.name}`}
      action="Ask for it"
      ready={email.trim() !== '' && reason.trim() !== ''}
      fields={['email', 'reason']}
      onSend={send}
      onClose={onClose}
    >
      {(at) => (
        <>
          <Text>
            The address counts once it was confirmed by the link that goes there, within a day; until then {user.email} can stop it. Whoever
            reads the letters of an address can have a new password sent there, so be sure who asks.
          </Text>
          <TextInput
            label="New e-mail address"
            type="email"
            autoComplete="off"
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            {...at('email')}
            data-autofocus
          />
          <ReasonInput value={reason} onChange={setReason} {...at('reason')} />
        </>
      )}
    </AskDialog>
  );
}
