/** E-mail and password; the answer in words. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useSync } from '../sync/connection.ts';
import { useSession } from '../sync/session.ts';
import { ForgottenPassword } from './forgotten-password.tsx';

export interface SignInFormProps {
  readonly email?: string;
  readonly onSignedIn?: () => void;
}

export function SignInForm({ email = '', onSignedIn }: SignInFormProps) {
  const session = useSession();
  const sync = useSync();
  const [typedEmail, setEmail] = useState(email);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const signIn = async (): Promise<void> => {
    if (typedEmail.trim() === '' || password === '') {
      setProblem('Fill in e-mail and password.');
      return;
    }
    setBusy(true);
    setProblem('');
    const result = await session.signIn(typedEmail, password).finally(() => setBusy(false));
    if (!result.ok) {
      setProblem(result.message);
      setPassword('');
      return;
    }
    if (result.notice !== undefined) notifications.show({ title: 'Signed in', message: result.notice });
    sync.syncNow();
    onSignedIn?.();
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void signIn();
      }}
    >
      <TextInput
        size="sm"
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        mb="sm"
        value={typedEmail}
        onChange={(event) => setEmail(event.currentTarget.value)}
        autoFocus={email === ''}
      />
      <PasswordInput
        size="sm"
        label="Password"
        name="password"
        autoComplete="current-password"
        mb="md"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoFocus={email !== ''}
      />
      {problem === '' ? null : (
        <div className="notice" data-tone="bad" role="alert">
          <span>{problem}</span>
        </div>
      )}
      <Button type="submit" size="sm" fullWidth loading={busy}>
        Sign in
      </Button>
      <ForgottenPassword email={typedEmail} />
    </form>
  );
}
