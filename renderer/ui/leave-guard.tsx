/** Asks before a form with unsaved changes is left. Nothing is lost either way: the draft stays on this device. */
import { Button, Group, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { Dialog } from './dialog.tsx';

export interface LeaveGuardProps {
  readonly dirty: boolean;
  /** Set right after a save, before the state has caught up. */
  readonly clean: RefObject<boolean>;
  readonly onSave: () => Promise<boolean>;
  readonly onDiscard: () => void;
}

export function LeaveGuard({ dirty, clean, onSave, onDiscard }: LeaveGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !clean.current && current.pathname !== next.pathname,
    enableBeforeUnload: false,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <Dialog onClose={blocker.reset} title="Leave without saving?" size="lg">
      <Text mb="md">What you typed is kept as a draft on this device and comes back when you open this form again.</Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={blocker.reset} data-autofocus>
          Keep editing
        </Button>
        <Button
          variant="default"
          onClick={() => {
            onDiscard();
            blocker.proceed();
          }}
        >
          Discard changes
        </Button>
        <Button variant="default" onClick={blocker.proceed}>
          Leave, keep draft
        </Button>
        <Button
          onClick={() => {
            void onSave().then((saved) => (saved ? blocker.proceed() : blocker.reset()));
          }}
        >
          Save
        </Button>
      </Group>
    </Dialog>
  );
}
