/** What somebody comes in by: the invitation, a link for a new password, signing out everywhere, disabling. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { AdminPermission } from '../../domain/access/permissions.ts';
import type { UserLine } from '../../domain/protocol/admin.ts';
import { ask } from '../sync/ask.ts';
import { useSession, useSessionState } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { isUser } from './answers.ts';
import { EmailDialog } from './email-dialog.tsx';
import { wholeLink } from './people-words.ts';
import { isInvited, isResetLink } from './person-answers.ts';
import { StateTag } from './people-screen.tsx';
import { Question } from './question.tsx';
import { SecretLine } from './secret-line.tsx';

interface Deed {
  readonly button: string;
  readonly needs: AdminPermission;
  readonly in: readonly UserLine['state'][];
  readonly title: (name: string) => string;
  readonly text: string;
  readonly action: string;
  readonly path: string;
  readonly body?: object;
  readonly done: (name: string) => string;
  readonly withReason?: boolean;
  readonly danger?: boolean;
  /** Somebody else has to do it. */
  readonly notOwn?: boolean;
  /** Only for whom it means something. */
  readonly when?: (user: UserLine) => boolean;
  /** The account is gone afterwards. */
  readonly leaves?: boolean;
}
const deeds: readonly Deed[] = [
  {
    button: 'Withdraw the invitation',
    needs: 'users:invite',
    in: ['invited'],
    title: (name) => `Withdraw the invitation of ${name}?`,
    text: 'The link counts no more, and the account is gone. You can invite the same address again.',
    action: 'Withdraw it',
    path: '/admin/users/withdraw',
    done: (name) => `The invitation of ${name} was withdrawn.`,
    danger: true,
    leaves: true,
  },
  {
    button: 'Sign out everywhere',
    needs: 'sessions:revoke',
    in: ['active'],
    title: (name) => `Sign ${name} out everywhere?`,
    text: 'Every session ends at once. Devices keep what they hold, and its person signs in again; to have a device emptied, remove it instead.',
    action: 'Sign out',
    path: '/admin/users/sign-out',
    done: (name) => `${name} is signed out everywhere.`,
  },
  {
    button: 'Remove a lost second factor',
    needs: 'users:reset_password',
    in: ['active'],
    when: ({ secondFactor }) => secondFactor,
    title: (name) => `Remove the second factor of ${name}?`,
    text: 'Authenticator app, recovery codes and passkeys go, and every session ends. The password opens the account again, so be sure who asks. Where it is a duty, the next sign-in leads to a new one.',
    action: 'Remove it',
    path: '/admin/users/remove-factor',
    done: (name) => `The second factor of ${name} was removed.`,
    withReason: true,
    danger: true,
    notOwn: true,
  },
  {
    button: 'Disable',
    needs: 'users:disable',
    in: ['active'],
    title: (name) => `Disable the account of ${name}?`,
    text: 'Its person is signed out everywhere at once and cannot sign in any more. Records stay, and so does the name on them. Devices that should be emptied have to be removed as well.',
    action: 'Disable the account',
    path: '/admin/users/disable',
    body: { disabled: true },
    done: (name) => `The account of ${name} is disabled.`,
    withReason: true,
    danger: true,
    notOwn: true,
  },
  {
    button: 'Enable',
    needs: 'users:disable',
    in: ['disabled'],
    title: (name) => `Enable the account of ${name}?`,
    text: 'Its person can sign in again, with the password of before.',
    action: 'Enable the account',
    path: '/admin/users/disable',
    body: { disabled: false },
    done: (name) => `The account of ${name} is enabled.`,
    withReason: true,
    notOwn: true,
  },
];

interface AccessProps {
  readonly user: UserLine;
  readonly onChanged: () => void;
}

export function AccessPanel({ user, onChanged }: AccessProps) {
  const own = useSessionState().user?.id === user.id;
  const rights = useOwnRights();
  const [asking, setAsking] = useState<Deed>();
  const [link, setLink] = useState<string>();
  const [moving, setMoving] = useState(false);
  const open = deeds.filter(
    (deed) => deed.in.includes(user.state) && rights.may(deed.needs) && (deed.when?.(user) ?? true) && !(own && deed.notOwn === true),
  );
  return (
    <section className="panel admin-panel" aria-labelledby="access">
      <h2 id="access">Access</h2>
      <AccessFacts user={user} />
      <div className="admin-bar">
        {user.state === 'invited' && rights.may('users:invite') ? (
          <ResendButton user={user} onLink={setLink} onChanged={onChanged} />
        ) : null}
        {user.state === 'active' && rights.may('users:reset_password') ? <NewPasswordButton user={user} onLink={setLink} /> : null}
        {user.state === 'active' && !own && rights.may('users:reset_password') ? (
          <Button variant="default" onClick={() => setMoving(true)}>
            Change the e-mail address
          </Button>
        ) : null}
        {open.map((deed) => (
          <Button
            key={deed.button}
            variant="default"
            {...(deed.danger === true ? { c: 'var(--desk-bad)' } : {})}
            onClick={() => setAsking(deed)}
          >
            {deed.button}
          </Button>
        ))}
      </div>
      {asking === undefined ? null : <DeedQuestion deed={asking} user={user} onChanged={onChanged} onClose={() => setAsking(undefined)} />}
      {moving ? <EmailDialog user={user} onLink={setLink} onChanged={onChanged} onClose={() => setMoving(false)} /> : null}
      {link === undefined ? null : (
        <Dialog title={`Link for ${user.name}`} onClose={() => setLink(undefined)}>
          <p>Hand it on by a way that only {user.name} reads. It works once.</p>
          <SecretLine label="Link" text={wholeLink(link, window.location.origin)} />
        </Dialog>
      )}
    </section>
  );
}

function AccessFacts({ user }: { readonly user: UserLine }) {
  return (
    <dl className="facts">
      <dt>State</dt>
      <dd>
        <StateTag user={user} />
      </dd>
      {user.invitedUntil === null ? null : (
        <>
          <dt>The invitation can be used until</dt>
          <dd>{showInstant(user.invitedUntil)}</dd>
        </>
      )}
      {user.newEmail === null ? null : (
        <>
          <dt>New address, not confirmed yet</dt>
          <dd>{user.newEmail}</dd>
        </>
      )}
      <dt>Second factor</dt>
      <dd>{user.secondFactor ? 'Yes' : 'No'}</dd>
      <dt>Last seen</dt>
      <dd>{user.lastSeen === null ? 'Never' : showInstant(user.lastSeen)}</dd>
      <dt>Account since</dt>
      <dd>{showInstant(user.createdAt)}</dd>
    </dl>
  );
}

function DeedQuestion({ deed, user, onChanged, onClose }: AccessProps & { readonly deed: Deed; readonly onClose: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const go = async (reason: string): Promise<string> => {
    const body = { account: user.id, ...deed.body, ...(deed.withReason === true ? { reason } : {}) };
    const answer = await ask(session, deed.path, isUser, body);
    if (!answer.ok) return answer.message;
    notifications.show({ message: deed.done(user.name) });
    if (deed.leaves === true) void navigate({ to: '/administration/$part', params: { part: 'people' } });
    else onChanged();
    return '';
  };
  return (
    <Question
      title={deed.title(user.name)}
      text={deed.text}
      action={deed.action}
      withReason={deed.withReason === true}
      danger={deed.danger === true}
      onClose={onClose}
      onDo={go}
    />
  );
}

interface LinkProps {
  readonly user: UserLine;
  readonly onLink: (link: string) => void;
}
function ResendButton({ user, onLink, onChanged }: LinkProps & AccessProps) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const resend = async (): Promise<void> => {
    setBusy(true);
    const [deskId = '', ...desks] = user.desks;
    const body = { email: user.email, name: user.name, role: user.role, deskId, desks };
    const answer = await ask(session, '/auth/invitations', isInvited, body).finally(() => setBusy(false));
    if (!answer.ok) notifications.show({ color: 'red', title: 'Not sent', message: answer.message });
    else if (answer.value.link === undefined)
      notifications.show({ message: `A new letter was sent to ${user.email}; the old link is void.` });
    else onLink(answer.value.link);
    onChanged();
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void resend()}>
      Send it again
    </Button>
  );
}

function NewPasswordButton({ user, onLink }: LinkProps) {
  const session = useSession();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Link for a new password
      </Button>
      {asking ? (
        <Question
          title={`A link for a new password of ${user.name}?`}
          text="Whoever has the link can choose the password. It works once, for half an hour."
          action="Make the link"
          onClose={() => setAsking(false)}
          onDo={async () => {
            const answer = await ask(session, '/auth/reset-links', isResetLink, { account: user.id });
            if (!answer.ok) return answer.message;
            onLink(answer.value.link);
            return '';
          }}
        />
      ) : null}
    </>
  );
}
