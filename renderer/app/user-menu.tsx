/** Who is signed in; the account; colour scheme; signing out. */
import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { IconInfoCircle, IconLock, IconLogin2, IconLogout2, IconMoon, IconSun, IconUserCog } from '@tabler/icons-react';
import { useState } from 'react';
import { useSyncState } from '../sync/connection.ts';
import { useSession, useSessionState } from '../sync/session.ts';
import { useIdleLock } from '../ui/idle-lock.tsx';
import { SignInAgain, SignOutQuestion } from './sign-in-again.tsx';

export function UserMenu() {
  const session = useSession();
  const lock = useIdleLock();
  const { user, phase } = useSessionState();
  const { waitingTotal } = useSyncState();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<'nothing' | 'sign_in' | 'sign_out'>('nothing');
  const initials = (user?.name ?? '?')
    .split(/\s+/u)
    .map((part) => part[0])
    .slice(0, 2)
    .join('')
    .toUpperCase();
  const leave = (): void => {
    if (waitingTotal > 0) setAsking('sign_out');
    else void session.signOut();
  };
  return (
    <>
      <Menu position="bottom-end" width={230} withinPortal>
        <Menu.Target>
          <UnstyledButton className="user-button" aria-label={`${initials}, account of ${user?.name ?? 'nobody'}`}>
            <span className="user-initials">{initials}</span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {user?.name}
            <br />
            {user?.email}
          </Menu.Label>
          {(['light', 'dark', 'auto'] as const).map((scheme) => (
            <Menu.Item
              key={scheme}
              role="menuitemradio"
              aria-checked={colorScheme === scheme}
              leftSection={scheme === 'dark' ? <IconMoon size={15} aria-hidden="true" /> : <IconSun size={15} aria-hidden="true" />}
              rightSection={colorScheme === scheme ? '✓' : ''}
              onClick={() => setColorScheme(scheme)}
            >
              {scheme === 'auto' ? 'Colours as the system' : scheme === 'dark' ? 'Dark' : 'Light'}
            </Menu.Item>
          ))}
          <Menu.Item leftSection={<IconLock size={15} aria-hidden="true" />} onClick={() => lock.lock()}>
            Lock
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconUserCog size={15} aria-hidden="true" />} onClick={() => void navigate({ to: '/account' })}>
            Your account
          </Menu.Item>
          <Menu.Item leftSection={<IconInfoCircle size={15} aria-hidden="true" />} onClick={() => void navigate({ to: '/about' })}>
            About Drover
          </Menu.Item>
          {phase === 'expired' ? (
            <Menu.Item leftSection={<IconLogin2 size={15} aria-hidden="true" />} onClick={() => setAsking('sign_in')}>
              Sign in again
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconLogout2 size={15} aria-hidden="true" />} onClick={leave}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === 'sign_in' ? <SignInAgain email={user?.email ?? ''} onClose={() => setAsking('nothing')} /> : null}
      {asking === 'sign_out' ? (
        <SignOutQuestion waiting={waitingTotal} onClose={() => setAsking('nothing')} onSignOut={() => void session.signOut()} />
      ) : null}
    </>
  );
}
