/** One's own account: the devices, the password, the second factor, passkeys. All of it is the server's, so it needs the server. */
import type { SecurityAnswer } from '../../domain/protocol/protocol.ts';
import { useAsked } from '../sync/ask.ts';
import { useSignInWays } from '../sync/sign-in-ways.ts';
import { useSession, useSessionState } from '../sync/session.ts';
import { Page } from '../ui/page.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { LockPanel } from './lock-panel.tsx';
import { PasskeysPanel } from './passkeys-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { useProof } from './proof.tsx';
import { TwoFactorPanel } from './two-factor-panel.tsx';
import './account.css';

const isSecurity = (value: unknown): value is SecurityAnswer =>
  typeof value === 'object' && value !== null && 'totp' in value && 'passkeys' in value && Array.isArray(value.passkeys);

export function AccountScreen() {
  const { user } = useSessionState();
  const { asked, again } = useAsked('/auth/security', isSecurity);
  const ways = useSignInWays();
  const { deviceName } = useSession();
  const { askProved, dialog } = useProof();
  return (
    <Page title="Your account" subtitle={user === undefined ? '' : `${user.name}, ${user.email}`}>
      <DevicesPanel />
      {asked?.ok === true ? (
        <>
          {asked.value.hasPassword ? <PasswordPanel email={user?.email ?? ''} /> : null}
          {asked.value.hasPassword ? <TwoFactorPanel security={asked.value} askProved={askProved} onChanged={again} /> : null}
          {ways?.passkeys === true ? (
            <PasskeysPanel security={asked.value} deviceName={deviceName} askProved={askProved} onChanged={again} />
          ) : null}
        </>
      ) : null}
      <LockPanel />
      {dialog}
    </Page>
  );
}
