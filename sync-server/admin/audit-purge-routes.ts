/** Removing the months of the audit whose time is over, over the API: what `drover audit purge` does. */
import type { FastifyInstance } from 'fastify';
import { type AuditMonthsAnswer, type AuditPurgedAnswer, PurgeAuditBody } from '../../domain/protocol/admin.ts';
import { purge, purgeable } from '../audit/purge.ts';
import { RETENTION_YEARS } from '../audit/retention.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { requireProof } from '../auth/proof.ts';
import { type AdminDependencies, byOf, reasonIn } from './acting.ts';

/** A request takes so long at most and one month more; whoever asked asks again for the rest. */
const MS_MAX = 10_000;

export function auditPurgeRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  const { db, now } = dependencies;
  app.get('/admin/purge/audit', { config: { access: 'retention:read' } }, async (_, reply): Promise<AuditMonthsAnswer> => {
    void reply.header('cache-control', 'no-store');
    const months = await purgeable(db, now());
    return { years: RETENTION_YEARS, months: months.map(({ log, month, from, to, holds }) => ({ log, month, from, to, holds })) };
  });
  app.post<{ Body: PurgeAuditBody }>(
    '/admin/purge/audit',
    { config: { access: 'retention:update' }, schema: { body: PurgeAuditBody } },
    async (request): Promise<AuditPurgedAnswer> => {
      const caller = await authenticate(request);
      const reason = reasonIn(request.body.reason, 'Say why: the audit keeps it in place of what goes.');
      await requireProof(dependencies, caller);
      const { months, left, busy } = await purge(db, now(), { by: byOf(caller), reason, msMax: MS_MAX });
      const held = months.filter(({ holds }) => holds.length > 0).length;
      return { gone: months.length - held, held, left, busy };
    },
  );
}
