/** "Forgot your password?": asks for a letter with a link. What comes back is the same whether the address has an account or not. */
import { useState } from 'react';
import { ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';

/** `email`: what stands in the form. For servers that send letters. */
export function ForgottenPassword({ email }: { readonly email: string }) {
  const session = useSession();
  const [said, setSaid] = useState('');
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
