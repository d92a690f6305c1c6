/** The way out for records that nobody can read any more: an empty desk, which fetches everything anew. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DesktopPort } from '../../electron/ipc-contract.ts';
import { removeEverything } from '../data/remove-everything.ts';
import { TOKEN_SECRET } from '../sync/token-pair.ts';
import { STORAGE_SECRET } from './desktop-port.ts';

export function StartOver({ port }: { readonly port: Pick<DesktopPort, 'removeSecret'> | undefined }) {
  const [step, setStep] = useState<'offered' | 'sure' | 'busy'>('offered');
  const [problem, setProblem] = useState<string>();
  const remove = async (): Promise<void> => {
    setStep('busy');
    try {
      for (const secret of [STORAGE_SECRET, TOKEN_SECRET]) await port?.removeSecret(secret);
      await removeEverything([], () => setProblem('Another window of Drover still has the records open. Close it.'));
      window.location.reload();
    } catch (error) {
      setProblem(`The records could not be removed: ${error instanceof Error ? error.message : String(error)}`);
      setStep('offered');
    }
  };
  return (
    <section aria-label="Start over">
      <p>If that does not help, remove the unreadable records, sign in, and receive everything from the server again.</p>
      {step === 'offered' ? (
        <Button variant="default" onClick={() => setStep('sure')}>
          Start over with an empty desk
        </Button>
      ) : (
        <>
          <p>What was never sent from this device is lost then. This cannot be undone.</p>
          <Button color="red" loading={step === 'busy'} onClick={() => void remove()}>
            Remove the records and start over
          </Button>
        </>
      )}
      {problem === undefined ? null : <p role="alert">{problem}</p>}
    </section>
  );
}
