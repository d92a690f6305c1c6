/** Refusals of all users over the API. */
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { type RefusalAnswer, RefusalBody, type RefusalsAnswer } from '../../domain/protocol/admin.ts';
import { RefusalQuery, RefusalsQuery } from '../../domain/protocol/queries.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Access } from '../access/access.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn } from './acting.ts';
import { refusalFor, refusalsFor, settleRefusal } from './refusals.ts';

const PAGE = 100;
function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/u.test(text)) throw new HttpError(400, 'bad_query', 'The number of a refusal is a whole number.', { field: 'number' });
  return Number(text);
}
const unknown = (): HttpError =>
  new HttpError(404, 'unknown_refusal', 'There is no such refusal, or it is so already.', { field: 'number' });

export function refusalRoutes(
  app: FastifyInstance,
  admin: AdminDependencies & { readonly access: Pick<Access, 'now'>; readonly nounOf: (collection: string) => Noun | undefined },
  authenticate: Authenticate,
): void {
  app.get<{ Querystring: Static<typeof RefusalsQuery> }>(
    '/admin/refusals',
    { config: { access: 'refusals:read' }, schema: { querystring: RefusalsQuery } },
    async (request, reply): Promise<RefusalsAnswer> => {
      const { account, collection, which, before } = request.query;
      const below = numberIn(before);
      const reader = await admin.access.now((await authenticate(request)).reach);
      const refusals = await refusalsFor(admin, reader, {
        open: which !== 'all',
        limit: PAGE,
        ...(account === undefined || account === '' ? {} : { account }),
        ...(collection === undefined || collection === '' ? {} : { collection }),
        ...(below === undefined ? {} : { before: below }),
      });
      void reply.header('cache-control', 'no-store');
      return { refusals, more: refusals.length === PAGE };
    },
  );
  app.get<{ Querystring: { number?: string } }>(
    '/admin/refusal',
    { config: { access: 'refusals:read' }, schema: { querystring: RefusalQuery } },
    async (request, reply): Promise<RefusalAnswer> => {
      const reader = await admin.access.now((await authenticate(request)).reach);
      const found = await refusalFor(admin, reader, numberIn(request.query.number) ?? 0);
      if (!found) throw unknown();
      void reply.header('cache-control', 'no-store');
      return found;
    },
  );
  app.post<{ Body: RefusalBody }>(
    '/admin/refusals/settle',
    { config: { access: 'refusals:resolve' }, schema: { body: RefusalBody } },
    async (request) => {
      const { number, closed, reason } = request.body;
      const done = await settleRefusal(admin, number, { closed, reason: readable(reason, 500) }, await byIn(authenticate, request));
      if (!done) throw unknown();
      return { done: true };
    },
  );
}
