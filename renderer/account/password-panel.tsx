/** Changing one's password. The server judges the new one; what it refuses stands at its field. */
import { Button, PasswordInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { PASSWORD_CHARS_MIN } from '../../domain/protocol/protocol.ts';
import { type Asked, ask, isDone } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';

const empty = { current: '', next: '', again: '' };
type Refusal = Extract<Asked<unknown>, { ok: false }>;

export function PasswordPanel({ email }: { readonly email: string }) {
  const session = useSession();
  const [typed, setTyped] = useState(empty);
  const [refusal, setRefusal] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const at = (field: keyof typeof empty) => ({
    size: 'sm',
    value: typed[field],
    error: refusal?.field === field ? refusal.message : undefined,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [field]: value }));
      if (refusal?.field === field) setRefusal(undefined);
    },
  });
  const change = async (): Promise<void> => {
    if (typed.next !== typed.again) {
      setRefusal({ ok: false, code: 'different', message: 'This is not the same as the new password.', field: 'again', said: {} });
      return;
    }
    setBusy(true);
    const asked = await ask(session, '/auth/password', isDone, { current: typed.current, next: typed.next }).finally(() => setBusy(false));
    setRefusal(asked.ok ? undefined : asked);
    if (!asked.ok) return;
    await session.keepPassword(typed.next);
    setTyped(empty);
    notifications.show({ title: 'Password changed', message: 'Every other device has been signed out.' });
  };
  return (
    <section className="panel sync-panel" aria-labelledby="password">
      <h2 id="password">Password</h2>
      <p className="quiet">
        At least {PASSWORD_CHARS_MIN} characters; several words are easy to remember. Other devices sign in again after it.
      </p>
      <form
        className="account-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        <input type="hidden" name="email" autoComplete="username" value={email} readOnly />
        <PasswordInput label="Current password" name="current" autoComplete="current-password" {...at('current')} />
        <PasswordInput label="New password" name="next" autoComplete="new-password" {...at('next')} />
        <PasswordInput label="New password again" name="again" autoComplete="new-password" {...at('again')} />
        {refusal === undefined || refusal.field !== undefined ? null : (
          <p className="field-error" role="alert">
            {refusal.message}
          </p>
        )}
        <Button type="submit" loading={busy} disabled={typed.current === '' || typed.next === '' || typed.again === ''}>
          Change the password
        </Button>
      </form>
    </section>
  );
}
