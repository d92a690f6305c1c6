/** Setting up a second factor that is a duty, before there is a session; and removing a lost one of somebody. */
import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FastifyInstance } from 'fastify';
import { FactorRemovalBody, type UserAnswer } from '../../domain/protocol/admin.ts';
import {
  type LoginAnswer,
  SecondBody,
  type SetUpAnswer,
  TicketBody,
  TicketPasskeyBody,
  type TotpAnswer,
} from '../../domain/protocol/protocol.ts';
import type { Authorize } from '../access/authorize.ts';
import { listUsers } from '../db/users.ts';
import { HttpError } from '../error-answer.ts';
import { answerSignIn, tooMany, wrongCode } from './auth-routes.ts';
import { type Authenticate, originOf, readable } from './authenticate.ts';
import { beginSetUp, finishSetUp, removeLostFactor, takeKeptTicket } from './factor-duty.ts';
import { passkeyRefused } from './factor-routes.ts';
import { beginPasskeySetUp, finishPasskeySetUp } from './passkey-set-up.ts';
import type { PasskeyDependencies } from './passkeys.ts';
import { enterSession } from './sign-in.ts';

const deadTicket = (): HttpError => new HttpError(401, 'wrong_credentials', 'This took too long. Sign in again.');

export function factorDutyRoutes(
  app: FastifyInstance,
  dependencies: PasskeyDependencies & { readonly authorize: Authorize },
  authenticate: Authenticate,
): void {
  appSetUpRoutes(app, dependencies);
  if (dependencies.publicUrl !== '') passkeySetUpRoutes(app, dependencies);
  app.post<{ Body: FactorRemovalBody }>(
    '/admin/users/remove-factor',
    { config: { access: 'users:reset_password' }, schema: { body: FactorRemovalBody } },
    async (request): Promise<UserAnswer> => {
      const caller = await authenticate(request);
      const { user, device, address } = caller;
      const { account } = request.body;
      const reason = readable(request.body.reason, 500);
      if (account === user.id)
        throw new HttpError(409, 'own_account', 'Remove your own under your account, or ask somebody else.', { field: 'account' });
      if (reason === '')
        throw new HttpError(422, 'reason_missing', 'Say why, and how you know that it is this person who asks.', { field: 'reason' });
      await dependencies.authorize.requireOver(caller, account);
      if (!(await removeLostFactor(dependencies, account, reason, { id: user.id, name: user.name, device, address })))
        throw new HttpError(404, 'unknown_account', 'There is no such account, or it has no second factor.', { field: 'account' });
      const [line] = await listUsers(dependencies.db, dependencies.now().toISOString(), account);
      if (!line) throw new Error('the account is gone');
      return { user: line };
    },
  );
}

function appSetUpRoutes(app: FastifyInstance, dependencies: PasskeyDependencies): void {
  app.post<{ Body: TicketBody }>(
    '/auth/second/begin',
    { config: { access: 'public' }, schema: { body: TicketBody } },
    async (request): Promise<TotpAnswer> => {
      const begun = await beginSetUp(dependencies, request.body.ticket, originOf(request));
      if (!begun) throw deadTicket();
      return begun;
    },
  );
  app.post<{ Body: SecondBody }>(
    '/auth/second/set-up',
    { config: { access: 'public' }, schema: { body: SecondBody } },
    async (request): Promise<SetUpAnswer> => {
      const { ticket, code } = request.body;
      const outcome = await finishSetUp(dependencies, ticket, code, originOf(request));
      switch (outcome.kind) {
        case 'set_up':
          return { codes: outcome.codes, ticket: outcome.ticket };
        case 'wrong':
          throw wrongCode();
        case 'blocked':
          throw tooMany(outcome.seconds);
        case 'dead':
          throw deadTicket();
      }
    },
  );
  app.post<{ Body: TicketBody }>(
    '/auth/second/enter',
    { config: { access: 'public' }, schema: { body: TicketBody } },
    async (request): Promise<LoginAnswer> => {
      const { ticket, deviceName } = request.body;
      const origin = originOf(request, deviceName);
      const account = await takeKeptTicket(dependencies, ticket, origin);
      if (!account) throw deadTicket();
      return answerSignIn(await enterSession(dependencies, account, origin, 'password and totp'));
    },
  );
}

function passkeySetUpRoutes(app: FastifyInstance, dependencies: PasskeyDependencies): void {
  app.post<{ Body: TicketBody }>(
    '/auth/second/passkey/begin',
    { config: { access: 'public' }, schema: { body: TicketBody } },
    async (request) => {
      const options = await beginPasskeySetUp(dependencies, request.body.ticket, originOf(request));
      if (!options) throw deadTicket();
      return options;
    },
  );
  app.post<{ Body: TicketPasskeyBody }>(
    '/auth/second/passkey/finish',
    { config: { access: 'public' }, schema: { body: TicketPasskeyBody } },
    async (request): Promise<LoginAnswer> => {
      const { ticket, deviceName } = request.body;
      // The library judges every part of it.
      const response = request.body.response as unknown as RegistrationResponseJSON;
      const outcome = await finishPasskeySetUp(dependencies, ticket, response, originOf(request, deviceName));
      if (outcome.kind === 'dead') throw deadTicket();
      if (outcome.kind === 'passkey_refused') throw passkeyRefused();
      return answerSignIn(outcome);
    },
  );
}
