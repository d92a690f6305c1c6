import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Noun } from '../../domain/record/noun.ts';
import type { Authenticate, Caller } from '../auth/authenticate.ts';
import { HttpError } from '../error-answer.ts';
import type { History } from '../pull/history.ts';
import { mayRead } from '../pull/scope.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import type { Follower } from './follower.ts';
import type { Frame } from './frame.ts';

export interface StreamDependencies {
  readonly follower: Follower;
  readonly history: Pick<History, 'onChange'>;
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly heartbeatMs?: number;
}

export function streamRoutes(app: FastifyInstance, dependencies: StreamDependencies, authenticate: Authenticate): void {
  const { follower, history, nounOf, heartbeatMs } = dependencies;
  const open = new Set<EventStream>();

  const endAll = (): void => {
    for (const stream of open) stream.end();
  };

  function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    /** By collection: the text of a frame for this listener. */
    listens: ReadonlyMap<string, (frame: Frame) => string>,
  ): void {
    const subscribe = (stream: EventStream): (() => void) => {
      open.add(stream);
      const unsubscribe = follower.subscribe((frame) => {
        const textOf = listens.get(frame.collection);
        if (textOf && mayRead(caller.user, frame.collection)) stream.send(textOf(frame));
      });
      // A session that ends takes its streams with it; the client hears why when it comes back.
      const unwatch = caller.onEnd(() => stream.end());
      return () => {
        unwatch();
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
      throw new HttpError(400, 'bad_query', 'Name the collections to follow: ?collections=parties:0,orders:0', { field: 'collections' });
    const listens = new Map<string, (frame: Frame) => string>();
    for (const name of names) {
      const [collection = '', asked] = name.split(':');
      // Without a version the listener takes documents as they are.
      const { entity } = nounAt(nounOf, { collection, version: asked ?? String(nounOf(collection)?.entity.version ?? 0) });
      listens.set(collection, (frame) => frame.castTo(entity, asked === undefined ? entity.version : Number(asked)).tagged);
    }
    serve(request, reply, caller, listens);
  });

  app.get<{ Params: SyncAddress }>('/sync/:collection/:version/pullStream', async (request, reply) => {
    const caller = await authenticate(request);
    const { entity } = nounAt(nounOf, request.params);
    const version = versionAt(request.params);
    serve(request, reply, caller, new Map([[entity.collection, (frame) => frame.castTo(entity, version).plain]]));
  });

  // Before the server waits for its connections to end, which streams never do by themselves.
  app.addHook('preClose', async () => endAll());
  // Whoever listened has to learn of the other history by a pull, before it hears of a position in it.
  history.onChange(endAll);
}
