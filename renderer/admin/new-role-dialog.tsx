/** A new role begins as a copy of another one. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { RoleLine } from '../../domain/protocol/protocol.ts';
import { ask } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { isRole } from './answers.ts';
import { AskDialog } from './ask-dialog.tsx';

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
  const make = async () => {
    const grants = roles.find((role) => role.name === from)?.grants ?? [];
    const body = { name: name.trim(), label: label.trim(), grants, revision: 0 };
    const answer = await ask(session, '/admin/roles', isRole, body);
    if (answer.ok) {
      onMade();
      void navigate({ to: '/administration/roles/$id', params: { id: answer.value.name } });
    }
    return answer;
  };
  return (
    <AskDialog
      title="New role"
      action="Make the role"
      ready={label.trim() !== '' && /^[a-z][a-z0-9_]{0,39}$/u.test(name.trim())}
      fields={['name']}
      onSend={make}
      onClose={onClose}
    >
      {(at) => (
        <>
          <TextInput label="Name" maxLength={60} value={label} onChange={(event) => setLabel(event.currentTarget.value)} data-autofocus />
          <TextInput
            label="Short name"
            description="Small letters, digits and _, such as claims_desk. It never changes."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            {...at('name')}
          />
          <NativeSelect
            size="xs"
            label="Begins as a copy of"
            data={roles.map((role) => ({ value: role.name, label: role.label }))}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
        </>
      )}
    </AskDialog>
  );
}
