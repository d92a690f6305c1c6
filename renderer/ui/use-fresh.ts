/** What others change elsewhere is asked for again: when somebody comes back to the window, and now and then while it is looked at. */
import { useEffect } from 'react';
import { useSyncState } from '../sync/connection.ts';

const EVERY_MS = 30_000;
/** Coming back to a window is told twice by most browsers. */
const APART_MS = 2_000;

/** `again` asks; it has to stay the same function. Nothing is asked without the server, or in a window that nobody sees. */
export function useFresh(again: () => void): void {
  const isLive = useSyncState().phase === 'live';
  useEffect(() => {
    if (!isLive) return undefined;
    let last = Date.now();
    const look = (): void => {
      if (document.visibilityState !== 'visible' || Date.now() - last < APART_MS) return;
      last = Date.now();
      again();
    };
    const asking = setInterval(look, EVERY_MS);
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(asking);
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [again, isLive]);
}
