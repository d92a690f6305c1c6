/** "Forgot your password?": asks for a letter with a link. What comes back is the same whether the address has an account or not. */
import { useState } from 'react';
import type { SignInWays } from '../../domain/protocol/protocol.ts';
import { ask, isDone, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';

const isWays = (value: unknown): value is SignInWays =>
  typeof value === 'object' && value !== null && 'reset' in value && typeof value.reset === 'boolean';

/** `email`: what stands in the form. Shows nothing where the server sends no letters. */
export function ForgottenPassword({ email }: { readonly email: string }) {
  const session = useSession();
  const { asked: ways } = useAsked('/auth/ways', isWays, 'anybody');
  const [said, setSaid] = useState('');
  if (ways?.ok !== true || !ways.value.reset) return null;
  const request = async (): Promise<void> => {
    if (email.trim().length < 3) {
      setSaid('Fill in your e-mail address above first.');
      return;
    }
    const answer = await ask(session, '/auth/reset-request', isDone, { email: email.trim() }, 'anybody');
    setSaid(
      answer.ok
        ? 'If this address has an account, a letter with a link to choose a new password is on its way. The link works for 30 minutes.'
        : answer.message,
    );
  };
  return (
    <div className="sign-in-more">
      <button type="button" className="link-button" onClick={() => void request()}>
        Forgot your password?
      </button>
      <p role="status" className="quiet">
        {said}
      </p>
    </div>
  );
}
