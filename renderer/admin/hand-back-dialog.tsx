/** A refused change goes into an inbox again: its author's, or that of somebody who may see it. */
import { NativeSelect, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { RefusalLine, UserLine } from '../../domain/protocol/admin.ts';
import { ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { AskDialog } from './ask-dialog.tsx';

interface HandBackProps {
  readonly refusal: RefusalLine;
  /** Whom it may go to; empty where the reader may not see accounts. */
  readonly users: readonly UserLine[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function HandBackDialog({ refusal, users, onDone, onClose }: HandBackProps) {
  const session = useSession();
  const [to, setTo] = useState(refusal.accountId);
  const [note, setNote] = useState('');
  const others = users.filter(({ id, state }) => state === 'active' && id !== refusal.accountId);
  const name = users.find(({ id }) => id === to)?.name ?? refusal.accountName;
  const isAuthor = to === refusal.accountId;
  const send = async () => {
    const body = { number: refusal.number, to, note: note.trim() };
    const answer = await ask(session, '/admin/refusals/hand-back', isDone, body);
    if (answer.ok) {
      notifications.show({ message: `It is in the inbox of ${name}.` });
      onDone();
      onClose();
    }
    return answer;
  };
  return (
    <AskDialog
      title="Hand this change to somebody"
      action="Hand it over"
      ready={note.trim() !== ''}
      fields={['to', 'note']}
      onSend={send}
      onClose={onClose}
    >
      {(at) => (
        <>
          <NativeSelect
            label="To"
            data={[
              { value: refusal.accountId, label: `${refusal.accountName}, who wrote it` },
              ...others.map((user) => ({ value: user.id, label: user.name })),
            ]}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
            {...at('to')}
          />
          <Textarea
            label="What is to be done"
            description="Stands in the inbox, and in the audit."
            autosize
            minRows={2}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            {...at('note')}
            data-autofocus
          />
          <Text className="quiet">
            {isAuthor
              ? `${name} finds it open in the inbox again, mends it or discards it there.`
              : `${name} finds it in the inbox, mends it and sends it in the own name. ${refusal.accountName} sees that somebody else has it.`}
          </Text>
        </>
      )}
    </AskDialog>
  );
}
