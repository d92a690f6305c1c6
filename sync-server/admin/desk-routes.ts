/** Desks over the API. */
import type { FastifyInstance } from 'fastify';
import { DeskChangeBody, type DeskLine, type DesksAnswer, NewDeskBody } from '../../domain/protocol/admin.ts';
import { type Authenticate, readable } from '../auth/authenticate.ts';
import { listDesks } from '../db/desks.ts';
import { HttpError } from '../error-answer.ts';
import { type AdminDependencies, byIn } from './acting.ts';
import { type DeskOutcome, changeDesk, makeDesk } from './desks.ts';

function answered(outcome: DeskOutcome): DeskLine {
  switch (outcome.kind) {
    case 'done':
      return outcome.desk;
    case 'desk_exists':
      throw new HttpError(409, 'desk_exists', 'There is a desk of this short name. It may be closed: open it again.', { field: 'id' });
    case 'unknown_desk':
      throw new HttpError(404, 'unknown_desk', 'There is no such desk.', { field: 'desk' });
    case 'desk_in_use':
      throw new HttpError(409, 'desk_in_use', `${outcome.members.join(', ')} still belong to this desk. Give them another one first.`, {
        field: 'desk',
      });
  }
}
function nameIn(text: string): string {
  const name = readable(text, 120);
  if (name === '') throw new HttpError(400, 'invalid_request', 'The name has no letters in it.', { field: 'name' });
  return name;
}

export function deskRoutes(app: FastifyInstance, dependencies: AdminDependencies, authenticate: Authenticate): void {
  app.get('/admin/desks', { config: { access: 'desks:read' } }, async (_, reply): Promise<DesksAnswer> => {
    void reply.header('cache-control', 'no-store');
    return { desks: await listDesks(dependencies.db) };
  });
  app.post<{ Body: NewDeskBody }>(
    '/admin/desks',
    { config: { access: 'desks:update' }, schema: { body: NewDeskBody } },
    async (request): Promise<DeskLine> =>
      answered(await makeDesk(dependencies, request.body.id, nameIn(request.body.name), await byIn(authenticate, request))),
  );
  app.post<{ Body: DeskChangeBody }>(
    '/admin/desks/change',
    { config: { access: 'desks:update' }, schema: { body: DeskChangeBody } },
    async (request): Promise<DeskLine> => {
      const { desk, name, closed, reason } = request.body;
      const change = {
        ...(name === undefined ? {} : { name: nameIn(name) }),
        ...(closed === undefined ? {} : { closed }),
        ...(reason === undefined ? {} : { reason: readable(reason, 500) }),
      };
      return answered(await changeDesk(dependencies, desk, change, await byIn(authenticate, request)));
    },
  );
}
