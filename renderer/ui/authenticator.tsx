/** Setting up an authenticator app and keeping its recovery codes: under one's account, and at a sign-in that asks for it. */
import { Button, Group, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { TotpAnswer } from '../../domain/protocol/protocol.ts';
import './authenticator.css';
import { usePort } from './port.tsx';

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

interface SetUpProps {
  readonly totp: TotpAnswer;
  /** Answers what is wrong with the code; '' when it was right. */
  readonly onCode: (code: string) => Promise<string>;
  readonly onCancel: () => void;
}
/** The secret to scan or to type, and a first code of the app. */
export function AuthenticatorSetUp({ totp, onCode, onCancel }: SetUpProps) {
  const image = useQrCode(totp.uri);
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState('');
  const confirm = async (): Promise<void> => {
    const said = await onCode(code);
    setProblem(said);
    if (said !== '') setCode('');
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
      <div className="authenticator-form">
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

/** Shown once; whoever goes on has kept them. */
export function RecoveryCodes({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }) {
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
