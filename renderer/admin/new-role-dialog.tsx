/** A new role begins as a copy of another one. */
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { RoleLine } from '../../domain/protocol/protocol.ts';
import { ask } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { isRole } from './answers.ts';

interface NewRoleProps {
  readonly roles: readonly RoleLine[];
  readonly onMade: () => void;
  readonly onClose: () => void;
}

export function NewRoleDialog({ roles, onMade, onClose }: NewRoleProps) {
  const session = useSession();
  const navigate = useNavigate();
  const [label, setLabel] = useState('');
  const [name, setName] = useState('');
  const [from, setFrom] = useState('read_only');
  const [refusal, setRefusal] = useState<{ readonly field?: string; readonly message: string }>();
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    const grants = roles.find((role) => role.name === from)?.grants ?? [];
    const body = { name: name.trim(), label: label.trim(), grants, revision: 0 };
    const answer = await ask(session, '/admin/roles', isRole, body).finally(() => setBusy(false));
    if (!answer.ok) return setRefusal(answer);
    onMade();
    void navigate({ to: '/administration/roles/$id', params: { id: answer.value.name } });
  };
  return (
    <Dialog title="New role" onClose={onClose}>
      <form
        className="admin-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <TextInput label="Name" maxLength={60} value={label} onChange={(event) => setLabel(event.currentTarget.value)} data-autofocus />
        <TextInput
          label="Short name"
          description="Small letters, digits and _, such as claims_desk. It never changes."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          {...(refusal?.field === 'name' ? { error: refusal.message } : {})}
        />
        <NativeSelect
          size="xs"
          label="Begins as a copy of"
          data={roles.map((role) => ({ value: role.name, label: role.label }))}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        {refusal === undefined || refusal.field === 'name' ? null : (
          <p className="field-error" role="alert">
            {refusal.message}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={label.trim() === '' || !/^[a-z][a-z0-9_]{0,39}$/u.test(name.trim())}>
            Make the role
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
