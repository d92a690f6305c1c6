/**
 * Which window syncs. Several tabs share one database; one holds a Web Lock and syncs for all. A lock instead of RxDB's
 * leader election, because the browser frees it the moment a tab dies, does not freeze a tab that holds one, and because
 * one lock covers the one live connection of all collections.
 */
import type { Desk } from '../data/desk.ts';

/** Calls `lead` once this window is the one that syncs; the answer gives it up (or stops waiting). */
export function takeLead(desk: Desk, lead: () => void): () => void {
  if (!desk.severalWindows || typeof navigator === 'undefined' || !('locks' in navigator)) {
    lead();
    return () => undefined;
  }
  const waiting = new AbortController();
  let release: (() => void) | undefined;
  const held = navigator.locks.request(
    `drover-sync-${desk.name}`,
    { signal: waiting.signal },
    () =>
      new Promise<void>((done) => {
        release = done;
        lead();
      }),
  );
  held.catch((error: unknown) => {
    if (!waiting.signal.aborted) throw error;
  });
  return () => {
    waiting.abort();
    release?.();
  };
}
