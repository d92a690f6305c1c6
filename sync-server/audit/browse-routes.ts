import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type AuditAnswer, AuditQuery, type SealAnswer } from '../../domain/protocol/audit.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Access } from '../access/access.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { lastBlock } from '../db/audit-blocks.ts';
import type { Database } from '../db/database.ts';
import { securityEvent } from '../db/security-events.ts';
import { auditCsv } from './audit-csv.ts';
import { HttpError } from '../error-answer.ts';
import { type Reader, browsePage, isDay } from './browse.ts';
import type { Sealer } from './sealer.ts';

const PAGE = 100;

export interface BrowseDependencies {
  readonly db: Database;
  readonly access: Access;
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly sealer: Sealer | undefined;
  readonly now: () => Date;
}

/** Throws 400 for a day that there is not. */
function withDays(query: AuditQuery): AuditQuery {
  for (const field of ['from', 'to'] as const) {
    const day = query[field];
    if (day !== undefined && !isDay(day))
      throw new HttpError(400, 'bad_query', `${day} is no day. Give one such as 2026-12-01.`, { field });
  }
  return query;
}

export function browseRoutes(
  app: FastifyInstance,
  { db, access, nounOf, sealer, now }: BrowseDependencies,
  authenticate: Authenticate,
): void {
  const readerOf = async (reach: string): Promise<Reader> => ({ account: await access.now(reach), nounOf });

  app.get<{ Querystring: AuditQuery }>(
    '/audit/entries',
    { config: { access: 'audit:read' }, schema: { querystring: AuditQuery } },
    async (request): Promise<AuditAnswer> =>
      browsePage(db, withDays(request.query), PAGE, await readerOf((await authenticate(request)).reach)),
  );

  app.get('/audit/seal', { config: { access: 'audit:read' } }, async (): Promise<SealAnswer> => {
    const last = await lastBlock(db);
    const broken = sealer ? (sealer.state().broken ?? null) : 'This server process does not seal.';
    return { block: last?.number ?? null, sealedAt: last?.sealedAt ?? null, broken };
  });

  app.get<{ Querystring: AuditQuery }>(
    '/audit/export',
    { config: { access: 'audit:export' }, schema: { querystring: AuditQuery } },
    async (request, reply) => {
      const { user, device, address, reach } = await authenticate(request);
      const query = withDays(request.query);
      const reader = await readerOf(reach);
      // Before the first line leaves: an export that breaks off was one all the same.
      await securityEvent(db, {
        kind: 'exported',
        who: user,
        device,
        address,
        at: now(),
        details: { what: 'audit', filter: query },
      });
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="drover-audit.csv"')
        .header('cache-control', 'no-store')
        .send(Readable.from(auditCsv(db, query, reader)));
    },
  );
}
