/** Name, role and desks of an account. Says in words what saving changes, before it is saved. */
import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { DeskLine, UserLine } from '../../domain/protocol/admin.ts';
import type { RoleLine } from '../../domain/protocol/protocol.ts';
import { ask } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { isUser } from './answers.ts';
import { ChangesAndReason } from './changes-and-reason.tsx';
import { DeskChoice } from './desk-choice.tsx';
import { changesIn, deskName, deskNames } from './people-words.ts';

interface PersonFormProps {
  readonly user: UserLine;
  readonly roles: readonly RoleLine[];
  readonly desks: readonly DeskLine[];
  readonly mayChange: boolean;
  readonly onSaved: () => void;
}

export function PersonForm(props: PersonFormProps) {
  const { user, roles, desks, mayChange } = props;
  if (mayChange) return <AccountForm {...props} />;
  return (
    <section className="panel admin-panel" aria-labelledby="account">
      <h2 id="account">Account</h2>
      <dl className="facts">
        <dt>Role</dt>
        <dd>{roles.find(({ name }) => name === user.role)?.label ?? user.role}</dd>
        <dt>Desks</dt>
        <dd>{deskNames(desks, user.desks)}</dd>
      </dl>
    </section>
  );
}

function AccountForm({ user, roles, desks, onSaved }: PersonFormProps) {
  const session = useSession();
  const [name, setName] = useState(user.name);
  const [role, setRole] = useState(user.role);
  const [chosen, setChosen] = useState(user.desks);
  const [reason, setReason] = useState('');
  const [refusal, setRefusal] = useState<{ readonly field?: string; readonly message: string }>();
  const [busy, setBusy] = useState(false);
  const labelOf = (one: string): string => roles.find((known) => known.name === one)?.label ?? one;
  const changes = changesIn(
    { name: user.name, role: user.role, desks: user.desks },
    { name: name.trim(), role, desks: chosen },
    { role: labelOf, desk: (id) => deskName(desks, id) },
  );
  const at = (field: string): { error?: string } => (refusal?.field === field ? { error: refusal.message } : {});
  const save = async (): Promise<void> => {
    setBusy(true);
    const body = { account: user.id, name: name.trim(), role, desks: chosen, reason: reason.trim() };
    const answer = await ask(session, '/admin/users/change', isUser, body).finally(() => setBusy(false));
    if (!answer.ok) return setRefusal(answer);
    setRefusal(undefined);
    notifications.show({ message: `${answer.value.user.name} was changed.` });
    onSaved();
  };
  // A role that the list does not hold is shown all the same.
  const choices = roles.some((one) => one.name === role) ? roles : [...roles, { name: role, label: role }];
  return (
    <section className="panel admin-panel" aria-labelledby="account">
      <h2 id="account">Account</h2>
      <form
        className="admin-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput label="Name" maxLength={120} value={name} onChange={(event) => setName(event.currentTarget.value)} {...at('name')} />
        <NativeSelect
          size="xs"
          label="Role"
          data={choices.map((one) => ({ value: one.name, label: one.label }))}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
          {...at('role')}
        />
        <DeskChoice
          desks={desks}
          chosen={chosen}
          onChange={setChosen}
          {...(refusal?.field === 'desks' ? { error: refusal.message } : {})}
        />
        {changes.length === 0 ? null : <ChangesAndReason changes={changes} reason={reason} onReason={setReason} />}
        {refusal === undefined || ['name', 'role', 'desks'].includes(refusal.field ?? '') ? null : (
          <p className="field-error" role="alert">
            {refusal.message}
          </p>
        )}
        <Group gap="xs">
          <Button type="submit" loading={busy} disabled={changes.length === 0 || name.trim() === '' || chosen.length === 0}>
            Save
          </Button>
          {changes.length === 0 ? null : (
            <Button
              variant="subtle"
              onClick={() => {
                setName(user.name);
                setRole(user.role);
                setChosen(user.desks);
                setRefusal(undefined);
              }}
            >
              Put back
            </Button>
          )}
        </Group>
      </form>
    </section>
  );
}
