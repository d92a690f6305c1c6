/** Signing in through another system: the button that begins it, and the page that its browser comes back to. */
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useSync } from '../sync/connection.ts';
import type { SignInResult } from '../sync/sign-in-answer.ts';
import { type Session, useSession } from '../sync/session.ts';
import { usePort } from '../ui/port.tsx';
import mark from './drover.svg?no-inline';

/** Kept by this window only, until the browser comes back: whoever has the ticket and not this has nothing. */
const SECRET = 'drover.oidc-secret';

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

async function begin(): Promise<{ readonly secret: string; readonly challenge: string }> {
  const secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return { secret, challenge: base64url(new Uint8Array(digest)) };
}

const problems: Readonly<Record<string, string>> = {
  not_invited: 'You have no account here yet. Ask your administrator to invite you, under the address that you use there.',
  refused_there: 'The other system did not let you in, or you went back. Try again.',
  too_weak_there: 'The other system let you in by less than your company asks for. Set up a second factor there, then try again.',
  flow_ended: 'This sign-in took too long, or was finished before. Try again.',
};
const wordsFor = (code: string): string => problems[code] ?? 'The sign-in did not work. Try again.';
const failed = (code: string): SignInResult => ({ ok: false, code, message: wordsFor(code) });

const finish = (session: Session, ticket: string, secret: string): Promise<SignInResult> =>
  session.enter('/auth/oidc/finish', { ticket, secret });

export function OidcButton({ name, onResult }: { readonly name: string; readonly onResult: (result: SignInResult) => void }) {
  const session = useSession();
  const port = usePort();
  const [busy, setBusy] = useState(false);
  const signIn = async (): Promise<void> => {
    setBusy(true);
    const { secret, challenge } = await begin();
    sessionStorage.setItem(SECRET, secret);
    const answer = await port.signInByBrowser(challenge).finally(() => setBusy(false));
    // In the web app this page is on its way out now.
    if (answer.outcome === 'leaving') return;
    sessionStorage.removeItem(SECRET);
    if (answer.outcome === 'ticket') onResult(await finish(session, answer.ticket, secret));
    else if (answer.outcome === 'problem') onResult(failed(answer.code));
  };
  return (
    <Button size="sm" fullWidth variant="default" mt="sm" loading={busy} onClick={() => void signIn()}>
      Sign in with {name}
    </Button>
  );
}

/** Read once; it leaves the address bar and the history as soon as the screen stands. */
const answerInAddress = (): URLSearchParams => new URLSearchParams(window.location.hash.slice(1));

export function SignedInScreen() {
  const session = useSession();
  const sync = useSync();
  const navigate = useNavigate();
  const [answer] = useState(answerInAddress);
  const [result, setResult] = useState<SignInResult>();
  useEffect(() => {
    document.title = 'Signing in - Drover';
    // The secret is taken away at once: a second run of this effect finds none and does nothing.
    const secret = sessionStorage.getItem(SECRET);
    sessionStorage.removeItem(SECRET);
    if (window.location.hash !== '') window.history.replaceState(window.history.state, '', window.location.pathname);
    const ticket = answer.get('ticket');
    if (ticket !== null && secret === null) return;
    const finished =
      ticket === null || secret === null ? Promise.resolve(failed(answer.get('problem') ?? 'flow_ended')) : finish(session, ticket, secret);
    void finished.then((outcome) => {
      setResult(outcome);
      if (!outcome.ok) return;
      sync.syncNow();
      void navigate({ to: '/', replace: true });
    });
  }, [answer, navigate, session, sync]);
  return (
    <main className="sign-in">
      <div className="sign-in-card panel">
        <img src={mark} alt="" width={36} height={36} />
        <h1>Signing in</h1>
        <p className={result?.ok === false ? 'field-error' : 'quiet'} role="status">
          {result === undefined ? 'One moment ...' : result.ok ? 'You are signed in.' : result.message}
        </p>
        {result?.ok === false ? (
          <Button component="a" href="/" variant="default" fullWidth>
            Back to the sign-in
          </Button>
        ) : null}
      </div>
    </main>
  );
}
