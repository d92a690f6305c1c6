import type { FastifyInstance } from 'fastify';
import { castDown } from '../../domain/entity/cast.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { BODY_BYTES_MAX, PushBody, type PushRow, type WireDocument } from '../../domain/protocol/protocol.ts';
import { POSITIONS_HEADER, POSITIONS_MAX, writePositions } from '../../domain/protocol/positions.ts';
import { PushQuery } from '../../domain/protocol/queries.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import type { History } from '../pull/history.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';
import { openImportNotes } from './import-notes.ts';
import { NESTING_MAX, isNestedWithin } from './nesting.ts';
import { type PushDependencies, pushRows } from './push-rows.ts';
import { keyOf } from './references.ts';
import { openTurns } from './turns.ts';

export interface PushRouteDependencies extends PushDependencies {
  readonly history: Pick<History, 'require' | 'current'>;
}

export function pushRoute(
  app: FastifyInstance,
  dependencies: PushRouteDependencies,
  authenticate: Authenticate,
  onChanged: (noun: Noun) => void,
): void {
  const turns = openTurns();
  const noteImports = openImportNotes();
  app.post<{ Params: SyncAddress; Body: PushRow[]; Querystring: { history?: string } }>(
    '/sync/:collection/:version/push',
    {
      config: { access: 'records' },
      bodyLimit: BODY_BYTES_MAX,
      schema: { body: PushBody, querystring: PushQuery },
      onRequest: async (request) => {
        nounAt(dependencies.nounOf, request.params);
        await dependencies.history.require(request.query.history);
      },
      preValidation: async (request) => {
        if (isNestedWithin(request.body, NESTING_MAX)) return;
        throw new HttpError(
          400,
          'nested_too_deeply',
          `Values lie in each other more than ${NESTING_MAX} levels deep; no record is like that.`,
        );
      },
    },
    async (request, reply): Promise<readonly WireDocument[]> => {
      const { user, device, address } = await authenticate(request);
      const noun = nounAt(dependencies.nounOf, request.params);
      const version = versionAt(request.params);
      const author = { actor: user.id, device, desk: user.deskId, version, origin: { address, request: request.id } };
      const keys = request.body.map(({ newDocumentState }) => keyOf(noun.entity.collection, newDocumentState.id));
      // Before anything is written: a position is never named in a later history than its own.
      const { epoch } = dependencies.history.current();
      const { answers, positions, changed } = await turns(keys, () => pushRows(dependencies, noun, request.body, author));
      if (changed) onChanged(noun);
      if (positions.length <= POSITIONS_MAX) void reply.header(POSITIONS_HEADER, writePositions({ epoch, at: positions }));
      await noteImports(request.body, { ...dependencies, user, device, address });
      return version === noun.entity.version ? answers : answers.map((answer) => castDown(noun.entity, version, answer));
    },
  );
}
