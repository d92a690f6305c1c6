/** Instead of the desk when the grant to work without the server has run out: why, and that nothing is lost. */
import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { useSync, useSyncState } from '../sync/connection.ts';
import { useSession, useSessionState } from '../sync/session.ts';
import mark from './drover.svg?no-inline';
import { SignInForm } from './sign-in-form.tsx';

const words = {
  expired: 'It is a while since this device was in touch with the server. To go on, connect it to the network.',
  clock_set_back: 'The clock of this device was set back. Set it right, or connect the device to the network.',
  none: 'This device has no leave of the server to be used without it. Connect it to the network.',
} as const;

export function LapsedScreen({ why }: { readonly why: keyof typeof words }) {
  const { user, phase } = useSessionState();
  const { waitingTotal } = useSyncState();
  const session = useSession();
  const sync = useSync();
  useEffect(() => {
    document.title = 'Connect to go on - Drover';
  }, []);
  return (
    <main className="sign-in">
      <div className="sign-in-card panel">
        <img src={mark} alt="" width={36} height={36} />
        <h1>Connect to go on</h1>
        <p role="status">{words[why]}</p>
        <p className="quiet">
          Your records are kept{waitingTotal > 0 ? `, with ${waitingTotal} that wait to be sent` : ''}; they open again as soon as the
          server has been asked.
        </p>
        {phase === 'signed_in' ? (
          <Button
            fullWidth
            mb="md"
            onClick={() => {
              void session.checkGrant();
              sync.syncNow();
            }}
          >
            Try again
          </Button>
        ) : null}
        <SignInForm email={user?.email ?? ''} />
      </div>
    </main>
  );
}
