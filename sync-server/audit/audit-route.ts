import type { FastifyInstance } from 'fastify';
import { seenThrough } from '../../domain/access/field-limits.ts';
import type { AuditEntry } from '../../domain/protocol/protocol.ts';
import { RecordQuery } from '../../domain/protocol/queries.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Access } from '../access/access.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { auditOf } from '../db/audit-trail.ts';
import type { Database } from '../db/database.ts';
import { storedTexts } from '../db/digests.ts';
import type { ReadAs } from '../db/fence.ts';
import { HttpError } from '../error-answer.ts';

const ENTRIES_MAX = 500;

interface AuditDependencies {
  readonly db: Database;
  readonly readAs: ReadAs;
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly access: Access;
}

export function auditRoute(app: FastifyInstance, { db, readAs, nounOf, access }: AuditDependencies, authenticate: Authenticate): void {
  app.get<{ Querystring: { collection?: string; id?: string } }>(
    '/audit',
    { config: { access: 'records' }, schema: { querystring: RecordQuery } },
    async (request): Promise<AuditEntry[]> => {
      const { reach } = await authenticate(request);
      const { collection = '', id = '' } = request.query;
      const noun = nounOf(collection);
      if (!noun)
        throw new HttpError(404, 'unknown_collection', `There is no collection "${collection.slice(0, 60)}".`, { field: 'collection' });
      if (id === '') throw new HttpError(400, 'bad_query', 'Name the record: ?collection=parties&id=...', { field: 'id' });
      const account = await access.now(reach);
      // The history of a record that the caller may not see now is not the caller's either, and of one that may be seen now
      // only the states count that lie within the same scope.
      const { scope, views } = account.read(collection);
      if ((await storedTexts(readAs(collection, scope), collection, scope, [id])).length === 0) return [];
      const entries = await auditOf(db, collection, id, ENTRIES_MAX);
      return entries
        .filter(({ before, after }) => [before, after].every((state) => state === null || account.mayRead(collection, state)))
        .map((entry) => ({
          ...entry,
          before: entry.before && seenThrough(noun.entity, views, entry.before),
          after: seenThrough(noun.entity, views, entry.after),
        }));
    },
  );
}
