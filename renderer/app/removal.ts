/**
 * What happens on a device that was removed from Drover. It is noted first, then every window loads anew: nothing is open then,
 * and what is noted is done before anything opens, also after a crash in the middle of it.
 */
import type { DesktopPort } from '../../electron/ipc-contract.ts';
import { removeEverything } from '../data/remove-everything.ts';
import type { Session } from '../sync/session.ts';
import { VERIFIER_SECRET } from '../sync/password-verifier.ts';
import { TOKEN_SECRET } from '../sync/token-pair.ts';
import { STORAGE_SECRET } from './desktop-port.ts';

const NOTE = 'drover.removal';

export interface Removal {
  readonly state: 'begun' | 'done';
  readonly at: string;
  /** Address of the server and the token of the ended session, to say that it was done; the token is good for nothing else. */
  readonly baseUrl: string;
  readonly token: string;
}
const isRemoval = (value: unknown): value is Removal =>
  typeof value === 'object' &&
  value !== null &&
  'state' in value &&
  'at' in value &&
  'baseUrl' in value &&
  typeof value.baseUrl === 'string' &&
  'token' in value &&
  typeof value.token === 'string';

export function notedRemoval(): Removal | undefined {
  const text = localStorage.getItem(NOTE);
  if (text === null) return undefined;
  const value: unknown = JSON.parse(text);
  return isRemoval(value) ? value : undefined;
}
const note = (removal: Removal): void => localStorage.setItem(NOTE, JSON.stringify(removal));
/** The person has read it; the next load begins with an empty desk. */
export const forgetRemoval = (): void => localStorage.removeItem(NOTE);

/** Watches for the server's word, in this window and the others. */
export function obeyRemoval(session: Session): void {
  const look = (): void => {
    if (session.state.get().phase !== 'revoked' || notedRemoval()) return;
    note({ state: 'begun', at: new Date().toISOString(), baseUrl: session.baseUrl, token: session.revokedToken() ?? '' });
    window.location.reload();
  };
  session.state.subscribe(look);
  look();
  window.addEventListener('storage', (event) => {
    if (event.key === NOTE && event.newValue !== null) window.location.reload();
  });
}

const TELL_MS_MAX = 10_000;

/** Does what was noted. One window at a time; the others find it done. Rejects when something cannot be removed. */
export function carryOutRemoval(port: DesktopPort, onBlocked: () => void): Promise<void> {
  return navigator.locks.request('drover-removal', async () => {
    const removal = notedRemoval();
    if (removal?.state !== 'begun') return;
    for (const secret of [STORAGE_SECRET, TOKEN_SECRET, VERIFIER_SECRET]) await port.removeSecret(secret);
    await removeEverything([NOTE], onBlocked);
    if (removal.token !== '') {
      const told = await fetch(`${removal.baseUrl}/auth/wiped`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken: removal.token }),
        signal: AbortSignal.timeout(TELL_MS_MAX),
      }).catch((error: unknown) => error);
      // Whether the server heard of it changes nothing here.
      if (told instanceof Response) await told.body?.cancel();
    }
    note({ ...removal, state: 'done', token: '' });
  });
}
