import type { FastifyInstance } from 'fastify';
import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { auditOf } from '../db/audit-trail.ts';
import type { Database } from '../db/database.ts';
import { HttpError } from '../error-answer.ts';
import { mayRead } from '../pull/scope.ts';

const ENTRIES_MAX = 500;

export function auditRoute(
  app: FastifyInstance,
  db: Database,
  nounOf: (collection: string) => Noun | undefined,
  authenticate: Authenticate,
): void {
  app.get<{ Querystring: { collection?: string; id?: string } }>('/audit', async (request): Promise<AuditEntry[]> => {
    const { user } = await authenticate(request);
    const { collection = '', id = '' } = request.query;
    if (!nounOf(collection))
      throw new HttpError(404, 'unknown_collection', `There is no collection "${collection.slice(0, 60)}".`, { field: 'collection' });
    if (id === '') throw new HttpError(400, 'bad_query', 'Name the record: ?collection=parties&id=...', { field: 'id' });
    return mayRead(user, collection) ? auditOf(db, collection, id, ENTRIES_MAX) : [];
  });
}
