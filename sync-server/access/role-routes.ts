/** Roles over the API, and what the caller may do. */
import type { FastifyInstance } from 'fastify';
import { narrowedTo } from '../../domain/access/narrowed.ts';
import { adminPermissions, approvals, isAdminPermission, isApproval, listPermissions } from '../../domain/access/permissions.ts';
import { readGrants } from '../../domain/access/rights.ts';
import { seedRoles } from '../../domain/access/seeds.ts';
import {
  type PermissionsAnswer,
  type RightsAnswer,
  RoleBody,
  type RoleLine,
  RoleNameBody,
  type RolesAnswer,
} from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { readAccess } from '../db/access.ts';
import type { Database } from '../db/database.ts';
import { type StoredRole, listRoles, roleByName } from '../db/roles.ts';
import { HttpError } from '../error-answer.ts';
import type { Access } from './access.ts';
import type { Authorize } from './authorize.ts';
import { partsOfReach } from './reach.ts';
import { type By, type RoleProblem, addedGrants, approversAmong, removeRole, saveRole } from './roles.ts';

interface RoleDependencies {
  readonly db: Database;
  readonly access: Pick<Access, 'now'>;
  readonly authorize: Authorize;
  readonly now: () => Date;
  readonly nouns: readonly Noun[];
}

const lineOf = ({ name, label, grants, edited, revision, accounts }: StoredRole): RoleLine => ({
  name,
  label,
  grants: readGrants(grants),
  edited,
  revision,
  accounts,
  seeded: seedRoles.some((seed) => seed.name === name),
});
const statusOf: Record<RoleProblem['code'], number> = {
  invalid_grant: 422,
  unknown_role: 404,
  role_changed: 409,
  role_exists: 409,
  role_in_use: 409,
  nobody_left: 409,
};
const toError = ({ code, field, message }: RoleProblem): HttpError => new HttpError(statusOf[code], code, message, { field });

export function roleRoutes(app: FastifyInstance, dependencies: RoleDependencies, authenticate: Authenticate): void {
  const { db, access, authorize, now, nouns } = dependencies;
  const collections = nouns.map(({ entity }) => entity.collection);
  const labelOf = (permission: string): string => {
    if (isAdminPermission(permission)) return adminPermissions[permission];
    if (isApproval(permission)) return approvals[permission];
    const [collection, action = ''] = permission.split(':');
    const labels = nouns.find(({ entity }) => entity.collection === collection)?.entity.labels ?? 'Records of every kind';
    return `${labels}: ${action}`;
  };
  const by = async (request: Parameters<Authenticate>[0]): Promise<By> => {
    const { user, device, address } = await authenticate(request);
    return { id: user.id, name: user.name, device, address };
  };

  app.get('/me/rights', { config: { access: 'signed_in' } }, async (request, reply): Promise<RightsAnswer> => {
    const { accountId, keyId } = partsOfReach((await authenticate(request)).reach);
    const { version, role, desks, grants, disabled, only } = await readAccess(db, accountId, keyId);
    const roles = await listRoles(db);
    const label = roles.find(({ name }) => name === role)?.label ?? '';
    void reply.header('cache-control', 'no-store');
    return {
      version,
      role: role ?? '',
      label,
      desks,
      grants: disabled ? [] : only === null ? readGrants(grants) : narrowedTo(readGrants(grants), only),
      approvers: approversAmong(roles),
    };
  });

  app.get(
    '/admin/permissions',
    { config: { access: 'roles:read' } },
    async (): Promise<PermissionsAnswer> => ({
      permissions: listPermissions(collections).map((permission) => ({ permission, label: labelOf(permission) })),
    }),
  );
  app.get('/admin/roles', { config: { access: 'roles:read' } }, async (_, reply): Promise<RolesAnswer> => {
    void reply.header('cache-control', 'no-store');
    return { roles: (await listRoles(db)).map(lineOf) };
  });

  app.post<{ Body: RoleBody }>(
    '/admin/roles',
    { config: { access: 'roles:update' }, schema: { body: RoleBody } },
    async (request): Promise<RoleLine> => {
      const { name, grants, revision, reason = '' } = request.body;
      const label = readable(request.body.label);
      if (label === '') throw new HttpError(400, 'invalid_request', 'The label has no letters in it.', { field: 'label' });
      const had = (await roleByName(db, name))?.grants;
      await authorize.requireOwn(await authenticate(request), addedGrants(had, grants));
      const change = { by: await by(request), at: now(), reason: readable(reason, 500) };
      const outcome = await saveRole(db, nouns, { name, label, grants, revision }, change);
      if (outcome.kind === 'refused') throw toError(outcome.problem);
      // Whoever saved it may rely on it with the next request to this process.
      await access.now(change.by.id);
      return lineOf(outcome.role);
    },
  );

  app.post<{ Body: RoleNameBody }>(
    '/admin/roles/remove',
    { config: { access: 'roles:update' }, schema: { body: RoleNameBody } },
    async (request): Promise<{ readonly done: true; readonly role?: RoleLine }> => {
      const { name, revision, reason = '' } = request.body;
      const seed = seedRoles.find((role) => role.name === name);
      if (seed) await authorize.requireOwn(await authenticate(request), addedGrants((await roleByName(db, name))?.grants, seed.grants));
      const change = { by: await by(request), at: now(), reason: readable(reason, 500) };
      const outcome = await removeRole(db, { name, revision }, change);
      if (outcome.kind === 'refused') throw toError(outcome.problem);
      return outcome.kind === 'removed' ? { done: true } : { done: true, role: lineOf(outcome.role) };
    },
  );
}
