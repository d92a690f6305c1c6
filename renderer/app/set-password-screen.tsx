/** Where the links of letters lead: choosing a password after an invitation or a forgotten one, then straight to work. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type LinkAnswer, PASSWORD_CHARS_MIN } from '../../domain/protocol/protocol.ts';
import { ask } from '../sync/ask.ts';
import { useSync } from '../sync/connection.ts';
import { useSession } from '../sync/session.ts';
import { LetterCard, NoLink, useLetterLink } from './letter-link.tsx';

const isChosen = (value: unknown): value is { readonly email: string } =>
  typeof value === 'object' && value !== null && 'email' in value && typeof value.email === 'string';

export function SetPasswordScreen() {
  const { token, link } = useLetterLink('Choose a password');
  const ours = link?.ok === true && (link.value.purpose === 'invitation' || link.value.purpose === 'password_reset');
  return (
    <LetterCard title={ours && link.value.purpose === 'invitation' ? `Welcome, ${link.value.name}` : 'Choose a password'}>
      {ours ? <ChooseForm link={link.value} token={token} /> : <NoLink link={link} />}
    </LetterCard>
  );
}

function ChooseForm({ link, token }: { readonly link: LinkAnswer; readonly token: string }) {
  const session = useSession();
  const sync = useSync();
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<{ readonly field?: string; readonly message: string }>();
  const [busy, setBusy] = useState(false);
  const choose = async (): Promise<void> => {
    if (password !== again) {
      setProblem({ field: 'again', message: 'This is not the same as above.' });
      return;
    }
    setBusy(true);
    setProblem(undefined);
    const answer = await ask(session, '/auth/set-password', isChosen, { token, password }, 'anybody');
    const signedIn = answer.ok ? await session.signIn(answer.value.email, password) : undefined;
    setBusy(false);
    if (!answer.ok) setProblem(answer);
    else {
      if (signedIn?.ok === true) sync.syncNow();
      // Whoever could not be signed in straight away finds the sign-in there.
      void navigate({ to: '/', replace: true });
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void choose();
      }}
    >
      <p className="quiet">At least {PASSWORD_CHARS_MIN} characters; several words are easy to remember.</p>
      <TextInput size="sm" label="E-mail" type="email" name="email" autoComplete="username" mb="sm" value={link.email} readOnly />
      <PasswordInput
        size="sm"
        label="New password"
        name="password"
        autoComplete="new-password"
        mb="sm"
        value={password}
        error={problem?.field === 'password' ? problem.message : undefined}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoFocus
      />
      <PasswordInput
        size="sm"
        label="New password again"
        name="again"
        autoComplete="new-password"
        mb="md"
        value={again}
        error={problem?.field === 'again' ? problem.message : undefined}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      {problem === undefined || problem.field === 'password' || problem.field === 'again' ? null : (
        <div className="notice" data-tone="bad" role="alert">
          <span>{problem.message}</span>
        </div>
      )}
      <Button type="submit" size="sm" fullWidth loading={busy} disabled={password === '' || again === ''}>
        {link.purpose === 'invitation' ? 'Start' : 'Use this password'}
      </Button>
    </form>
  );
}
