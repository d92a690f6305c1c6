/** Inviting somebody: by a letter where the server sends letters, else by a link to hand on. */
import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { DeskLine } from '../../domain/protocol/admin.ts';
import type { InviteAnswer, RoleLine } from '../../domain/protocol/protocol.ts';
import { ask } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { DeskChoice } from './desk-choice.tsx';
import { SecretLine } from './secret-line.tsx';
import { wholeLink } from './people-words.ts';
import { isInvited } from './person-answers.ts';

interface InviteProps {
  readonly roles: readonly RoleLine[];
  readonly desks: readonly DeskLine[];
  readonly onInvited: () => void;
  readonly onClose: () => void;
}

export function InviteDialog({ roles, desks, onInvited, onClose }: InviteProps) {
  const session = useSession();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState('broker');
  const [chosen, setChosen] = useState<readonly string[]>(
    desks
      .filter(({ closedAt }) => closedAt === null)
      .slice(0, 1)
      .map(({ id }) => id),
  );
  const [refusal, setRefusal] = useState<{ readonly field?: string; readonly message: string }>();
  const [invited, setInvited] = useState<InviteAnswer>();
  const [busy, setBusy] = useState(false);
  const at = (field: string): { error?: string } => (refusal?.field === field ? { error: refusal.message } : {});
  const send = async (): Promise<void> => {
    setBusy(true);
    const [deskId = '', ...others] = chosen;
    const body = { email: email.trim(), name: name.trim(), role, deskId, desks: others };
    const answer = await ask(session, '/auth/invitations', isInvited, body).finally(() => setBusy(false));
    if (!answer.ok) return setRefusal(answer);
    onInvited();
    setInvited(answer.value);
  };
  if (invited) return <Invited email={email} invited={invited} onClose={onClose} />;
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      <form
        className="admin-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} {...at('name')} data-autofocus />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          {...at('email')}
        />
        <NativeSelect
          size="xs"
          label="Role"
          data={roles.map((one) => ({ value: one.name, label: one.label }))}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
          {...at('role')}
        />
        <DeskChoice
          desks={desks}
          chosen={chosen}
          onChange={setChosen}
          {...(refusal?.field === 'deskId' ? { problem: refusal.message } : {})}
        />
        {refusal === undefined || ['name', 'email', 'role', 'deskId'].includes(refusal.field ?? '') ? null : (
          <p className="field-error" role="alert">
            {refusal.message}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={name.trim() === '' || email.trim() === '' || chosen.length === 0}>
            Invite
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}

function Invited({ email, invited, onClose }: { readonly email: string; readonly invited: InviteAnswer; readonly onClose: () => void }) {
  return (
    <Dialog title="Invited" onClose={onClose}>
      {invited.link === undefined ? (
        <Text mb="md">A letter with a link was sent to {email}. The link works once, within seven days.</Text>
      ) : (
        <>
          <Text mb="sm">No letter was sent. Hand this link to {email} by a way that only they read; it works once, within seven days.</Text>
          <SecretLine label="Link" text={wholeLink(invited.link, window.location.origin)} />
        </>
      )}
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Dialog>
  );
}
