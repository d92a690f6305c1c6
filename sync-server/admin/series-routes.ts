/** How far number series have come and how their numbers are written, over the API. */
import type { FastifyInstance } from 'fastify';
import { type SeriesAnswer, SeriesBody } from '../../domain/protocol/admin.ts';
import { numberText } from '../../domain/record/series.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import type { Runner } from '../db/database.ts';
import { summaries } from '../db/series.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn } from './acting.ts';
import { changeSeries } from './series.ts';

async function lines(runner: Runner): Promise<SeriesAnswer> {
  const all = await summaries(runner);
  return { series: all.map(({ collection: _, field: __, next, ...one }) => ({ ...one, next: numberText(one, next) })) };
}

export function numberRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  const { db } = dependencies;
  app.get('/admin/series', { config: { access: 'series:read' } }, async (_, reply): Promise<SeriesAnswer> => {
    void reply.header('cache-control', 'no-store');
    return lines(db);
  });
  app.post<{ Body: SeriesBody }>(
    '/admin/series',
    { config: { access: 'series:update' }, schema: { body: SeriesBody } },
    async (request): Promise<SeriesAnswer> => {
      const body = { ...request.body, reason: readable(request.body.reason, 500) };
      const outcome = await changeSeries(dependencies, body, await byIn(authenticate, request));
      if (outcome.kind === 'unknown_series')
        throw new HttpError(404, 'unknown_series', `There is no number series "${body.series}".`, { field: 'series' });
      if (outcome.kind === 'out_of_bounds') throw new HttpError(422, 'out_of_bounds', outcome.problem, { field: outcome.field });
      return lines(db);
    },
  );
}
