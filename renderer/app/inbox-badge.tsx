/** How many entries of the inbox wait for the signed-in person, beside its name in the navigation. */
import { useOpenCount } from '../inbox/use-inbox.ts';

/** The link is described by it, so that its name stays "Inbox". */
export const INBOX_BADGE = 'inbox-badge';

export function InboxBadge() {
  const open = useOpenCount();
  return open === 0 ? null : (
    <span className="nav-badge" aria-hidden="true">
      <span id={INBOX_BADGE} title={`${open} open`}>
        {open}
      </span>
    </span>
  );
}
