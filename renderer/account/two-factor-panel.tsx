/** The second factor: setting up an authenticator app, its recovery codes, and removing it. */
import { Button, Group, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { RecoveryAnswer, SecurityAnswer, TotpAnswer } from '../../domain/protocol/protocol.ts';
import { ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { usePort } from '../ui/port.tsx';
import type { AskProved } from './proof.tsx';

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
  const [step, setStep] = useState<Step>({ kind: 'rest' });
  const [problem, setProblem] = useState('');
  const begin = async (): Promise<void> => {
    const asked = await askProved('/auth/totp/begin', isTotp, {});
    setProblem(asked.ok ? '' : asked.message);
    if (asked.ok) setStep({ kind: 'setting_up', totp: asked.value });
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
        <SetUp totp={step.totp} onCodes={(codes) => setStep({ kind: 'codes', codes })} onCancel={rest} />
      ) : step.kind === 'codes' ? (
        <RecoveryCodes codes={step.codes} onDone={rest} />
      ) : security.totp ? (
        <>
          <p>
            An authenticator app gives the codes for signing in. {security.recoveryCodes} of 10 recovery codes are left, for when it is
            lost.
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
          <p className="quiet">With an authenticator app on your phone, your password alone opens nothing.</p>
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

function useQrCode(text: string): string | undefined {
  const [image, setImage] = useState<string>();
  useEffect(() => {
    let gone = false;
    void import('qrcode')
      .then(({ toString }) => toString(text, { type: 'svg', margin: 2 }))
      .then((svg) => {
        if (!gone) setImage(`data:image/svg+xml,${encodeURIComponent(svg)}`);
      });
    return () => {
      gone = true;
    };
  }, [text]);
  return image;
}

function SetUp({
  totp,
  onCodes,
  onCancel,
}: {
  readonly totp: TotpAnswer;
  readonly onCodes: (codes: readonly string[]) => void;
  readonly onCancel: () => void;
}) {
  const session = useSession();
  const image = useQrCode(totp.uri);
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState('');
  const confirm = async (): Promise<void> => {
    const asked = await ask(session, '/auth/totp/confirm', isRecovery, { code });
    if (asked.ok) onCodes(asked.value.codes);
    else {
      setProblem(asked.message);
      setCode('');
    }
  };
  return (
    <form
      className="two-factor"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      {image === undefined ? (
        <span className="two-factor-code" />
      ) : (
        <img className="two-factor-code" src={image} alt="QR code for the authenticator app" />
      )}
      <div className="account-form">
        <p>1. Scan this with your authenticator app, or type this key into it:</p>
        <p className="secret-text">{totp.secret.match(/.{1,4}/gu)?.join(' ')}</p>
        <TextInput
          size="sm"
          label="2. Enter the code that it shows"
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          error={problem === '' ? undefined : problem}
          onChange={(event) => setCode(event.currentTarget.value)}
          autoFocus
        />
        <Group gap="xs">
          <Button type="submit" disabled={code === ''}>
            Confirm
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }) {
  const port = usePort();
  const save = async (): Promise<void> => {
    const text = `Recovery codes for Drover. Each works once, in place of a code of the authenticator app.\r\n\r\n${codes.join('\r\n')}\r\n`;
    await port.saveFile('drover-recovery-codes.txt', new TextEncoder().encode(text));
  };
  return (
    <>
      <p role="status">
        Keep these recovery codes where you find them without your phone. Each works once; they are not shown again, and earlier ones no
        longer work.
      </p>
      <ul className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group gap="xs">
        <Button variant="default" onClick={() => void save()}>
          Save to a file
        </Button>
        <Button onClick={onDone}>I have kept them</Button>
      </Group>
    </>
  );
}
