/** Asks before what is hard to take back, and for a reason where one is kept. Says in the same place when it was refused. */
import { Text } from '@mantine/core';
import { useState } from 'react';
import { AskDialog } from './ask-dialog.tsx';
import { ReasonInput } from './reason-input.tsx';

interface QuestionProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly withReason?: boolean;
  readonly danger?: boolean;
  /** Answers what was wrong; '' closes. */
  readonly onDo: (reason: string) => Promise<string>;
  readonly onClose: () => void;
}

export function Question({ title, text, action, withReason = false, danger = false, onDo, onClose }: QuestionProps) {
  const [reason, setReason] = useState('');
  return (
    <AskDialog
      title={title}
      action={action}
      danger={danger}
      onSend={async () => {
        const message = await onDo(reason.trim());
        if (message !== '') return { ok: false, message };
        onClose();
        return { ok: true };
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <Text>{text}</Text>
          {withReason ? <ReasonInput first value={reason} onChange={setReason} /> : null}
        </>
      )}
    </AskDialog>
  );
}
