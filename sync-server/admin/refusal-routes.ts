/** Refusals of all users over the API. */
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { HandBackBody, type RefusalAnswer, RefusalBody, type RefusalsAnswer } from '../../domain/protocol/admin.ts';
import { RefusalQuery, RefusalsQuery } from '../../domain/protocol/queries.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn, byOf, reasonIn, unknownAccount } from './acting.ts';
import { type HandBackDependencies, handBack } from './hand-back.ts';
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
  admin: AdminDependencies & Omit<HandBackDependencies, 'inbox'> & { readonly inbox?: Noun },
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
  const { inbox } = admin;
  if (inbox) handBackRoute(app, { ...admin, inbox }, authenticate);
}

function handBackRoute(app: FastifyInstance, dependencies: HandBackDependencies, authenticate: Authenticate): void {
  app.post<{ Body: HandBackBody }>(
    '/admin/refusals/hand-back',
    { config: { access: 'refusals:resolve' }, schema: { body: HandBackBody } },
    async (request) => {
      const { number, to } = request.body;
      const note = reasonIn(request.body.note, 'Say what is to be done: whoever gets the change reads it.', 'note');
      const caller = await authenticate(request);
      const asked = { number, note, ...(to === undefined ? {} : { to }) };
      switch (await handBack(dependencies, await dependencies.access.now(caller.reach), asked, byOf(caller))) {
        case 'done':
          return { done: true };
        case 'unknown_refusal':
          throw unknown();
        case 'unknown_account':
          throw unknownAccount('to');
        case 'not_permitted':
          throw new HttpError(403, 'not_permitted', 'You cannot see this record, so you cannot hand it to anybody. Ask an administrator.');
        case 'recipient_may_not_see':
          throw new HttpError(422, 'recipient_may_not_see', 'This person may not see such a record. Choose somebody who may.', {
            field: 'to',
          });
      }
    },
  );
}
