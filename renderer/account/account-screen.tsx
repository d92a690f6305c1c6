/** One's own account: who one is, the password, the devices. All of it is the server's, so it needs the server. */
import { useSessionState } from '../sync/session.ts';
import { Page } from '../ui/page.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import './account.css';

export function AccountScreen() {
  const { user } = useSessionState();
  return (
    <Page title="Your account" subtitle={user === undefined ? '' : `${user.name}, ${user.email}`}>
      <DevicesPanel />
      <PasswordPanel email={user?.email ?? ''} />
    </Page>
  );
}
