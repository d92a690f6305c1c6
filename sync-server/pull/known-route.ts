/** Tells a device which of the states that it holds this server has never heard of, so that it offers them again (SYN-11). */
import type { FastifyInstance } from 'fastify';
import { seenThrough } from '../../domain/access/field-limits.ts';
import { castDown } from '../../domain/entity/cast.ts';
import { KnownBody, type LostAnswer, type WireDocument } from '../../domain/protocol/protocol.ts';
import type { Access } from '../access/access.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Database } from '../db/database.ts';
import { type AccessState, accessStates, unheardOf } from '../db/epochs.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';

export function knownRoute(
  app: FastifyInstance,
  { db, nounOf, access }: { readonly db: Database; readonly nounOf: (collection: string) => Noun | undefined; readonly access: Access },
  authenticate: Authenticate,
): void {
  app.post<{ Params: SyncAddress; Body: KnownBody }>(
    '/sync/:collection/:version/known',
    { config: { access: 'records' }, schema: { body: KnownBody } },
    async (request): Promise<LostAnswer> => {
      const { reach } = await authenticate(request);
      const { entity } = nounAt(nounOf, request.params);
      const version = versionAt(request.params);
      const { until, states } = request.body;
      const [ids, ws] = [states.map(({ id }) => id), states.map(({ w }) => w)];
      const lost = await unheardOf(db, entity.collection, ids, ws, until);
      const account = await access.now(reach);
      const { key, views } = account.read(entity.collection);
      /** Past states and the present one must both be the caller's to see. */
      const mayHave = (text: string | null, stored: AccessState | null): text is string =>
        text !== null &&
        account.mayRead(entity.collection, JSON.parse(text) as WireDocument) &&
        (stored === null || account.mayRead(entity.collection, stored));
      // Of another write id than the server's own, that a record is there would be told to whoever guesses its id.
      const unheard = new Set(lost.map(({ id }) => id));
      const heard = ids.filter((id) => !unheard.has(id));
      const stored = heard.length === 0 ? new Map<string, AccessState>() : await accessStates(db, entity.collection, heard);
      return {
        scope: key,
        // In the order in which they were asked for.
        hidden: heard.filter((id) => {
          const state = stored.get(id);
          return state !== undefined && !account.mayRead(entity.collection, state);
        }),
        lost: lost.map(({ id, text, deleted, stored }) => ({
          id,
          base: mayHave(text, stored)
            ? castDown(entity, version, { ...seenThrough(entity, views, JSON.parse(text) as WireDocument), _deleted: deleted === true })
            : null,
        })),
      };
    },
  );
}
