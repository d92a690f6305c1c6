/** Every route of administration that is not with what it administers. */
import type { FastifyInstance } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Access } from '../access/access.ts';
import type { AdminDependencies } from './acting.ts';
import { auditPurgeRoutes } from './audit-purge-routes.ts';
import { deskRoutes } from './desk-routes.ts';
import { holdRoutes, settingRoutes, trashRoutes } from './company-routes.ts';
import { importRoutes } from './import-routes.ts';
import { type HealthDependencies, adminHealthRoutes } from './health-routes.ts';
import { dutyRoutes } from './factor-duty-routes.ts';
import { optionRoutes } from './option-routes.ts';
import { numberRoutes } from './series-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { refusalRoutes } from './refusal-routes.ts';
import type { UndoDependencies } from './undo-import.ts';
import { keyRoutes, sessionRoutes, userRoutes } from './user-routes.ts';

export function adminRoutes(
  app: FastifyInstance,
  dependencies: AdminDependencies &
    HealthDependencies &
    UndoDependencies & {
      readonly access: Access;
    },
  authenticate: Authenticate,
): void {
  adminHealthRoutes(app, dependencies);
  importRoutes(app, dependencies, authenticate);
  trashRoutes(app, dependencies, authenticate);
  holdRoutes(app, dependencies, authenticate);
  optionRoutes(app, dependencies, authenticate);
  refusalRoutes(app, dependencies, authenticate);
  peopleRoutes(app, dependencies, authenticate);
  for (const routes of [dutyRoutes, settingRoutes, numberRoutes, auditPurgeRoutes, userRoutes, sessionRoutes, keyRoutes, deskRoutes])
    routes(app, dependencies, authenticate);
}
