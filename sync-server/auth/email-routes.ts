/** Another e-mail address for an account: asked for by its owner or an administrator, confirmed and stopped by links of letters. */
import type { FastifyInstance } from 'fastify';
import { type UserEmailAnswer, UserEmailBody } from '../../domain/protocol/admin.ts';
import { EmailBody, LinkBody } from '../../domain/protocol/protocol.ts';
import type { Authorize } from '../access/authorize.ts';
import { HttpError } from '../error-answer.ts';
import { tooMany } from './auth-routes.ts';
import { type Authenticate, type Caller, originOf, readable } from './authenticate.ts';
import {
  type EmailDependencies,
  type EmailOutcome,
  type Wanted,
  askForEmail,
  brakeOnEmail,
  confirmEmail,
  dropEmailChange,
  stopEmailChange,
} from './email-change.ts';
import { deadLink } from './link-routes.ts';
import { requireProof } from './proof.ts';
import type { SignInDependencies } from './sign-in.ts';

function asked(outcome: EmailOutcome): UserEmailAnswer {
  switch (outcome.kind) {
    case 'asked':
      return outcome.link === undefined ? {} : { link: outcome.link };
    case 'unknown_account':
      throw new HttpError(404, 'unknown_account', 'There is no such account, or it is disabled.', { field: 'account' });
    case 'not_come_yet':
      throw new HttpError(409, 'not_come_yet', 'This person has not come yet. Withdraw the invitation and invite the right address.', {
        field: 'account',
      });
    case 'same_address':
      throw new HttpError(422, 'same_address', 'This is the address of the account already.', { field: 'email' });
  }
}

export function emailRoutes(
  app: FastifyInstance,
  dependencies: EmailDependencies & SignInDependencies & { readonly authorize: Authorize },
  authenticate: Authenticate,
): void {
  const { mailer, publicUrl, authorize } = dependencies;
  const ask = async (wanted: Wanted, { user, device, address }: Caller): Promise<UserEmailAnswer> => {
    const seconds = await brakeOnEmail(dependencies, wanted);
    if (seconds > 0) throw tooMany(seconds);
    return asked(await askForEmail(dependencies, wanted, { id: user.id, name: user.name, device, address }));
  };
  app.post<{ Body: EmailBody }>('/auth/email', { config: { access: 'signed_in' }, schema: { body: EmailBody } }, async (request) => {
    const caller = await authenticate(request);
    await requireProof(dependencies, caller);
    // The owner is not handed the link: it would show nothing of the new address.
    if (!mailer || publicUrl === '')
      throw new HttpError(409, 'no_mail', 'This server sends no letters. Ask your administrator to change the address.', {
        field: 'email',
      });
    await ask({ account: caller.user.id, email: request.body.email }, caller);
    return { done: true };
  });
  app.post('/auth/email/drop', { config: { access: 'signed_in' } }, async (request) => {
    const { user, device, address } = await authenticate(request);
    await dropEmailChange(dependencies, { id: user.id, name: user.name, device, address });
    return { done: true };
  });

  app.post<{ Body: LinkBody }>('/auth/email/confirm', { config: { access: 'public' }, schema: { body: LinkBody } }, async (request) => {
    const email = await confirmEmail(dependencies, request.body.token, originOf(request));
    if (email === undefined) throw deadLink();
    return { email };
  });
  app.post<{ Body: LinkBody }>('/auth/email/stop', { config: { access: 'public' }, schema: { body: LinkBody } }, async (request) => {
    if (!(await stopEmailChange(dependencies, request.body.token, originOf(request)))) throw deadLink();
    return { done: true };
  });

  app.post<{ Body: UserEmailBody }>(
    '/admin/users/email',
    { config: { access: 'users:reset_password' }, schema: { body: UserEmailBody } },
    async (request): Promise<UserEmailAnswer> => {
      const caller = await authenticate(request);
      const { account, email } = request.body;
      if (account === caller.user.id)
        throw new HttpError(409, 'own_account', 'Change your own address under your account, or ask somebody else.', { field: 'account' });
      const reason = readable(request.body.reason, 500);
      if (reason === '')
        throw new HttpError(422, 'reason_missing', 'Say why, and how you know that it is this person who asks.', { field: 'reason' });
      // Whoever reads the letters of an account has it.
      await authorize.requireOver(caller, account);
      return ask({ account, email, reason }, caller);
    },
  );
}
