/** A form in a window over the desk that the server judges: what it refuses of a field stands there, everything else above the buttons. */
import { Button, Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';

interface Refusal {
  readonly ok: false;
  readonly field?: string;
  readonly message: string;
}
/** What a field shows of a refusal of that name. */
type At = (field: string) => { readonly error?: string };

interface AskDialogProps {
  readonly title: string;
  readonly action: string;
  readonly ready?: boolean;
  readonly danger?: boolean;
  /** Those that `children` asks `at` for. */
  readonly fields?: readonly string[];
  /** Asks the server, and goes on when it did so. */
  readonly onSend: () => Promise<Refusal | { readonly ok: true }>;
  readonly onClose: () => void;
  readonly children: (at: At) => ReactNode;
}

export function AskDialog({ title, action, ready = true, danger = false, fields = [], onSend, onClose, children }: AskDialogProps) {
  const [refusal, setRefusal] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await onSend().finally(() => setBusy(false));
    setRefusal(answer.ok ? undefined : answer);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="admin-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {children((field) => (refusal?.field === field ? { error: refusal.message } : {}))}
        {refusal === undefined || fields.includes(refusal.field ?? '') ? null : (
          <p className="field-error" role="alert">
            {refusal.message}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!ready} {...(danger ? { color: 'red.9' } : {})}>
            {action}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
