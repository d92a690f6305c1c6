/** What a device needs to prove that it holds the same as the server, and to fetch what differs (I12). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type DigestAnswer, ReadBody } from '../../domain/protocol/protocol.ts';
import { BucketsQuery, CollectionsQuery } from '../../domain/protocol/queries.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Access, ReadScope } from '../access/access.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { ReadAs } from '../db/fence.ts';
import { bucketDigests, bucketRows, storedTexts } from '../db/digests.ts';
import { HttpError } from '../error-answer.ts';
import { textFor } from '../pull/cast-text.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';

interface DigestQuery {
  readonly collections?: string;
}

function bucketsOf(text: unknown): number[] {
  const buckets = typeof text === 'string' && /^\d{1,3}(,\d{1,3}){0,255}$/.test(text) ? text.split(',').map(Number) : [];
  if (buckets.length === 0 || buckets.some((bucket) => bucket > 255))
    throw new HttpError(400, 'bad_query', 'Name the buckets to list: ?buckets=0,255', { field: 'buckets' });
  return buckets;
}

export function digestRoutes(
  app: FastifyInstance,
  {
    readAs,
    nounOf,
    access,
  }: { readonly readAs: ReadAs; readonly nounOf: (collection: string) => Noun | undefined; readonly access: Access },
  authenticate: Authenticate,
): void {
  /** What the caller may read of the collection; one of another name is not there for anybody. */
  const readOf = async (request: FastifyRequest, collection: string): Promise<ReadScope> => {
    const { reach } = await authenticate(request);
    if (!nounOf(collection))
      throw new HttpError(404, 'unknown_collection', `There is no collection "${collection.slice(0, 60)}".`, { field: 'collections' });
    return (await access.now(reach)).read(collection);
  };

  app.get<{ Querystring: DigestQuery }>(
    '/sync/digest',
    { config: { access: 'records' }, schema: { querystring: CollectionsQuery } },
    async (request, reply): Promise<DigestAnswer> => {
      await authenticate(request);
      const names = (request.query.collections ?? '').split(',').filter((name) => name !== '');
      if (names.length === 0)
        throw new HttpError(400, 'bad_query', 'Name the collections to compare: ?collections=parties,orders', { field: 'collections' });
      const digests: Record<string, DigestAnswer['digests'][string]> = {};
      for (const name of new Set(names)) {
        const { scope } = await readOf(request, name);
        digests[name] = await bucketDigests(readAs(name, scope), name, scope);
      }
      void reply.header('cache-control', 'no-store');
      return { digests };
    },
  );

  app.get<{ Params: { collection: string }; Querystring: { buckets?: string } }>(
    '/sync/digest/:collection/rows',
    { config: { access: 'records' }, schema: { querystring: BucketsQuery } },
    async (request, reply): Promise<{ rows: readonly { id: string; w: string }[] }> => {
      const { collection } = request.params;
      const { scope } = await readOf(request, collection);
      void reply.header('cache-control', 'no-store');
      return { rows: await bucketRows(readAs(collection, scope), collection, scope, bucketsOf(request.query.buckets)) };
    },
  );

  app.post<{ Params: SyncAddress; Body: ReadBody }>(
    '/sync/:collection/:version/read',
    { config: { access: 'records' }, schema: { body: ReadBody } },
    async (request, reply) => {
      const { entity } = nounAt(nounOf, request.params);
      const read = await readOf(request, entity.collection);
      const rows = await storedTexts(readAs(entity.collection, read.scope), entity.collection, read.scope, request.body.ids);
      void reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store');
      return `{"documents":[${rows.map(textFor(entity, versionAt(request.params), read)).join(',')}]}`;
    },
  );
}
