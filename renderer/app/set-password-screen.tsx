/** Where the links of letters lead: choosing a password after an invitation or a forgotten one, then straight to work. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { type LinkAnswer, PASSWORD_CHARS_MIN } from '../../domain/protocol/protocol.ts';
import { type Asked, ask } from '../sync/ask.ts';
import { useSync } from '../sync/connection.ts';
import { useSession } from '../sync/session.ts';
import mark from './drover.svg?no-inline';

const isLink = (value: unknown): value is LinkAnswer =>
  typeof value === 'object' &&
  value !== null &&
  'purpose' in value &&
  (value.purpose === 'invitation' || value.purpose === 'password_reset') &&
  'email' in value &&
  typeof value.email === 'string' &&
  'name' in value &&
  typeof value.name === 'string';
const isChosen = (value: unknown): value is { readonly email: string } =>
  typeof value === 'object' && value !== null && 'email' in value && typeof value.email === 'string';

/** Read once: the token leaves the address bar and the history as soon as the screen stands. */
const tokenInAddress = (): string => decodeURIComponent(window.location.hash.slice(1));

export function SetPasswordScreen() {
  const session = useSession();
  const [token] = useState(tokenInAddress);
  const [link, setLink] = useState<Asked<LinkAnswer>>();
  useEffect(() => {
    document.title = 'Choose a password - Drover';
    if (window.location.hash !== '') window.history.replaceState(window.history.state, '', window.location.pathname);
    let gone = false;
    void ask(session, '/auth/link', isLink, { token: token === '' ? '-' : token }, 'anybody').then((answer) => {
      if (!gone) setLink(answer);
    });
    return () => {
      gone = true;
    };
  }, [session, token]);
  return (
    <main className="sign-in">
      <div className="sign-in-card panel">
        <img src={mark} alt="" width={36} height={36} />
        <h1>{link?.ok === true && link.value.purpose === 'invitation' ? `Welcome, ${link.value.name}` : 'Choose a password'}</h1>
        {link?.ok === true ? (
          <ChooseForm link={link.value} token={token} />
        ) : (
          <>
            <p className={link === undefined ? 'quiet' : 'field-error'} role="status">
              {link === undefined ? 'Asking the server about the link ...' : link.message}
            </p>
            {link === undefined ? null : (
              <Button component="a" href="/" variant="default" fullWidth>
                Go to Drover
              </Button>
            )}
          </>
        )}
      </div>
    </main>
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
