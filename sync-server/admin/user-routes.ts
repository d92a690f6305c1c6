/** Accounts, their sessions and their keys over the API. Who may is in the `config` of each route; nobody touches somebody with more rights. */
import type { FastifyInstance } from 'fastify';
import {
  AccountBody,
  DisableBody,
  KeyBody,
  type KeysAnswer,
  type NewKeyAnswer,
  type SessionsAnswer,
  type UserAnswer,
  UserChangeBody,
  type UsersAnswer,
} from '../../domain/protocol/admin.ts';
import { IdBody } from '../../domain/protocol/protocol.ts';
import { AccountQuery } from '../../domain/protocol/queries.ts';
import { readGrants } from '../../domain/access/rights.ts';
import { endKey, makeKey } from '../auth/api-keys.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { listApiKeys } from '../db/api-keys.ts';
import { roleByName } from '../db/roles.ts';
import { liveSessions } from '../db/sessions.ts';
import { listUsers } from '../db/users.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn, byOf, noOpenDesk, unknownAccount } from './acting.ts';
import { type UserOutcome, changeUser, endOneSession, signOutEverywhere, withdrawInvitation } from './users.ts';

function answered(outcome: UserOutcome): UserAnswer {
  switch (outcome.kind) {
    case 'done':
      return { user: outcome.user };
    case 'unknown_account':
      throw unknownAccount();
    case 'unknown_role':
      throw new HttpError(422, 'unknown_role', `There is no such role. Choose one of ${outcome.roles.join(', ')}.`, { field: 'role' });
    case 'no_open_desk':
      throw noOpenDesk(outcome.desk);
    case 'last_admin':
      throw new HttpError(409, 'last_admin', 'Nobody who may change rights would be left. Make somebody else an administrator first.');
    case 'came_already':
      throw new HttpError(409, 'came_already', 'This person has come already. Disable the account instead.', { field: 'account' });
  }
}

export function userRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  const { db, authorize, now } = dependencies;
  app.get<{ Querystring: { account?: string } }>(
    '/admin/users',
    { config: { access: 'users:read' }, schema: { querystring: AccountQuery } },
    async (request, reply): Promise<UsersAnswer> => {
      void reply.header('cache-control', 'no-store');
      return { users: await listUsers(db, now().toISOString(), request.query.account) };
    },
  );
  app.post<{ Body: UserChangeBody }>(
    '/admin/users/change',
    { config: { access: 'users:update' }, schema: { body: UserChangeBody } },
    async (request): Promise<UserAnswer> => {
      const caller = await authenticate(request);
      const { account, name, role, desks = [], reason } = request.body;
      await authorize.requireOver(caller, account);
      if (role !== undefined) await authorize.requireOwn(caller, readGrants((await roleByName(db, role))?.grants));
      const shown = name === undefined ? undefined : readable(name, 120);
      if (shown === '') throw new HttpError(400, 'invalid_request', 'The name has no letters in it.', { field: 'name' });
      const [home, ...others] = desks;
      const change = {
        ...(shown === undefined ? {} : { name: shown }),
        ...(role === undefined ? {} : { role }),
        ...(home === undefined ? {} : { desks: [home, ...others] as [string, ...string[]] }),
        ...(reason === undefined ? {} : { reason: readable(reason, 500) }),
      };
      return answered(await changeUser(dependencies, account, change, byOf(caller)));
    },
  );
  app.post<{ Body: DisableBody }>(
    '/admin/users/disable',
    { config: { access: 'users:disable' }, schema: { body: DisableBody } },
    async (request): Promise<UserAnswer> => {
      const caller = await authenticate(request);
      const { account, disabled, reason } = request.body;
      if (account === caller.user.id)
        throw new HttpError(409, 'own_account', 'Somebody else has to close your account.', { field: 'account' });
      await authorize.requireOver(caller, account);
      const change = { disabled, ...(reason === undefined ? {} : { reason: readable(reason, 500) }) };
      return answered(await changeUser(dependencies, account, change, byOf(caller)));
    },
  );
  app.post<{ Body: AccountBody }>(
    '/admin/users/withdraw',
    { config: { access: 'users:invite' }, schema: { body: AccountBody } },
    async (request): Promise<UserAnswer> => {
      const caller = await authenticate(request);
      await authorize.requireOver(caller, request.body.account);
      return answered(await withdrawInvitation(dependencies, request.body.account, byOf(caller)));
    },
  );
  app.post<{ Body: AccountBody }>(
    '/admin/users/sign-out',
    { config: { access: 'sessions:revoke' }, schema: { body: AccountBody } },
    async (request): Promise<UserAnswer> =>
      answered(await signOutEverywhere(dependencies, request.body.account, await byIn(authenticate, request))),
  );
}

export function sessionRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  const { db, now } = dependencies;
  app.get<{ Querystring: { account?: string } }>(
    '/admin/sessions',
    { config: { access: 'sessions:read' }, schema: { querystring: AccountQuery } },
    async (request, reply): Promise<SessionsAnswer> => {
      void reply.header('cache-control', 'no-store');
      return { sessions: await liveSessions(db, now().toISOString(), request.query.account) };
    },
  );
  app.post<{ Body: IdBody }>(
    '/admin/sessions/revoke',
    { config: { access: 'sessions:revoke' }, schema: { body: IdBody } },
    async (request) => {
      if (await endOneSession(dependencies, request.body.id, await byIn(authenticate, request))) return { done: true };
      throw new HttpError(404, 'unknown_session', 'There is no such session, or it has ended.', { field: 'id' });
    },
  );
}

export function keyRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  const { db, authorize } = dependencies;
  app.get<{ Querystring: { account?: string } }>(
    '/admin/keys',
    { config: { access: 'keys:read' }, schema: { querystring: AccountQuery } },
    async (request, reply): Promise<KeysAnswer> => {
      void reply.header('cache-control', 'no-store');
      return { keys: await listApiKeys(db, request.query.account) };
    },
  );
  app.post<{ Body: KeyBody }>(
    '/admin/keys',
    { config: { access: 'keys:manage' }, schema: { body: KeyBody } },
    async (request, reply): Promise<NewKeyAnswer> => {
      const caller = await authenticate(request);
      const { account, permissions, days } = request.body;
      // Whoever has the key has that part of the account.
      await authorize.requireOver(caller, account);
      const name = readable(request.body.name);
      if (name === '') throw new HttpError(400, 'invalid_request', 'The name has no letters in it.', { field: 'name' });
      const outcome = await makeKey(dependencies, { accountId: account, name, permissions, days }, byOf(caller));
      if (outcome.kind === 'unknown_account') throw unknownAccount();
      if (outcome.kind === 'too_long')
        throw new HttpError(422, 'too_long', `Keys live for at most ${outcome.days} days here.`, { field: 'days' });
      if (outcome.kind === 'beyond')
        throw new HttpError(422, 'beyond_its_owner', `The account itself may not do "${outcome.permission}".`, { field: 'permissions' });
      void reply.header('cache-control', 'no-store');
      return { id: outcome.id, key: outcome.key, expiresAt: outcome.expiresAt };
    },
  );
  app.post<{ Body: IdBody }>('/admin/keys/revoke', { config: { access: 'keys:manage' }, schema: { body: IdBody } }, async (request) => {
    if (await endKey(dependencies, request.body.id, await byIn(authenticate, request))) return { done: true };
    throw new HttpError(404, 'unknown_key', 'There is no such key, or it was revoked before.', { field: 'id' });
  });
}
