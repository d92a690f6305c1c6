/** Every route of administration that is not with what it administers. */
import type { FastifyInstance } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Access } from '../access/access.ts';
import type { AdminDependencies } from './acting.ts';
import { deskRoutes } from './desk-routes.ts';
import { holdRoutes, importRoutes, settingRoutes } from './company-routes.ts';
import { type HealthDependencies, adminHealthRoutes } from './health-routes.ts';
import { refusalRoutes } from './refusal-routes.ts';
import { keyRoutes, sessionRoutes, userRoutes } from './user-routes.ts';

export function adminRoutes(
  app: FastifyInstance,
  dependencies: AdminDependencies &
    HealthDependencies & {
      readonly access: Pick<Access, 'now'>;
      readonly nouns: readonly Noun[];
      readonly nounOf: (collection: string) => Noun | undefined;
    },
  authenticate: Authenticate,
): void {
  adminHealthRoutes(app, dependencies);
  importRoutes(app, dependencies);
  holdRoutes(app, dependencies, authenticate);
  refusalRoutes(app, dependencies, authenticate);
  for (const routes of [settingRoutes, userRoutes, sessionRoutes, keyRoutes, deskRoutes]) routes(app, dependencies, authenticate);
}
