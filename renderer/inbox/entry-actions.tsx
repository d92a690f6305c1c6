/** What can be done with an entry: shared by refusals and clashes. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { type Entry, resolveEntry } from '../data/inbox.ts';
import { useDesk } from '../data/live.ts';
import type { SubmitResult } from '../data/submit.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useActor } from '../ui/use-submit.tsx';

/** Runs a resolving step once at a time and says how it ended. */
export function useStep(entry: Entry): { readonly busy: boolean; readonly run: (said: string, step: () => Promise<SubmitResult>) => void } {
  const [busy, setBusy] = useState(false);
  const run = async (said: string, step: () => Promise<SubmitResult>): Promise<void> => {
    setBusy(true);
    const result = await step().finally(() => setBusy(false));
    if (result.ok) notifications.show({ message: said, autoClose: 5000 });
    else
      notifications.show({
        color: 'red',
        title: `${entry.recordTitle || 'The record'} was not changed`,
        message: result.rejection.message,
      });
  };
  return { busy, run: (said, step) => void run(said, step) };
}

/** Closes an entry for good, after asking: what was typed is then only in its history. */
export function DiscardButton({ entry }: { readonly entry: Entry }) {
  const desk = useDesk();
  const actor = useActor();
  const { busy, run } = useStep(entry);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button variant="default" loading={busy} onClick={() => setAsking(true)}>
        Discard
      </Button>
      {asking ? (
        <Dialog title="Discard what you wrote?" size="sm" onClose={() => setAsking(false)}>
          <p>The record stays as it is stored. The entry moves to the resolved ones and can be read there.</p>
          <span className="inbox-actions">
            <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
              Keep it
            </Button>
            <Button
              color="red"
              onClick={() => {
                setAsking(false);
                run('The entry is closed.', () => resolveEntry(desk, entry, 'dropped', actor));
              }}
            >
              Discard
            </Button>
          </span>
        </Dialog>
      ) : null}
    </>
  );
}
