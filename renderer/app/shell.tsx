/** The frame around every screen: navigation, the one search box, the sync chip, the user. */
import mark from './drover.svg?no-inline';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import { actorOf, useSessionState } from '../sync/session.ts';
import { useIsLocked } from '../ui/idle-lock.tsx';
import { OwnRightsProvider, useOwnRights } from '../ui/own-rights.tsx';
import { ActorProvider } from '../ui/use-submit.tsx';
import { administration, allDestinations, destinations } from './destinations.ts';
import { InboxBadge, INBOX_BADGE } from './inbox-badge.tsx';
import { JoinedNotice } from './joined-notice.tsx';
import { LossNotice } from './loss-panel.tsx';
import { SignedInScreen } from './oidc.tsx';
import { SearchBox } from './search-box.tsx';
import { LapsedScreen } from './lapsed-screen.tsx';
import { LockScreen } from './lock-screen.tsx';
import { EmailAddressScreen } from './email-address-screen.tsx';
import { SetPasswordScreen } from './set-password-screen.tsx';
import { SignInScreen } from './sign-in-screen.tsx';
import { APP_VERSION } from './app-version.ts';
import { SyncChip } from './sync-chip.tsx';
import { UserMenu } from './user-menu.tsx';

const SET_PASSWORD = '/set-password';
const EMAIL_ADDRESS = '/email-address';
/** Where the browser comes back to after a sign-in through another system. */
const SIGNED_IN = '/signed-in';

export function Shell() {
  const { phase, user, lapsed } = useSessionState();
  const locked = useIsLocked();
  const path = useLocation({ select: ({ pathname }) => pathname });
  // Whoever comes by a link of a letter may have no account to sign in with yet, or no way in.
  if (path === SET_PASSWORD) return <SetPasswordScreen />;
  if (path === EMAIL_ADDRESS) return <EmailAddressScreen />;
  if (path === SIGNED_IN) return <SignedInScreen />;
  if (phase === 'signed_out' || !user) return <SignInScreen />;
  if (lapsed !== undefined) return <LapsedScreen why={lapsed} />;
  return (
    <OwnRightsProvider>
      <Acting user={user}>
        <div className="under-lock" inert={locked} data-locked={locked ? 'yes' : undefined}>
          <SignedIn />
        </div>
        {locked ? <LockScreen user={user} /> : null}
      </Acting>
    </OwnRightsProvider>
  );
}

/** Everything below is written in the name of this user, and by no more than the user's rights. */
function Acting({ user, children }: { readonly user: SignedInUser; readonly children: ReactNode }) {
  const { records } = useOwnRights();
  const actor = useMemo(() => actorOf(user, records), [user, records]);
  return <ActorProvider actor={actor}>{children}</ActorProvider>;
}

function SignedIn() {
  const main = useRef<HTMLElement>(null);
  const rights = useOwnRights();
  useGoKeys();
  return (
    <div className="shell">
      <a
        className="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <nav className="shell-nav" aria-label="Main">
        <Link to="/" className="shell-brand">
          <img src={mark} alt="" width={24} height={24} />
          Drover
        </Link>
        {[...destinations, ...(rights.any ? [administration] : [])].map((group) => (
          <div key={group.name} className="nav-group" role="group" aria-label={group.name}>
            <div className="nav-group-name" aria-hidden="true">
              {group.name}
            </div>
            {group.places.map(({ name, to, icon: Icon, key }) => (
              <Link
                key={to}
                to={to}
                className="nav-link"
                activeProps={{ className: 'nav-link active', 'aria-current': 'page' }}
                title={key === undefined ? name : `${name} (G ${key.toUpperCase()})`}
                aria-describedby={to === '/inbox' ? INBOX_BADGE : undefined}
              >
                <Icon size={16} stroke={1.7} aria-hidden="true" />
                {name}
                {to === '/inbox' ? <InboxBadge /> : null}
              </Link>
            ))}
          </div>
        ))}
        <div className="nav-foot">
          <Link to="/about">Drover {APP_VERSION}</Link>
        </div>
      </nav>
      <JoinedNotice />
      <LossNotice />
      <header className="shell-bar">
        <SearchBox />
        <div className="shell-side">
          <SyncChip />
          <UserMenu />
        </div>
      </header>
      <main id="main" ref={main} className="shell-main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/iu.test(target.tagName));
/** Within this time the second key of "g o" counts. */
const CHORD_MS = 1200;

/** g then a letter goes to a list, as in mail and code tools. */
function useGoKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let since = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'g') {
        since = event.timeStamp;
        return;
      }
      const place = event.timeStamp - since < CHORD_MS ? allDestinations.find(({ key }) => key === event.key) : undefined;
      since = 0;
      if (place) {
        event.preventDefault();
        void navigate({ to: place.to });
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}
