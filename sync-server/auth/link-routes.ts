/** Invitations, forgotten passwords, and choosing a password by a link. */
import { setImmediate as answered } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import {
  ChooseBody,
  InviteBody,
  type InviteAnswer,
  type LinkAnswer,
  LinkBody,
  ResetLinkBody,
  type ResetLinkAnswer,
  ResetRequestBody,
  type SignInWays,
} from '../../domain/protocol/protocol.ts';
import { readGrants } from '../../domain/access/rights.ts';
import type { Authorize } from '../access/authorize.ts';
import { roleByName } from '../db/roles.ts';
import { HttpError } from '../error-answer.ts';
import { type Authenticate, originOf, readable } from './authenticate.ts';
import { readEmailLink } from './email-change.ts';
import { type LinkDependencies, choosePassword, invite, readLink, requestReset, resetLink } from './password-link.ts';

export const deadLink = (): HttpError =>
  new HttpError(410, 'dead_link', 'This link was used, has expired, or was replaced by a newer one. Ask for another one.', {
    field: 'token',
  });

export function linkRoutes(
  app: FastifyInstance,
  dependencies: LinkDependencies & { readonly authorize: Authorize },
  authenticate: Authenticate,
): void {
  const { authorize } = dependencies;
  app.get(
    '/auth/ways',
    { config: { access: 'public' } },
    async (): Promise<SignInWays> => ({
      reset: dependencies.mailer !== undefined && dependencies.publicUrl !== '',
      passkeys: dependencies.publicUrl !== '',
      oidc: dependencies.oidcName ?? null,
    }),
  );

  app.post<{ Body: InviteBody }>(
    '/auth/invitations',
    { config: { access: 'users:invite' }, schema: { body: InviteBody } },
    async (request): Promise<InviteAnswer> => {
      const caller = await authenticate(request);
      const { user, device, address } = caller;
      // Nobody brings in somebody with more rights than the own ones.
      await authorize.requireOwn(caller, readGrants((await roleByName(dependencies.db, request.body.role))?.grants));
      const name = readable(request.body.name, 120);
      if (name === '') throw new HttpError(400, 'invalid_request', 'The name has no letters in it.', { field: 'name' });
      const outcome = await invite(dependencies, { ...request.body, name }, { id: user.id, name: user.name, device, address });
      switch (outcome.kind) {
        case 'invited':
          return { id: outcome.id, ...(outcome.link === undefined ? {} : { link: outcome.link }) };
        case 'account_exists':
          throw new HttpError(
            409,
            'account_exists',
            'There is an account with this address. Send its owner a link for a new password instead.',
            {
              field: 'email',
            },
          );
        case 'no_open_desk':
          throw new HttpError(422, 'no_open_desk', `There is no open desk "${outcome.desk}". Make it first, or choose another one.`, {
            field: 'deskId',
          });
        case 'unknown_role':
          throw new HttpError(422, 'unknown_role', `There is no role "${request.body.role}".`, { field: 'role' });
      }
    },
  );

  app.post<{ Body: ResetLinkBody }>(
    '/auth/reset-links',
    { config: { access: 'users:reset_password' }, schema: { body: ResetLinkBody } },
    async (request): Promise<ResetLinkAnswer> => {
      const caller = await authenticate(request);
      const { user, device, address } = caller;
      // Whoever has the link has the account.
      await authorize.requireOver(caller, request.body.account);
      const link = await resetLink(dependencies, request.body.account, { id: user.id, name: user.name, device, address });
      if (link === undefined)
        throw new HttpError(404, 'unknown_account', 'There is no such account, or it is disabled.', { field: 'account' });
      return { link };
    },
  );

  app.post<{ Body: ResetRequestBody }>(
    '/auth/reset-request',
    { config: { access: 'public' }, schema: { body: ResetRequestBody } },
    async (request) => {
      // Answered before it is looked up: neither the words nor the time tell whether the address is known.
      const origin = originOf(request);
      dependencies.afterwards(async () => {
        await answered();
        await requestReset(dependencies, request.body.email, origin);
      });
      return { done: true };
    },
  );

  app.post<{ Body: LinkBody }>(
    '/auth/link',
    { config: { access: 'public' }, schema: { body: LinkBody } },
    async (request): Promise<LinkAnswer> => {
      const { token } = request.body;
      const answer = (await readLink(dependencies, token)) ?? (await readEmailLink(dependencies, token));
      if (!answer) throw deadLink();
      return answer;
    },
  );

  app.post<{ Body: ChooseBody }>('/auth/set-password', { config: { access: 'public' }, schema: { body: ChooseBody } }, async (request) => {
    const outcome = await choosePassword(dependencies, request.body.token, request.body.password, originOf(request));
    if (outcome.kind === 'chosen') return { email: outcome.email };
    if (outcome.kind === 'dead_link') throw deadLink();
    throw new HttpError(422, outcome.problem.code, outcome.problem.message, { field: 'password' });
  });
}
