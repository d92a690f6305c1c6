/** Asks before what is hard to take back, and for a reason where one is kept. Says in the same place when it was refused. */
import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';

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
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    const wrong = await onDo(reason.trim()).finally(() => setBusy(false));
    setProblem(wrong);
    if (wrong === '') onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <Text mb="sm">{text}</Text>
        {withReason ? (
          <TextInput
            label="Reason, kept in the audit"
            maxLength={500}
            mb="md"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
          />
        ) : null}
        {problem === '' ? null : (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} {...(danger ? { color: 'red.9' } : {})}>
            {action}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
