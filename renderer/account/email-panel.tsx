/** The address that one signs in with. Another one counts once it is confirmed by the letter that is sent there. */
import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { SecurityAnswer } from '../../domain/protocol/protocol.ts';
import { ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import type { AskProved } from '../ui/proof.tsx';

export interface EmailPanelProps {
  readonly security: SecurityAnswer;
  /** Whether the server sends letters. */
  readonly letters: boolean;
  readonly askProved: AskProved;
  readonly onChanged: () => void;
}

export function EmailPanel({ security: { email, newEmail }, letters, askProved, onChanged }: EmailPanelProps) {
  return (
    <section className="panel sync-panel" aria-labelledby="email">
      <h2 id="email">E-mail address</h2>
      <p className="quiet">
        You sign in with <span className="strong">{email}</span>, and letters go there.
        {letters ? '' : ' This server sends no letters; your administrator can change the address.'}
      </p>
      {newEmail === null ? null : <Waiting email={email} newEmail={newEmail} onChanged={onChanged} />}
      {letters ? <EmailForm askProved={askProved} onChanged={onChanged} /> : null}
    </section>
  );
}

function Waiting({ email, newEmail, onChanged }: { readonly email: string; readonly newEmail: string; readonly onChanged: () => void }) {
  const session = useSession();
  const [problem, setProblem] = useState('');
  const drop = async (): Promise<void> => {
    const asked = await ask(session, '/auth/email/drop', isDone, {});
    setProblem(asked.ok ? '' : asked.message);
    onChanged();
  };
  return (
    <div className="notice" role="status">
      <span>
        Open the letter that was sent to <span className="strong">{newEmail}</span> and confirm the address within a day. Until then {email}{' '}
        counts.{problem === '' ? '' : ` ${problem}`}
      </span>
      <Button variant="default" size="compact-sm" onClick={() => void drop()}>
        Keep the old address
      </Button>
    </div>
  );
}

const empty = { email: '', again: '' };

function EmailForm({ askProved, onChanged }: Pick<EmailPanelProps, 'askProved' | 'onChanged'>) {
  const [typed, setTyped] = useState(empty);
  const [problem, setProblem] = useState<{ readonly field?: string; readonly message: string }>();
  const [busy, setBusy] = useState(false);
  const at = (field: keyof typeof empty) => ({
    size: 'sm',
    type: 'email',
    name: field,
    maxLength: 254,
    value: typed[field],
    error: problem?.field === field ? problem.message : undefined,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [field]: value }));
      setProblem(undefined);
    },
  });
  const change = async (): Promise<void> => {
    const email = typed.email.trim();
    if (email !== typed.again.trim()) return setProblem({ field: 'again', message: 'This is not the same as above.' });
    setBusy(true);
    const asked = await askProved('/auth/email', isDone, { email }).finally(() => setBusy(false));
    if (!asked.ok) return setProblem(asked.code === 'invalid_request' ? { field: 'email', message: 'This is no e-mail address.' } : asked);
    setTyped(empty);
    setProblem(undefined);
    notifications.show({ title: 'One more step', message: `Confirm it by the letter that was sent to ${email}.` });
    onChanged();
  };
  return (
    <form
      className="account-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      <TextInput label="New e-mail address" autoComplete="email" {...at('email')} />
      <TextInput label="New e-mail address again" autoComplete="off" {...at('again')} />
      {problem === undefined || problem.field === 'email' || problem.field === 'again' || problem.message === '' ? null : (
        <p className="field-error" role="alert">
          {problem.message}
        </p>
      )}
      <Button type="submit" loading={busy} disabled={typed.email.trim() === '' || typed.again.trim() === ''}>
        Change the address
      </Button>
    </form>
  );
}
