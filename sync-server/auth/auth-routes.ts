import type { FastifyInstance } from 'fastify';
import {
  DeviceBody,
  DeviceNameBody,
  type DevicesAnswer,
  GoneBody,
  type LoginAnswer,
  LoginBody,
  PasswordBody,
  RefreshBody,
  type SignedInUser,
} from '../../domain/protocol/protocol.ts';
import { AccountQuery } from '../../domain/protocol/queries.ts';
import type { Authorize } from '../access/authorize.ts';
import { HttpError } from '../error-answer.ts';
import { type Authenticate, type Caller, endedError, originOf, readable } from './authenticate.ts';
import { changePassword } from './change-password.ts';
import { type DeviceDependencies, listDevices, nameDevice, removeDevice } from './devices.ts';
import { type SignInDependencies, type SignInOutcome, deviceWiped, renew, signIn, signOut } from './sign-in.ts';

export const tooMany = (seconds: number): HttpError =>
  new HttpError(429, 'too_many_attempts', `Too many failed attempts. Try again in ${Math.ceil(seconds / 60)} min.`, {
    headers: { 'retry-after': String(seconds) },
  });

export const wrongCode = (): HttpError =>
  new HttpError(422, 'wrong_code', 'This code is not right, or was used before. Wait for the next one.', { field: 'code' });

/** The answer to a sign-in, by whatever way. Throws what is no success. */
export function answerSignIn(outcome: SignInOutcome): LoginAnswer {
  switch (outcome.kind) {
    case 'signed_in':
      return outcome.answer;
    case 'wrong':
      throw new HttpError(401, 'wrong_credentials', 'The e-mail address or the password is wrong.');
    case 'wrong_code':
      throw new HttpError(401, 'wrong_code', 'This code is not right, or was used before. Wait for the next one.', { field: 'code' });
    case 'second_factor':
      throw new HttpError(401, 'second_factor', 'Enter the code of your authenticator app.', { more: { ticket: outcome.ticket } });
    case 'second_factor_due':
      throw new HttpError(401, 'second_factor_due', 'Your company asks for a second factor. Set up an authenticator app or a passkey.', {
        more: { ticket: outcome.ticket },
      });
    case 'passkey_due':
      throw new HttpError(
        401,
        'second_factor_due',
        'Your company asks for a second factor, and you have a passkey: sign in with it. For places without passkeys, such as the desktop app, add an authenticator app to your account after that.',
      );
    case 'device_revoked':
      throw endedError('device_revoked', outcome.device);
    case 'blocked':
      throw tooMany(outcome.seconds);
  }
}

export function authRoutes(app: FastifyInstance, dependencies: SignInDependencies, authenticate: Authenticate): void {
  app.post<{ Body: LoginBody }>('/auth/login', { config: { access: 'public' }, schema: { body: LoginBody } }, async (request) => {
    const { email, password, deviceName } = request.body;
    return answerSignIn(await signIn(dependencies, email, password, originOf(request, deviceName)));
  });

  app.post<{ Body: RefreshBody }>('/auth/refresh', { config: { access: 'public' }, schema: { body: RefreshBody } }, async (request) => {
    const outcome = await renew(dependencies, request.body, originOf(request));
    if (outcome.kind === 'renewed') return outcome.answer;
    if (outcome.kind === 'device_revoked') throw endedError('device_revoked', outcome.device);
    if (outcome.kind === 'account_disabled')
      throw new HttpError(401, 'account_disabled', 'Your account was disabled. Ask your administrator.');
    throw new HttpError(401, 'refresh_invalid', 'The session has ended. Sign in again.');
  });

  // Both answer alike whether the token is known or not.
  app.post<{ Body: GoneBody }>('/auth/logout', { config: { access: 'public' }, schema: { body: GoneBody } }, async (request) => {
    await signOut(dependencies, request.body.refreshToken, originOf(request));
    return { done: true };
  });
  app.post<{ Body: GoneBody }>('/auth/wiped', { config: { access: 'public' }, schema: { body: GoneBody } }, async (request) => {
    await deviceWiped(dependencies, request.body.refreshToken, originOf(request));
    return { done: true };
  });

  app.post<{ Body: PasswordBody }>(
    '/auth/password',
    { config: { access: 'signed_in' }, schema: { body: PasswordBody } },
    async (request) => {
      const { current, next } = request.body;
      const outcome = await changePassword(dependencies, await authenticate(request), current, next);
      if (outcome.kind === 'changed') return { done: true };
      if (outcome.kind === 'blocked') throw tooMany(outcome.seconds);
      if (outcome.kind === 'wrong') throw new HttpError(403, 'wrong_password', 'The current password is wrong.', { field: 'current' });
      throw new HttpError(422, outcome.problem.code, outcome.problem.message, { field: 'next' });
    },
  );

  app.get('/me', { config: { access: 'signed_in' } }, async (request): Promise<SignedInUser> => (await authenticate(request)).user);
}

/** Whose devices are meant: one's own, or somebody else's for who may. Nobody else learns whether there is such an account. */
async function accountFor(
  authorize: Authorize,
  caller: Caller,
  account: string | undefined,
  permission: 'sessions:read' | 'sessions:revoke',
): Promise<string> {
  if (account === undefined || account === caller.user.id) return caller.user.id;
  await authorize.require(caller, permission);
  return account;
}
const noDevice = (): HttpError =>
  new HttpError(404, 'unknown_device', 'There is no such device, or it was removed before.', { field: 'device' });

export function deviceRoutes(
  app: FastifyInstance,
  dependencies: DeviceDependencies & { readonly authorize: Authorize },
  authenticate: Authenticate,
): void {
  const { authorize } = dependencies;
  app.get<{ Querystring: { account?: string } }>(
    '/auth/devices',
    { config: { access: 'signed_in' }, schema: { querystring: AccountQuery } },
    async (request): Promise<DevicesAnswer> => {
      const caller = await authenticate(request);
      const accountId = await accountFor(authorize, caller, request.query.account, 'sessions:read');
      return { devices: await listDevices(dependencies, accountId, caller.device) };
    },
  );
  app.post<{ Body: DeviceNameBody }>(
    '/auth/devices/rename',
    { config: { access: 'signed_in' }, schema: { body: DeviceNameBody } },
    async (request) => {
      const caller = await authenticate(request);
      const name = readable(request.body.name);
      if (name === '') throw new HttpError(400, 'invalid_request', 'The name has no letters in it.', { field: 'name' });
      if (!(await nameDevice(dependencies, caller, request.body.device, name))) throw noDevice();
      return { done: true };
    },
  );
  app.post<{ Body: DeviceBody }>(
    '/auth/devices/revoke',
    { config: { access: 'signed_in' }, schema: { body: DeviceBody } },
    async (request) => {
      const caller = await authenticate(request);
      const { user, device, address } = caller;
      const accountId = await accountFor(authorize, caller, request.body.account, 'sessions:revoke');
      if (!(await removeDevice(dependencies, accountId, request.body.device, { id: user.id, name: user.name, device, address })))
        throw noDevice();
      return { done: true };
    },
  );
}
