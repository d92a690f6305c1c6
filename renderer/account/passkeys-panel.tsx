/** Passkeys: signing in by a finger, a face or a PIN of the device instead of a password. Only in the web app: they belong to its address. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { SecurityAnswer } from '../../domain/protocol/protocol.ts';
import { ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { hasPasskeys, isPasskeyQuestion, makePasskey } from '../ui/make-passkey.ts';
import { showInstant } from '../ui/show-value.ts';
import type { AskProved } from '../ui/proof.tsx';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { RowButton } from '../ui/row-button.tsx';

export interface PasskeysPanelProps {
  readonly security: SecurityAnswer;
  /** What a new one is called until it is renamed by being made anew. */
  readonly deviceName: string;
  readonly askProved: AskProved;
  readonly onChanged: () => void;
}

export function PasskeysPanel({ security, deviceName, askProved, onChanged }: PasskeysPanelProps) {
  const session = useSession();
  const [problem, setProblem] = useState('');
  const add = async (): Promise<void> => {
    const question = await askProved('/auth/passkeys/begin', isPasskeyQuestion, {});
    if (!question.ok) return setProblem(question.message);
    const made = await makePasskey(question.value);
    if (!made.ok) return setProblem(made.message);
    const asked = await ask(session, '/auth/passkeys/finish', isDone, { response: made.response, name: deviceName });
    setProblem(asked.ok ? '' : asked.message);
    onChanged();
  };
  const remove = async (id: string): Promise<void> => {
    const asked = await askProved('/auth/passkeys/remove', isDone, { id });
    setProblem(asked.ok ? '' : asked.message);
    onChanged();
  };
  return (
    <section className="panel sync-panel" aria-labelledby="passkeys">
      <h2 id="passkeys">Passkeys</h2>
      <p className="quiet">
        Sign in with a finger, your face or the PIN of a device, without a password. A passkey counts for both factors. Other devices sign
        in again when one is added or removed.
      </p>
      {security.passkeys.length === 0 ? null : (
        <PlainTable columns={['Made on', 'Since', 'Last used', ACTIONS]} className="account-table">
          {security.passkeys.map(({ id, name, createdAt, usedAt }) => (
            <tr key={id}>
              <td className="strong">{name}</td>
              <td className="nowrap">{showInstant(createdAt)}</td>
              <td className="nowrap">{usedAt === null ? 'Not yet' : showInstant(usedAt)}</td>
              <td className="end">
                <RowButton danger name={`Remove the passkey of ${name}`} onClick={() => void remove(id)}>
                  Remove
                </RowButton>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {hasPasskeys() ? (
        <Button variant="default" onClick={() => void add()}>
          Make a passkey on this device
        </Button>
      ) : (
        <p className="quiet">This browser has no passkeys.</p>
      )}
      {problem === '' ? null : (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
