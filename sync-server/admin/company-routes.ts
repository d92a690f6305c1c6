/** The company's settings, legal holds and purging over the API. */
import type { FastifyInstance } from 'fastify';
import { isSettingKey } from '../../domain/access/company-settings.ts';
import {
  HoldBody,
  type HoldLine,
  type HoldsAnswer,
  LiftBody,
  type PurgeAnswer,
  PurgeTrashBody,
  SettingBody,
  type SettingsAnswer,
  type TrashCount,
  type TrashPurgedAnswer,
} from '../../domain/protocol/admin.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { listHolds } from '../db/holds.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn, reasonIn } from './acting.ts';
import { endHold, placeHold, purgeCount, purgeRefusals } from './holds.ts';
import { type TrashDependencies, countTrash, purgeTrash } from './trash.ts';
import { changeSetting, listSettings } from './settings.ts';

export function settingRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  const { db } = dependencies;
  app.get('/admin/settings', { config: { access: 'settings:read' } }, async (_, reply): Promise<SettingsAnswer> => {
    void reply.header('cache-control', 'no-store');
    return { settings: await listSettings(db) };
  });
  app.post<{ Body: SettingBody }>(
    '/admin/settings',
    { config: { access: 'settings:update' }, schema: { body: SettingBody } },
    async (request): Promise<SettingsAnswer> => {
      const { key, value, reason } = request.body;
      if (!isSettingKey(key)) throw new HttpError(404, 'unknown_setting', `There is no setting "${key}".`, { field: 'key' });
      const problem = await changeSetting(dependencies, key, value, readable(reason, 500), await byIn(authenticate, request));
      if (problem !== '') throw new HttpError(422, 'out_of_bounds', problem, { field: 'value' });
      return { settings: await listSettings(db) };
    },
  );
}

const WHY = 'Say why: whoever looks at the hold later needs to know.';

export function holdRoutes(
  app: FastifyInstance,
  dependencies: AdminDependencies & { readonly nounOf: (collection: string) => Noun | undefined },
  authenticate: Authenticate,
): void {
  const { db, nounOf } = dependencies;
  app.get('/admin/holds', { config: { access: 'retention:read' } }, async (_, reply): Promise<HoldsAnswer> => {
    void reply.header('cache-control', 'no-store');
    return { holds: await listHolds(db), ...(await purgeCount(dependencies)) };
  });
  app.post<{ Body: HoldBody }>(
    '/admin/holds',
    { config: { access: 'retention:update' }, schema: { body: HoldBody } },
    async (request): Promise<HoldLine> => {
      const { collection, id } = request.body;
      if (!nounOf(collection))
        throw new HttpError(404, 'unknown_collection', `There is no collection "${collection}".`, { field: 'collection' });
      const reason = reasonIn(request.body.reason, WHY);
      const hold = await placeHold(dependencies, { collection, id, reason }, await byIn(authenticate, request));
      if (!hold) throw new HttpError(409, 'held_already', 'This record is held already.', { field: 'id' });
      return hold;
    },
  );
  app.post<{ Body: LiftBody }>(
    '/admin/holds/lift',
    { config: { access: 'retention:update' }, schema: { body: LiftBody } },
    async (request): Promise<HoldLine> => {
      const hold = await endHold(dependencies, request.body.number, reasonIn(request.body.reason, WHY), await byIn(authenticate, request));
      if (!hold) throw new HttpError(404, 'unknown_hold', 'There is no such hold, or it was lifted before.', { field: 'number' });
      return hold;
    },
  );
  app.post(
    '/admin/purge',
    { config: { access: 'retention:update' } },
    async (request): Promise<PurgeAnswer> => purgeRefusals(dependencies, await byIn(authenticate, request)),
  );
}

export function trashRoutes(app: FastifyInstance, dependencies: TrashDependencies, authenticate: Authenticate): void {
  app.get('/admin/trash', { config: { access: 'retention:read' } }, async (_, reply): Promise<TrashCount> => {
    void reply.header('cache-control', 'no-store');
    return countTrash(dependencies);
  });
  app.post<{ Body: PurgeTrashBody }>(
    '/admin/purge/trash',
    { config: { access: 'retention:update' }, schema: { body: PurgeTrashBody } },
    async (request): Promise<TrashPurgedAnswer> => {
      const reason = reasonIn(request.body.reason, 'Say why it is done now: it stands with every record in the audit.');
      return { purged: await purgeTrash(dependencies, { by: await byIn(authenticate, request), reason }) };
    },
  );
}
