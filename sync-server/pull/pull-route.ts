import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { PULL_LIMIT_MAX } from '../../domain/protocol/protocol.ts';
import { PullQuery } from '../../domain/protocol/queries.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';
import { rowTextFor } from './cast-text.ts';
import type { History } from './history.ts';
import { type PageDependencies, pullPage } from './pull-page.ts';

/** A whole number of the query; the fallback when absent or empty, as a fresh client sends it. */
function wholeNumber(name: string, value: unknown, fallback: number, least: number): number {
  if (value === undefined || value === '') return fallback;
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < least) {
    throw new HttpError(400, 'bad_query', `${name} must be a whole number of at least ${least}.`, { field: name });
  }
  return number;
}
function keysOf(value: unknown): string[] {
  if (value === undefined || value === '') return [];
  if (typeof value !== 'string' || !/^[\w,-]{1,1000}$/.test(value))
    throw new HttpError(400, 'bad_query', 'held must be the scopes of earlier checkpoints.', { field: 'held' });
  return value.split(',').filter((key) => key !== '');
}

export interface PullDependencies extends PageDependencies {
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly history: History;
}

export function pullRoute(app: FastifyInstance, dependencies: PullDependencies, authenticate: Authenticate): void {
  const { nounOf, history } = dependencies;
  app.get<{ Params: SyncAddress; Querystring: Static<typeof PullQuery> }>(
    '/sync/:collection/:version/pull',
    { config: { access: 'records' }, schema: { querystring: PullQuery } },
    async (request, reply) => {
      const { reach } = await authenticate(request);
      const { entity } = nounAt(nounOf, request.params);
      const lwt = wholeNumber('lwt', request.query.lwt, 0, 0);
      const limit = Math.min(wholeNumber('limit', request.query.limit, PULL_LIMIT_MAX, 1), PULL_LIMIT_MAX);
      const { id = '' } = request.query;
      const held = keysOf(request.query.held);
      await history.require(request.query.history);
      const version = versionAt(request.params);
      const body = await pullPage(
        dependencies,
        { reach, collection: entity.collection, checkpoint: { lwt, id }, limit, held, version },
        ({ rows, checkpoint, read }) =>
          `{"documents":[${rows.map(rowTextFor(entity, version, read)).join(',')}],"checkpoint":${JSON.stringify(checkpoint)}}`,
      );
      return reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').send(body);
    },
  );
}
