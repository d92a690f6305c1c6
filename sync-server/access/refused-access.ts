/** Who was refused what they have no right to: an entry of the audit, and not thousands of them. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticate, Caller } from '../auth/authenticate.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { HttpError } from '../error-answer.ts';

/** Refusals of records pushed are noted where they are decided, those of keys and sign-ins where these are judged. */
const NOTED: ReadonlySet<string> = new Set(['not_permitted', 'beyond_your_rights']);

interface RefusedDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly onError: (error: Error) => void;
}

/** Notes the first refusal in an hour of one person at one route, with what was missing. */
export function noteRefusedAccess(app: FastifyInstance, { db, now, onError }: RefusedDependencies, authenticate: Authenticate): void {
  let hour = '';
  const noted = new Set<string>();
  function isFirst(mark: string): boolean {
    const thisHour = now().toISOString().slice(0, 13);
    if (hour !== thisHour) noted.clear();
    hour = thisHour;
    if (noted.has(mark)) return false;
    noted.add(mark);
    return true;
  }
  async function note(request: FastifyRequest, { code, more }: HttpError, { user, device, address }: Caller): Promise<void> {
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    const permission = typeof more['permission'] === 'string' ? more['permission'] : '';
    if (!isFirst(`${user.id} ${device} ${route} ${code} ${permission}`)) return;
    const details = { route, code, ...(permission === '' ? {} : { permission }) };
    await securityEvent(db, { kind: 'access_refused', who: user, device, address, at: now(), details });
  }
  app.addHook('onError', async (request, _reply, error) => {
    if (!(error instanceof HttpError) || !NOTED.has(error.code)) return;
    // The refusal stands, also while the database cannot take the note of it.
    await authenticate(request)
      .then((caller) => note(request, error, caller))
      .catch(onError);
  });
}
