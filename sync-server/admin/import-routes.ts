/** Imports of everybody over the API, and taking one back. */
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { ImportUndoBody, type ImportUndoAnswer, type ImportsAnswer } from '../../domain/protocol/admin.ts';
import { ImportQuery } from '../../domain/protocol/queries.ts';
import type { Access } from '../access/access.ts';
import type { Authenticate, Caller } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import { byOf, reasonIn } from './acting.ts';
import { listImports } from './imports.ts';
import { type UndoDependencies, type Undoer, previewUndo, undoImport } from './undo-import.ts';

const unknownImport = (): HttpError => new HttpError(404, 'unknown_import', 'No such import has come to this server.', { field: 'id' });

export function importRoutes(
  app: FastifyInstance,
  dependencies: UndoDependencies & { readonly access: Pick<Access, 'now'> },
  authenticate: Authenticate,
): void {
  const undoerOf = async (caller: Caller): Promise<Undoer> => ({
    by: byOf(caller),
    account: await dependencies.access.now(caller.reach),
  });
  app.get('/admin/imports', { config: { access: 'imports:read' } }, async (_, reply): Promise<ImportsAnswer> => {
    void reply.header('cache-control', 'no-store');
    return { imports: await listImports(dependencies.db, dependencies.nouns) };
  });
  app.get<{ Querystring: Static<typeof ImportQuery> }>(
    '/admin/imports/undo',
    { config: { access: 'imports:undo' }, schema: { querystring: ImportQuery } },
    async (request, reply): Promise<ImportUndoAnswer> => {
      const undoer = await undoerOf(await authenticate(request));
      const preview = await previewUndo(dependencies, undoer, request.query.id ?? '');
      if (!preview) throw unknownImport();
      void reply.header('cache-control', 'no-store');
      return preview;
    },
  );
  app.post<{ Body: ImportUndoBody }>(
    '/admin/imports/undo',
    { config: { access: 'imports:undo' }, schema: { body: ImportUndoBody } },
    async (request): Promise<ImportUndoAnswer> => {
      const reason = reasonIn(request.body.reason, 'Say why: it stands with every record in the audit.');
      const undoer = await undoerOf(await authenticate(request));
      const undone = await undoImport(dependencies, undoer, request.body.id, reason);
      if (!undone) throw unknownImport();
      return undone;
    },
  );
}
