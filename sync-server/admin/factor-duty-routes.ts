/** The duty of a second factor over the API. */
import type { FastifyInstance } from 'fastify';
import { type FactorDutiesAnswer, FactorDutyBody } from '../../domain/protocol/admin.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { factorDuties } from '../db/second-factor-duty.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn } from './acting.ts';
import { changeFactorDuty } from './factor-duties.ts';

export function dutyRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  app.get('/admin/second-factor', { config: { access: 'roles:read' } }, async (_, reply): Promise<FactorDutiesAnswer> => {
    void reply.header('cache-control', 'no-store');
    return { duties: await factorDuties(dependencies.db) };
  });
  app.post<{ Body: FactorDutyBody }>(
    '/admin/second-factor',
    { config: { access: 'roles:update' }, schema: { body: FactorDutyBody } },
    async (request): Promise<FactorDutiesAnswer> => {
      const { role, from, reason } = request.body;
      const outcome = await changeFactorDuty(
        dependencies,
        { role, from, reason: readable(reason, 500) },
        await byIn(authenticate, request),
      );
      switch (outcome.kind) {
        case 'done':
          return { duties: outcome.duties };
        case 'no_date':
          throw new HttpError(422, 'out_of_bounds', 'There is no such day.', { field: 'from' });
        case 'unknown_role':
          throw new HttpError(404, 'unknown_role', `There is no role "${role}".`, { field: 'role' });
      }
    },
  );
}
