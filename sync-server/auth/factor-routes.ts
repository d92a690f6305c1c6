/** Second factors, passkeys, and proving anew who one is. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FastifyInstance } from 'fastify';
import {
  CodeBody,
  IdBody,
  PasskeyBody,
  PasskeyNameBody,
  ProveBody,
  type RecoveryAnswer,
  SecondBody,
  type SecurityAnswer,
  type TotpAnswer,
} from '../../domain/protocol/protocol.ts';
import { accountById } from '../db/accounts.ts';
import { passkeysOf, recoveryCodesLeft } from '../db/factors.ts';
import { newEmail } from '../db/users.ts';
import { HttpError } from '../error-answer.ts';
import { answerSignIn, tooMany, wrongCode } from './auth-routes.ts';
import { type Authenticate, type Caller, originOf, readable } from './authenticate.ts';
import {
  type PasskeyDependencies,
  beginPasskeySignIn,
  beginRegistration,
  dropPasskey,
  finishRegistration,
  signInByPasskey,
} from './passkeys.ts';
import { isDue } from './factor-duty.ts';
import { prove, requireProof } from './proof.ts';
import { beginTotp, confirmTotpBy, disableTotp, hasTotp, newRecoveryCodes } from './second-factor.ts';
import { signInBySecond } from './sign-in.ts';

export const passkeyRefused = (): HttpError =>
  new HttpError(422, 'passkey_refused', 'This passkey could not be checked. Try again.', { field: 'response' });

export function factorRoutes(app: FastifyInstance, dependencies: PasskeyDependencies, authenticate: Authenticate): void {
  const { db } = dependencies;

  app.get('/auth/security', { config: { access: 'signed_in' } }, async (request): Promise<SecurityAnswer> => {
    const { user } = await authenticate(request);
    const passkeys = await passkeysOf(db, user.id);
    const account = await accountById(db, user.id);
    return {
      email: account?.email ?? user.email,
      newEmail: await newEmail(db, user.id, dependencies.now().toISOString()),
      hasPassword: (account?.passwordHash ?? null) !== null,
      totp: await hasTotp(db, user.id),
      recoveryCodes: await recoveryCodesLeft(db, user.id),
      passkeys: passkeys.map(({ id, name, createdAt, usedAt }) => ({ id, name, createdAt, usedAt })),
    };
  });

  app.post<{ Body: ProveBody }>('/auth/prove', { config: { access: 'signed_in' }, schema: { body: ProveBody } }, async (request) => {
    const kind = await prove(dependencies, await authenticate(request), request.body);
    if (kind === 'right') return { done: true };
    if (kind === 'blocked') throw tooMany(15 * 60);
    if (request.body.code !== undefined) throw wrongCode();
    throw new HttpError(403, 'wrong_password', 'The password is wrong.', { field: 'password' });
  });

  app.post<{ Body: SecondBody }>('/auth/second', { config: { access: 'public' }, schema: { body: SecondBody } }, async (request) => {
    const { ticket, code, deviceName } = request.body;
    return answerSignIn(await signInBySecond(dependencies, ticket, code, originOf(request, deviceName)));
  });

  totpRoutes(app, dependencies, authenticate);
  if (dependencies.publicUrl !== '') passkeyRoutes(app, dependencies, authenticate);
}

function totpRoutes(app: FastifyInstance, dependencies: PasskeyDependencies, authenticate: Authenticate): void {
  const proved = async (request: Parameters<Authenticate>[0]): Promise<Caller> => {
    const caller = await authenticate(request);
    await requireProof(dependencies, caller);
    return caller;
  };
  app.post('/auth/totp/begin', { config: { access: 'signed_in' } }, async (request): Promise<TotpAnswer> => {
    const begun = await beginTotp(dependencies, await proved(request));
    if (!begun) throw new HttpError(409, 'totp_in_use', 'An authenticator app is in use already. Remove it first.');
    return begun;
  });
  app.post<{ Body: CodeBody }>(
    '/auth/totp/confirm',
    { config: { access: 'signed_in' }, schema: { body: CodeBody } },
    async (request): Promise<RecoveryAnswer> => {
      const outcome = await confirmTotpBy(dependencies, await authenticate(request), request.body.code);
      if (outcome.kind === 'confirmed') return { codes: outcome.codes };
      throw outcome.kind === 'blocked' ? tooMany(outcome.seconds) : wrongCode();
    },
  );
  app.post('/auth/totp/codes', { config: { access: 'signed_in' } }, async (request): Promise<RecoveryAnswer> => {
    const codes = await newRecoveryCodes(dependencies, await proved(request));
    if (!codes) throw new HttpError(409, 'no_totp', 'There is no authenticator app to recover from.');
    return { codes };
  });
  app.post('/auth/totp/remove', { config: { access: 'signed_in' } }, async (request) => {
    const caller = await proved(request);
    const { id } = caller.user;
    if ((await passkeysOf(dependencies.db, id)).length === 0 && (await isDue(dependencies.db, id, dependencies.now())))
      throw new HttpError(409, 'second_factor_due', 'Your company asks for a second factor. Add a passkey first, or keep the app.');
    await disableTotp(dependencies, caller);
    return { done: true };
  });
}

function passkeyRoutes(app: FastifyInstance, dependencies: PasskeyDependencies, authenticate: Authenticate): void {
  app.post('/auth/passkeys/begin', { config: { access: 'signed_in' } }, async (request) => {
    const caller = await authenticate(request);
    await requireProof(dependencies, caller);
    const options = await beginRegistration(dependencies, caller);
    if (!options) throw new HttpError(409, 'too_many_passkeys', 'There are twenty passkeys already. Remove one first.');
    return options;
  });
  app.post<{ Body: PasskeyNameBody }>(
    '/auth/passkeys/finish',
    { config: { access: 'signed_in' }, schema: { body: PasskeyNameBody } },
    async (request) => {
      const caller = await authenticate(request);
      const name = readable(request.body.name) || 'Passkey';
      // The library judges every part of it.
      const response = request.body.response as unknown as RegistrationResponseJSON;
      if (await finishRegistration(dependencies, caller, response, name)) return { done: true };
      throw passkeyRefused();
    },
  );
  app.post<{ Body: IdBody }>('/auth/passkeys/remove', { config: { access: 'signed_in' }, schema: { body: IdBody } }, async (request) => {
    const caller = await authenticate(request);
    await requireProof(dependencies, caller);
    if (!(await dropPasskey(dependencies, caller, request.body.id)))
      throw new HttpError(404, 'unknown_passkey', 'There is no such passkey.', { field: 'id' });
    return { done: true };
  });
  app.post('/auth/passkey/begin', { config: { access: 'public' } }, async (request) => {
    const options = await beginPasskeySignIn(dependencies, originOf(request));
    if (!options) throw tooMany(15 * 60);
    return options;
  });
  app.post<{ Body: PasskeyBody }>(
    '/auth/passkey/finish',
    { config: { access: 'public' }, schema: { body: PasskeyBody } },
    async (request) => {
      const response = request.body.response as unknown as AuthenticationResponseJSON;
      return answerSignIn(await signInByPasskey(dependencies, response, originOf(request, request.body.deviceName)));
    },
  );
}
