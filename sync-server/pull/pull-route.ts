import type { FastifyInstance } from 'fastify';
import { type Checkpoint, PULL_LIMIT_MAX } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Database } from '../db/database.ts';
import { pageAfter } from '../db/feed.ts';
import { HttpError } from '../error-answer.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';
import { textFor } from './cast-text.ts';
import type { History } from './history.ts';
import { mayRead } from './scope.ts';

interface PullQuery {
  readonly lwt?: string;
  readonly id?: string;
  readonly limit?: string;
  /** See History.require; only our own client sends it. */
  readonly history?: string;
}

/** A whole number of the query; the fallback when absent or empty, as a fresh client sends it. */
function wholeNumber(name: string, value: unknown, fallback: number, least: number): number {
  if (value === undefined || value === '') return fallback;
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < least) {
    throw new HttpError(400, 'bad_query', `${name} must be a whole number of at least ${least}.`, { field: name });
  }
  return number;
}

export interface PullDependencies {
  readonly db: Database;
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly history: History;
}

export function pullRoute(app: FastifyInstance, { db, nounOf, history }: PullDependencies, authenticate: Authenticate): void {
  app.get<{ Params: SyncAddress; Querystring: PullQuery }>('/sync/:collection/:version/pull', async (request, reply) => {
    const { user } = await authenticate(request);
    const { entity } = nounAt(nounOf, request.params);
    const lwt = wholeNumber('lwt', request.query.lwt, 0, 0);
    const limit = Math.min(wholeNumber('limit', request.query.limit, PULL_LIMIT_MAX, 1), PULL_LIMIT_MAX);
    const id = typeof request.query.id === 'string' ? request.query.id : '';
    await history.require(request.query.history);
    const { epoch } = history.current();
    // A position beyond the shared history means nothing here: such a client reads everything anew.
    const after = id === '' || lwt <= (history.sharedUntil(id) ?? -1) ? lwt : 0;
    const rows = mayRead(user, entity.collection) ? await pageAfter(db, entity.collection, after, limit) : [];
    const last = rows.at(-1);
    const checkpoint: Checkpoint = last ? { lwt: last.seq, id: epoch } : { lwt: after, id: id === '' && after > 0 ? '' : epoch };
    void reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store');
    return `{"documents":[${rows.map(textFor(entity, versionAt(request.params))).join(',')}],"checkpoint":${JSON.stringify(checkpoint)}}`;
  });
}
