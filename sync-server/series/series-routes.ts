/** Leases blocks of numbers to devices, and says which blocks a device has. */
import type { FastifyInstance } from 'fastify';
import { type LeaseAnswer, LeaseBody } from '../../domain/protocol/protocol.ts';
import type { CollectedSeries } from '../../domain/record/series.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Database } from '../db/database.ts';
import { leaseOut, noteUse, openLeases } from '../db/series.ts';
import { HttpError } from '../error-answer.ts';

interface SeriesRouteDependencies {
  readonly db: Database;
  readonly series: readonly CollectedSeries[];
}

export function seriesRoutes(app: FastifyInstance, { db, series }: SeriesRouteDependencies, authenticate: Authenticate): void {
  const keys = new Set(series.map(({ key }) => key));
  app.post<{ Body: LeaseBody }>(
    '/series/leases',
    { config: { access: 'signed_in' }, schema: { body: LeaseBody } },
    async (request, reply): Promise<LeaseAnswer> => {
      const { user, device } = await authenticate(request);
      const { holding, wanted } = request.body;
      for (const one of wanted) {
        if (!keys.has(one.series))
          throw new HttpError(400, 'unknown_series', `There is no number series "${one.series}".`, { field: 'wanted' });
      }
      await noteUse(db, device, holding);
      // What the device has never heard of is a block whose answer was lost; it comes before a new one.
      const held = new Set(holding.map((one) => `${one.series} ${one.first}`));
      const unheard = (await openLeases(db, device)).filter((lease) => !held.has(`${lease.series} ${lease.first}`));
      for (const one of wanted) {
        if (!unheard.some((lease) => lease.series === one.series)) await leaseOut(db, one.series, one.size, { device, account: user.id });
      }
      void reply.header('cache-control', 'no-store');
      return { leases: await openLeases(db, device) };
    },
  );
}
