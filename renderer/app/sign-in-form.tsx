/** E-mail and password, then a code where there is a second factor; or a passkey. The answer in words. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useState } from 'react';
import { useSync } from '../sync/connection.ts';
import type { SignInResult } from '../sync/sign-in-answer.ts';
import { useSession } from '../sync/session.ts';
import { useSignInWays } from '../sync/sign-in-ways.ts';
import { DutyStep } from './duty-step.tsx';
import { ForgottenPassword } from './forgotten-password.tsx';
import { OidcButton } from './oidc.tsx';
import { PasskeyButton } from './passkey-button.tsx';

export interface SignInFormProps {
  readonly email?: string;
  readonly onSignedIn?: () => void;
}

export function SignInForm({ email = '', onSignedIn }: SignInFormProps) {
  const sync = useSync();
  const ways = useSignInWays();
  const [typedEmail, setEmail] = useState(email);
  const [step, setStep] = useState<{ readonly ticket: string; readonly isDuty: boolean }>();
  const [problem, setProblem] = useState('');
  const settle = (result: SignInResult): void => {
    if (result.ok) {
      if (result.notice !== undefined) notifications.show({ title: 'Signed in', message: result.notice });
      sync.syncNow();
      onSignedIn?.();
      return;
    }
    const goesOn = ['second_factor', 'second_factor_due'].includes(result.code) && result.ticket !== undefined;
    if (goesOn) setStep({ ticket: result.ticket, isDuty: result.code === 'second_factor_due' });
    else if (result.code !== 'wrong_code') setStep(undefined);
    setProblem(goesOn ? '' : result.message);
  };
  const notice =
    problem === '' ? null : (
      <div className="notice" data-tone="bad" role="alert">
        <span>{problem}</span>
      </div>
    );
  if (step) {
    const Step = step.isDuty ? DutyStep : CodeStep;
    return <Step ticket={step.ticket} notice={notice} onResult={settle} onBack={() => setStep(undefined)} />;
  }
  return (
    <>
      <PasswordStep
        email={typedEmail}
        hasEmail={email !== ''}
        notice={notice}
        onEmail={setEmail}
        onProblem={setProblem}
        onResult={settle}
      />
      {ways?.passkeys === true ? <PasskeyButton onResult={settle} /> : null}
      {typeof ways?.oidc === 'string' ? <OidcButton name={ways.oidc} onResult={settle} /> : null}
      {ways?.reset === true ? <ForgottenPassword email={typedEmail} /> : null}
    </>
  );
}

interface StepProps {
  readonly notice: ReactNode;
  readonly onResult: (result: SignInResult) => void;
}

function PasswordStep({
  email,
  hasEmail,
  notice,
  onEmail,
  onProblem,
  onResult,
}: StepProps & {
  readonly email: string;
  /** The address is known already: the person starts with the password. */
  readonly hasEmail: boolean;
  readonly onEmail: (email: string) => void;
  readonly onProblem: (problem: string) => void;
}) {
  const session = useSession();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const signIn = async (): Promise<void> => {
    if (email.trim() === '' || password === '') {
      onProblem('Fill in e-mail and password.');
      return;
    }
    setBusy(true);
    onProblem('');
    const result = await session.signIn(email, password).finally(() => setBusy(false));
    if (!result.ok) setPassword('');
    onResult(result);
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
        value={email}
        onChange={(event) => onEmail(event.currentTarget.value)}
        autoFocus={!hasEmail}
      />
      <PasswordInput
        size="sm"
        label="Password"
        name="password"
        autoComplete="current-password"
        mb="md"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoFocus={hasEmail}
      />
      {notice}
      <Button type="submit" size="sm" fullWidth loading={busy}>
        Sign in
      </Button>
    </form>
  );
}

function CodeStep({ ticket, notice, onResult, onBack }: StepProps & { readonly ticket: string; readonly onBack: () => void }) {
  const session = useSession();
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const result = await session.enter('/auth/second', { ticket, code }).finally(() => setBusy(false));
    if (!result.ok) setCode('');
    onResult(result);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <TextInput
        size="sm"
        label="Code of your authenticator app"
        description="Lost your phone? Enter one of your recovery codes."
        name="code"
        autoComplete="one-time-code"
        mb="md"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        autoFocus
      />
      {notice}
      <Button type="submit" size="sm" fullWidth loading={busy} disabled={code.trim() === ''}>
        Sign in
      </Button>
      <Button size="sm" fullWidth variant="subtle" mt="xs" onClick={onBack}>
        Back
      </Button>
    </form>
  );
}
