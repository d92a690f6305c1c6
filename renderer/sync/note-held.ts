/** Keeps the mark of what this device holds (renderer/data/held-mark.ts) as things are. */
import { liveQuery } from 'dexie';
import type { Desk } from '../data/desk.ts';
import type { Session } from './session.ts';

/** The mark says when it was last seen to be so; it is written less often than this is looked at. Milliseconds. */
const LOOK = 60_000;

/** Answers how to stop. */
export function noteHeld({ local, heldMark }: Desk, session: Session): () => void {
  // Unknown until the tables were read: a mark of what waits is not replaced by a guess.
  let counts: { readonly waiting: number; readonly files: number } | undefined;
  const note = (): void => {
    const name = session.state.get().user?.name;
    if (counts) heldMark.note({ ...counts, ...(name === undefined ? {} : { user: name }) });
  };
  const sub = liveQuery(() => Promise.all([local.waiting.count(), local.uploads.count()])).subscribe(([waiting, files]) => {
    counts = { waiting, files };
    note();
  });
  const unfollow = session.state.subscribe(note);
  const timer = setInterval(note, LOOK);
  return () => {
    clearInterval(timer);
    unfollow();
    sub.unsubscribe();
  };
}
