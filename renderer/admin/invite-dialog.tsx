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
import { AskDialog } from './ask-dialog.tsx';

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
  const [invited, setInvited] = useState<InviteAnswer>();
  const send = async () => {
    const [deskId = '', ...others] = chosen;
    const body = { email: email.trim(), name: name.trim(), role, deskId, desks: others };
    const answer = await ask(session, '/auth/invitations', isInvited, body);
    if (answer.ok) {
      onInvited();
      setInvited(answer.value);
    }
    return answer;
  };
  if (invited) return <Invited email={email} invited={invited} onClose={onClose} />;
  return (
    <AskDialog
      title="Invite somebody"
      action="Invite"
      ready={name.trim() !== '' && email.trim() !== '' && chosen.length > 0}
      fields={['name', 'email', 'role', 'deskId']}
      onSend={send}
      onClose={onClose}
    >
      {(at) => (
        <>
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
          <DeskChoice desks={desks} chosen={chosen} onChange={setChosen} {...at('deskId')} />
        </>
      )}
    </AskDialog>
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
