/** Instead of the desk, on a device that was removed from Drover: what happened, and what to do. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { DesktopPort } from '../../electron/ipc-contract.ts';
import { showInstant } from '../ui/show-value.ts';
import mark from './drover.svg?no-inline';
import { carryOutRemoval, forgetRemoval, notedRemoval } from './removal.ts';

type Progress = 'removing' | 'blocked' | 'done' | { readonly failed: string };

export function RemovedScreen({ port }: { readonly port: DesktopPort }) {
  const [progress, setProgress] = useState<Progress>('removing');
  useEffect(() => {
    document.title = 'Removed from Drover';
    carryOutRemoval(port, () => setProgress('blocked')).then(
      () => setProgress('done'),
      (error: unknown) => setProgress({ failed: error instanceof Error ? error.message : String(error) }),
    );
  }, [port]);
  const at = notedRemoval()?.at;
  return (
    <main className="sign-in">
      <div className="sign-in-card panel" aria-live="polite">
        <img src={mark} alt="" width={36} height={36} />
        <h1>This device was removed from Drover</h1>
        <p>
          You or an administrator ended the access of this device{at === undefined ? '' : ` (${showInstant(at)})`}. The records, files and
          keys that Drover kept here are deleted, with whatever had not been sent. What the server had received is still there.
        </p>
        <Next progress={progress} />
      </div>
    </main>
  );
}

function Next({ progress }: { readonly progress: Progress }) {
  if (progress === 'removing') return <p className="quiet">Deleting ...</p>;
  if (progress === 'blocked') return <p className="field-error">Another window of Drover is still open. Close it to go on.</p>;
  if (typeof progress === 'object')
    return (
      <>
        <p className="field-error">Not everything could be deleted: {progress.failed}</p>
        <Button fullWidth onClick={() => window.location.reload()}>
          Try again
        </Button>
      </>
    );
  return (
    <>
      <p className="quiet">If this was not meant to be, ask your administrator, then sign in here as on a new device.</p>
      <Button
        fullWidth
        variant="default"
        onClick={() => {
          forgetRemoval();
          window.location.reload();
        }}
      >
        Sign in as on a new device
      </Button>
    </>
  );
}
