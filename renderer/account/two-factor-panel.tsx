/** The second factor: setting up an authenticator app, its recovery codes, and removing it. */
import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { RecoveryAnswer, SecurityAnswer, TotpAnswer } from '../../domain/protocol/protocol.ts';
import { ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { AuthenticatorSetUp, RecoveryCodes } from '../ui/authenticator.tsx';
import type { AskProved } from '../ui/proof.tsx';

const isTotp = (value: unknown): value is TotpAnswer =>
  typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string' && 'uri' in value;
const isRecovery = (value: unknown): value is RecoveryAnswer =>
  typeof value === 'object' && value !== null && 'codes' in value && Array.isArray(value.codes);

type Step =
  | { readonly kind: 'rest' }
  | { readonly kind: 'setting_up'; readonly totp: TotpAnswer }
  | { readonly kind: 'codes'; readonly codes: readonly string[] };

export interface TwoFactorPanelProps {
  readonly security: SecurityAnswer;
  readonly askProved: AskProved;
  readonly onChanged: () => void;
}

export function TwoFactorPanel({ security, askProved, onChanged }: TwoFactorPanelProps) {
  const session = useSession();
  const [step, setStep] = useState<Step>({ kind: 'rest' });
  const [problem, setProblem] = useState('');
  const begin = async (): Promise<void> => {
    const asked = await askProved('/auth/totp/begin', isTotp, {});
    setProblem(asked.ok ? '' : asked.message);
    if (asked.ok) setStep({ kind: 'setting_up', totp: asked.value });
  };
  const confirm = async (code: string): Promise<string> => {
    const asked = await ask(session, '/auth/totp/confirm', isRecovery, { code });
    if (asked.ok) setStep({ kind: 'codes', codes: asked.value.codes });
    return asked.ok ? '' : asked.message;
  };
  const renewCodes = async (): Promise<void> => {
    const asked = await askProved('/auth/totp/codes', isRecovery, {});
    setProblem(asked.ok ? '' : asked.message);
    if (asked.ok) setStep({ kind: 'codes', codes: asked.value.codes });
  };
  const remove = async (): Promise<void> => {
    const asked = await askProved('/auth/totp/remove', isDone, {});
    setProblem(asked.ok ? '' : asked.message);
    onChanged();
  };
  const rest = (): void => {
    setStep({ kind: 'rest' });
    onChanged();
  };
  return (
    <section className="panel sync-panel" aria-labelledby="two-factor">
      <h2 id="two-factor">Second factor</h2>
      {step.kind === 'setting_up' ? (
        <AuthenticatorSetUp totp={step.totp} onCode={confirm} onCancel={rest} />
      ) : step.kind === 'codes' ? (
        <RecoveryCodes codes={step.codes} onDone={rest} />
      ) : security.totp ? (
        <>
          <p>
            An authenticator app gives the codes for signing in. {security.recoveryCodes} of 10 recovery codes are left, for when it is
            lost. Other devices sign in again after a change here.
          </p>
          <Group gap="xs">
            <Button variant="default" onClick={() => void renewCodes()}>
              New recovery codes
            </Button>
            <Button variant="default" onClick={() => void remove()}>
              Remove the authenticator app
            </Button>
          </Group>
        </>
      ) : (
        <>
          <p className="quiet">
            With an authenticator app on your phone, your password alone opens nothing. Other devices sign in again after it.
          </p>
          <Button variant="default" onClick={() => void begin()}>
            Set up an authenticator app
          </Button>
        </>
      )}
      {problem === '' ? null : (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
