/** Shown only while nobody is known on this device. A known user goes straight to work, with or without the server. */
import mark from './drover.svg?no-inline';
import { useEffect } from 'react';
import { useSyncState } from '../sync/connection.ts';
import { LossAtSignIn } from './loss-panel.tsx';
import { ServerAddress } from './server-address.tsx';
import { SignInForm } from './sign-in-form.tsx';

export function SignInScreen() {
  const { waitingTotal } = useSyncState();
  useEffect(() => {
    document.title = 'Sign in - Drover';
  }, []);
  return (
    <main className="sign-in">
      <div className="sign-in-card panel">
        <img src={mark} alt="" width={36} height={36} />
        <h1>Sign in to Drover</h1>
        <p className="quiet">The first sign-in on a device needs the server. After that the desk opens without it.</p>
        <LossAtSignIn />
        <SignInForm />
        <ServerAddress />
        {waitingTotal > 0 ? <p className="quiet">{waitingTotal} records on this device wait to be sent.</p> : null}
      </div>
    </main>
  );
}
