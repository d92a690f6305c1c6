/**
 * Every route says in its `config` who may call it, or the server does not start. What it says is enforced before the body is
 * read, so a route cannot forget it.
 */
import type { FastifyInstance } from 'fastify';
import { type AdminPermission, isAdminPermission } from '../../domain/access/permissions.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Authorize } from './authorize.ts';
import type { Pace } from './pace.ts';

/**
 * `public`: anybody. `signed_in`: whoever has a session, about the own account. `records`: whoever has a session; the route asks
 * for the rights to each record that it hands out or takes. Else the permission that it needs.
 */
export type RouteAccess = 'public' | 'signed_in' | 'records' | AdminPermission;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
}

export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: RouteAccess;
}

/** Routes of packages, which cannot say it: the files of the desk, and the answer to preflights. */
const ofPackages: ReadonlySet<string> = new Set(['GET /*', 'HEAD /*', 'OPTIONS *']);
export const isOfPackages = (method: string, url: string): boolean => ofPackages.has(`${method} ${url}`);

export class UndeclaredRoute extends Error {
  constructor(route: string) {
    super(`${route} does not say who may call it. Give it config: { access: ... } (sync-server/access/route-guard.ts).`);
    this.name = 'UndeclaredRoute';
  }
}

export interface RouteGuard {
  /** Grows with each route. */
  readonly routes: readonly DeclaredRoute[];
  /** After what every answer needs, such as the headers for other origins, and before the first route of our own. */
  enforce(by: { readonly authenticate: Authenticate; readonly authorize: Authorize; readonly pace?: Pace }): void;
}

/** Before any route is added, those of packages too. */
export function guardRoutes(app: FastifyInstance): RouteGuard {
  const routes: DeclaredRoute[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      const name = `${method} ${route.url}`;
      const access = route.config?.access ?? (isOfPackages(method, route.url) ? 'public' : undefined);
      if (access === undefined) throw new UndeclaredRoute(name);
      routes.push({ method, url: route.url, access });
    }
  });
  return {
    routes,
    enforce({ authenticate, authorize, pace }) {
      app.addHook('onRequest', async (request) => {
        const { access } = request.routeOptions.config;
        // Without a declaration there is a package's route, or none: everything else has not been let in above.
        if (access === undefined || access === 'public') return;
        const caller = await authenticate(request);
        pace?.(caller.user.id);
        if (isAdminPermission(access)) await authorize.require(caller, access);
      });
    },
  };
}
