/** Always visible: is what I typed with the others yet? */
import { Link } from '@tanstack/react-router';
import { useOpenCount } from '../inbox/use-inbox.ts';
import { useSyncState } from '../sync/connection.ts';
import { chipText, toneOf } from './sync-words.ts';

export function SyncChip() {
  const state = useSyncState();
  const inbox = useOpenCount();
  return (
    <div role="status" aria-live="polite">
      <Link to="/sync-status" className="sync-chip" title="Open the sync page">
        <span
          className="dot"
          data-tone={state.setAside + state.files.refused + inbox > 0 ? 'bad' : toneOf(state.phase)}
          aria-hidden="true"
        />
        {chipText(state, inbox)}
      </Link>
    </div>
  );
}
