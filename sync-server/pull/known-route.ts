/** Tells a device which of the states that it holds this server has never heard of, so that it offers them again (SYN-11). */
import type { FastifyInstance } from 'fastify';
import { castDown } from '../../domain/entity/cast.ts';
import { KnownBody, type LostAnswer, type WireDocument } from '../../domain/protocol/protocol.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { unheardOf } from '../db/epochs.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';
import type { PullDependencies } from './pull-route.ts';
import { mayRead } from './scope.ts';

export function knownRoute(
  app: FastifyInstance,
  { db, nounOf }: Pick<PullDependencies, 'db' | 'nounOf'>,
  authenticate: Authenticate,
): void {
  app.post<{ Params: SyncAddress; Body: KnownBody }>(
    '/sync/:collection/:version/known',
    { schema: { body: KnownBody } },
    async (request): Promise<LostAnswer> => {
      const { user } = await authenticate(request);
      const { entity } = nounAt(nounOf, request.params);
      const version = versionAt(request.params);
      const { until, states } = request.body;
      const [ids, ws] = [states.map(({ id }) => id), states.map(({ w }) => w)];
      const lost = await unheardOf(db, entity.collection, ids, ws, until);
      return {
        lost: lost.map(({ id, text, deleted }) => ({
          id,
          base:
            text === null || !mayRead(user, entity.collection)
              ? null
              : castDown(entity, version, { ...(JSON.parse(text) as WireDocument), _deleted: deleted === true }),
        })),
      };
    },
  );
}
