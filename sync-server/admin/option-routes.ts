/** Option lists over the API. */
import type { FastifyInstance } from 'fastify';
import { OptionListBody, type OptionListsAnswer } from '../../domain/protocol/admin.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn } from './acting.ts';
import { changeOptionList, listOptionLists } from './option-lists.ts';

export function optionRoutes(
  app: FastifyInstance,
  dependencies: AdminDependencies & { readonly nouns: readonly Noun[] },
  authenticate: Authenticate,
): void {
  const { db, nouns } = dependencies;
  app.get('/admin/options', { config: { access: 'settings:read' } }, async (_, reply): Promise<OptionListsAnswer> => {
    void reply.header('cache-control', 'no-store');
    return { lists: await listOptionLists(db, nouns) };
  });
  app.post<{ Body: OptionListBody }>(
    '/admin/options',
    { config: { access: 'settings:update' }, schema: { body: OptionListBody } },
    async (request): Promise<OptionListsAnswer> => {
      const { list, revision, options, reason } = request.body;
      const change = {
        list,
        revision,
        reason: readable(reason, 500),
        options: options.map((option) => ({ ...option, label: readable(option.label) })),
      };
      const outcome = await changeOptionList(dependencies, change, await byIn(authenticate, request));
      switch (outcome.kind) {
        case 'done':
          return { lists: await listOptionLists(db, nouns) };
        case 'unknown_list':
          throw new HttpError(404, 'unknown_list', `There is no option list "${list}".`, { field: 'list' });
        case 'list_changed':
          throw new HttpError(409, 'list_changed', 'Somebody else has changed this list meanwhile. Look at it again, then change it.', {
            field: 'revision',
          });
        case 'out_of_bounds':
          throw new HttpError(422, 'out_of_bounds', outcome.problem, { field: 'options' });
      }
    },
  );
}
