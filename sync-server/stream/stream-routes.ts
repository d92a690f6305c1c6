import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Noun } from '../../domain/record/noun.ts';
import type { Authenticate, Caller } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import { mayRead } from '../pull/scope.ts';
import { type SyncAddress, nounAt } from '../sync-address.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import type { Follower, Frame } from './follower.ts';

export interface StreamDependencies {
  readonly follower: Follower;
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly heartbeatMs?: number;
}

export function streamRoutes(app: FastifyInstance, dependencies: StreamDependencies, authenticate: Authenticate): void {
  const { follower, nounOf, heartbeatMs } = dependencies;
  const open = new Set<EventStream>();

  function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    collections: ReadonlySet<string>,
    dataOf: (frame: Frame) => string,
  ): void {
    const subscribe = (stream: EventStream): (() => void) => {
      open.add(stream);
      const unsubscribe = follower.subscribe((frame) => {
        if (collections.has(frame.collection) && mayRead(caller.user, frame.collection)) stream.send(dataOf(frame));
      });
      return () => {
        unsubscribe();
        open.delete(stream);
      };
    };
    openEventStream(request, reply, { endsAt: caller.expiresAt, subscribe, ...(heartbeatMs === undefined ? {} : { heartbeatMs }) });
  }

  app.get<{ Querystring: { collections?: string } }>('/sync/stream', async (request, reply) => {
    const caller = await authenticate(request);
    const names = (request.query.collections ?? '').split(',').filter((name) => name !== '');
    if (names.length === 0)
      throw new HttpError(400, 'bad_query', 'Name the collections to follow: ?collections=parties,orders', { field: 'collections' });
    const unknown = names.find((name) => !nounOf(name));
    if (unknown !== undefined)
      throw new HttpError(404, 'unknown_collection', `There is no collection "${unknown.slice(0, 60)}".`, { field: 'collections' });
    serve(request, reply, caller, new Set(names), (frame) => frame.tagged);
  });

  app.get<{ Params: SyncAddress }>('/sync/:collection/:version/pullStream', async (request, reply) => {
    const caller = await authenticate(request);
    const { entity } = nounAt(nounOf, request.params);
    serve(request, reply, caller, new Set([entity.collection]), (frame) => frame.plain);
  });

  // Before the server waits for its connections to end, which streams never do by themselves.
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });
}
