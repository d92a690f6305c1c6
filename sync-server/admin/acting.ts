/** Who acts in a request of administration. */
import type { FastifyRequest } from 'fastify';
import type { Authorize } from '../access/authorize.ts';
import { type Authenticate, type Caller, readable } from '../auth/authenticate.ts';
import type { By } from '../auth/devices.ts';
import type { SessionWatch } from '../auth/session-watch.ts';
import type { CompanyWatch } from '../company/company-watch.ts';
import type { Database } from '../db/database.ts';
import { HttpError } from '../error-answer.ts';

export interface AdminDependencies {
  readonly db: Database;
  readonly watch: Pick<SessionWatch, 'look'>;
  readonly company: Pick<CompanyWatch, 'look'>;
  readonly authorize: Authorize;
  readonly now: () => Date;
}
export const byOf = ({ user, device, address }: Caller): By => ({ id: user.id, name: user.name, device, address });
export const byIn = async (authenticate: Authenticate, request: FastifyRequest): Promise<By> => byOf(await authenticate(request));

export const unknownAccount = (field = 'account'): HttpError =>
  new HttpError(404, 'unknown_account', 'There is no such account, or it is disabled.', { field });
export const noOpenDesk = (desk: string): HttpError =>
  new HttpError(422, 'no_open_desk', `There is no open desk "${desk}". Make it first, or choose another one.`, { field: 'desks' });

/** The reason that was given, or 422 with why one is needed. */
export function reasonIn(text: string, why: string, field = 'reason'): string {
  const reason = readable(text, 500);
  if (reason === '') throw new HttpError(422, 'reason_missing', why, { field });
  return reason;
}
