/** One's own account: the devices, the password, the second factor, passkeys. All of it is the server's, so it needs the server. */
import { useEffect } from 'react';
import type { SecurityAnswer } from '../../domain/protocol/protocol.ts';
import { useAsked } from '../sync/ask.ts';
import { useSignInWays } from '../sync/sign-in-ways.ts';
import { useSession, useSessionState } from '../sync/session.ts';
import { Page } from '../ui/page.tsx';
import { EmailPanel } from './email-panel.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { LockPanel } from './lock-panel.tsx';
import { PasskeysPanel } from './passkeys-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { useProof } from '../ui/proof.tsx';
import { TwoFactorPanel } from './two-factor-panel.tsx';
import './account.css';

const isSecurity = (value: unknown): value is SecurityAnswer =>
  typeof value === 'object' && value !== null && 'totp' in value && 'passkeys' in value && Array.isArray(value.passkeys);

export function AccountScreen() {
  const { user } = useSessionState();
  const { asked, again } = useAsked('/auth/security', isSecurity);
  const ways = useSignInWays();
  const session = useSession();
  const { askProved, dialog } = useProof();
  const email = asked?.ok === true ? asked.value.email : user?.email;
  const isOld = user !== undefined && email !== user.email;
  useEffect(() => {
    // Confirmed in another window: this one still has the address of before.
    if (isOld) void session.lookAgain();
  }, [isOld, session]);
  return (
    <Page title="Your account" subtitle={user === undefined ? '' : `${user.name}, ${email}`}>
      <DevicesPanel />
      {asked?.ok === true ? (
        <>
          <EmailPanel security={asked.value} letters={ways?.reset === true} askProved={askProved} onChanged={again} />
          {asked.value.hasPassword ? <PasswordPanel email={asked.value.email} /> : null}
          {asked.value.hasPassword ? <TwoFactorPanel security={asked.value} askProved={askProved} onChanged={again} /> : null}
          {ways?.passkeys === true ? (
            <PasskeysPanel security={asked.value} deviceName={session.deviceName} askProved={askProved} onChanged={again} />
          ) : null}
        </>
      ) : null}
      <LockPanel />
      {dialog}
    </Page>
  );
}
