/**
 * Over everything while the window is locked. What lies under it stays as it is, half-typed forms included, but can be neither
 * seen nor reached. The password unlocks without the server; whoever has none signs in.
 */
import { Button, PasswordInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import { useSession } from '../sync/session.ts';
import { type IdleLock, useIdleLock } from '../ui/idle-lock.tsx';
import mark from './drover.svg?no-inline';
import { SignInForm } from './sign-in-form.tsx';

/** Notes and dialogs stand outside of the page, in #overlays. */
function useHiddenOverlays(): void {
  useEffect(() => {
    const overlays = document.getElementById('overlays');
    overlays?.setAttribute('hidden', '');
    overlays?.setAttribute('inert', '');
    return () => {
      overlays?.removeAttribute('hidden');
      overlays?.removeAttribute('inert');
    };
  }, []);
}
/** The keys of the desk listen on the window; none of them may work while it is locked. */
function useQuietKeys(): void {
  useEffect(() => {
    const quiet = (event: KeyboardEvent): void => {
      if (event.target instanceof Element && event.target.closest('.lock-screen')) event.stopPropagation();
      else {
        event.stopImmediatePropagation();
        event.preventDefault();
      }
    };
    document.addEventListener('keydown', quiet);
    return () => document.removeEventListener('keydown', quiet);
  }, []);
}

export function LockScreen({ user }: { readonly user: SignedInUser }) {
  const lock = useIdleLock();
  const [way, setWay] = useState<'password' | 'sign_in'>('password');
  useHiddenOverlays();
  useQuietKeys();
  useEffect(() => {
    const before = document.title;
    document.title = 'Locked - Drover';
    return () => {
      document.title = before;
    };
  }, []);
  return (
    <main className="sign-in lock-screen">
      <div className="sign-in-card panel">
        <img src={mark} alt="" width={36} height={36} />
        <h1>Locked</h1>
        <p className="quiet">{user.name} is signed in here. What you were doing is as you left it.</p>
        {way === 'password' ? (
          <Unlock lock={lock} user={user} onNoPassword={() => setWay('sign_in')} />
        ) : (
          <>
            <p className="quiet">This device cannot check your password by itself. Sign in to unlock it.</p>
            <SignInForm email={user.email} onSignedIn={() => lock.unlock()} />
          </>
        )}
      </div>
    </main>
  );
}

function Unlock({ lock, user, onNoPassword }: { readonly lock: IdleLock; readonly user: SignedInUser; readonly onNoPassword: () => void }) {
  const session = useSession();
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const unlock = async (): Promise<void> => {
    const seconds = Math.ceil(lock.waitMs() / 1000);
    if (seconds > 0) {
      setProblem(`Too many wrong passwords. Try again in ${seconds} s.`);
      return;
    }
    setBusy(true);
    const matches = await session.passwordMatches(user.id, password).finally(() => setBusy(false));
    setPassword('');
    if (matches === undefined) onNoPassword();
    else if (matches) lock.unlock();
    else {
      lock.wrongPassword();
      setProblem('The password is wrong.');
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void unlock();
      }}
    >
      <PasswordInput
        size="sm"
        label="Password"
        name="password"
        autoComplete="current-password"
        mb="md"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoFocus
      />
      {problem === '' ? null : (
        <div className="notice" data-tone="bad" role="alert">
          <span>{problem}</span>
        </div>
      )}
      <Button type="submit" size="sm" fullWidth loading={busy} disabled={password === ''}>
        Unlock
      </Button>
    </form>
  );
}
