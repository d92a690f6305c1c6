/**
 * A sign-in that first asks for a second factor: an authenticator app with its recovery codes, or a passkey of this device. There is
 * no session before.
 */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { SetUpAnswer, TotpAnswer } from '../../domain/protocol/protocol.ts';
import { ask } from '../sync/ask.ts';
import type { SignInResult } from '../sync/sign-in-answer.ts';
import { useSession } from '../sync/session.ts';
import { useSignInWays } from '../sync/sign-in-ways.ts';
import { AuthenticatorSetUp, RecoveryCodes } from '../ui/authenticator.tsx';
import { hasPasskeys, isPasskeyQuestion, makePasskey } from '../ui/make-passkey.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const isTotp = (value: unknown): value is TotpAnswer => isObject(value) && typeof value['secret'] === 'string' && 'uri' in value;
const isSetUp = (value: unknown): value is SetUpAnswer =>
  isObject(value) && Array.isArray(value['codes']) && typeof value['ticket'] === 'string';

interface DutyStepProps {
  readonly ticket: string;
  readonly notice: ReactNode;
  readonly onResult: (result: SignInResult) => void;
  readonly onBack: () => void;
}

export function DutyStep({ ticket, notice, onResult, onBack }: DutyStepProps) {
  const session = useSession();
  const [totp, setTotp] = useState<TotpAnswer>();
  const [done, setDone] = useState<SetUpAnswer>();
  const [problem, setProblem] = useState('');
  const canMakePasskey = useSignInWays()?.passkeys === true && hasPasskeys();
  const begin = async (): Promise<void> => {
    const asked = await ask(session, '/auth/second/begin', isTotp, { ticket }, 'anybody');
    if (asked.ok) setTotp(asked.value);
    else onResult(asked);
  };
  const addPasskey = async (): Promise<void> => {
    const question = await ask(session, '/auth/second/passkey/begin', isPasskeyQuestion, { ticket }, 'anybody');
    if (!question.ok) return onResult(question);
    const made = await makePasskey(question.value);
    if (!made.ok) return setProblem(made.message);
    const result = await session.enter('/auth/second/passkey/finish', { ticket, response: made.response });
    if (!result.ok && result.code === 'passkey_refused') setProblem(result.message);
    else onResult(result);
  };
  const confirm = async (code: string): Promise<string> => {
    const asked = await ask(session, '/auth/second/set-up', isSetUp, { ticket, code }, 'anybody');
    if (asked.ok) setDone(asked.value);
    else if (asked.code !== 'wrong_code') onResult(asked);
    return asked.ok ? '' : asked.message;
  };
  const enter = async (kept: SetUpAnswer): Promise<void> => onResult(await session.enter('/auth/second/enter', { ticket: kept.ticket }));
  if (done) return <RecoveryCodes codes={done.codes} onDone={() => void enter(done)} />;
  if (totp) return <AuthenticatorSetUp totp={totp} onCode={confirm} onCancel={onBack} />;
  return (
    <>
      <p>
        Your company asks for a second factor, so that your password alone opens nothing: an authenticator app on your phone
        {canMakePasskey ? ', or a passkey of this device, which asks for your finger, your face or its PIN' : ''}.
      </p>
      {problem === '' ? (
        notice
      ) : (
        <div className="notice" data-tone="bad" role="alert">
          <span>{problem}</span>
        </div>
      )}
      <Button size="sm" fullWidth onClick={() => void begin()} autoFocus>
        Set up an authenticator app
      </Button>
      {canMakePasskey ? (
        <Button size="sm" fullWidth variant="default" mt="xs" onClick={() => void addPasskey()}>
          Make a passkey on this device
        </Button>
      ) : null}
      <Button size="sm" fullWidth variant="subtle" mt="xs" onClick={onBack}>
        Back
      </Button>
    </>
  );
}
