/** Every route of administration that is not with what it administers. */
import type { FastifyInstance } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import type { AdminDependencies } from './acting.ts';
import { deskRoutes } from './desk-routes.ts';
import { keyRoutes, sessionRoutes, userRoutes } from './user-routes.ts';

export function adminRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  for (const routes of [userRoutes, sessionRoutes, keyRoutes, deskRoutes]) routes(app, dependencies, authenticate);
}
