import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Entity } from '../../domain/entity/entity.ts';
import { HEADS_HEADER, writeHeads } from '../../domain/protocol/heads.ts';
import type { Noun } from '../../domain/record/noun.ts';
import { COMPANY_EVENT } from '../../domain/protocol/protocol.ts';
import { CollectionsQuery } from '../../domain/protocol/queries.ts';
import type { Access, AccountAccess, ReadScope } from '../access/access.ts';
import { partsOfReach } from '../access/reach.ts';
import type { Authenticate, Caller } from '../auth/authenticate.ts';
import type { CompanyWatch } from '../company/company-watch.ts';
import type { FeedHeads } from '../db/feed.ts';
import { HttpError } from '../error-answer.ts';
import type { History } from '../pull/history.ts';
import { type SyncAddress, nounAt, versionAt } from '../sync-address.ts';
import { type EventStream, eventOf, openEventStream } from './event-stream.ts';
import type { Follower } from './follower.ts';
import { frameEvent } from './frame.ts';

export interface StreamDependencies {
  readonly access: Access;
  readonly company?: Pick<CompanyWatch, 'onChange'>;
  readonly follower: Follower;
  readonly history: Pick<History, 'onChange' | 'current'>;
  readonly nounOf: (collection: string) => Noun | undefined;
  readonly heartbeatMs?: number;
}

/** What is listened to: the entity, and the version in which the device speaks of it. */
type Listening = readonly { readonly entity: Entity; readonly version: number }[];

interface Listener {
  /** Our own client, which hears of more than changes. */
  readonly isOwn: boolean;
  readonly reach: string;
  /** Version of the rights by which it is served. */
  version: number;
  /** By collection; moves with the rights. */
  scopes: ReadonlyMap<string, ReadScope>;
  /** Its scope has become another one: the device must pull before it hears more. */
  changed(collection: string, read: ReadScope): void;
  end(): void;
}

const headsText = ({ epoch, seq, last }: FeedHeads, scopes: ReadonlyMap<string, ReadScope>): string =>
  writeHeads({
    epoch,
    seq,
    // Of what somebody may not see at all it is not told when it changed, either.
    collections: new Map(
      [...scopes].map(([name, { key, scope }]) => [name, { last: scope.is === 'none' ? 0 : (last.get(name) ?? seq), scope: key }]),
    ),
  });

export function streamRoutes(app: FastifyInstance, dependencies: StreamDependencies, authenticate: Authenticate): void {
  const { access, company, follower, history, nounOf, heartbeatMs } = dependencies;
  const open = new Map<EventStream, Listener>();

  const endAll = (): void => {
    for (const stream of open.keys()) stream.end();
  };
  const scopesIn = (account: AccountAccess, listening: Listening): Map<string, ReadScope> =>
    new Map(listening.map(({ entity: { collection } }) => [collection, account.read(collection)]));
  async function renewScopes(listener: Listener): Promise<void> {
    const account = await access.at(listener.reach);
    if (account.version <= listener.version) return;
    listener.version = account.version;
    // A key that was revoked, or whose account was disabled, has no session that would end.
    if (partsOfReach(listener.reach).keyId !== null && account.rights.grants.length === 0) return listener.end();
    const before = listener.scopes;
    listener.scopes = new Map([...before.keys()].map((collection) => [collection, account.read(collection)]));
    for (const [collection, read] of listener.scopes) if (read.key !== before.get(collection)?.key) listener.changed(collection, read);
  }

  async function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    listening: Listening,
    /** One stream for all collections: only our own client opens it, and knows what a frame of another scope means. */
    isOwn: boolean,
  ): Promise<void> {
    const [asked, looked] = await Promise.all([access.now(caller.reach), isOwn ? follower.heads() : undefined]);
    let account = asked;
    // From here to the subscription nothing waits, so no change of rights falls in between.
    while (!access.isCurrent(account)) account = await access.at(caller.reach);
    const { reach, version } = account;
    const scopes = scopesIn(account, listening);
    const byCollection = new Map(listening.map((one) => [one.entity.collection, one]));
    const subscribe = (stream: EventStream): (() => void) => {
      const listener: Listener = {
        isOwn,
        reach,
        version,
        scopes,
        end: () => stream.end(),
        changed(collection, read) {
          // A stock client would take an empty frame for a step ahead. Cut off, it comes back and pulls.
          if (!isOwn) return stream.end();
          const { epoch } = history.current();
          stream.send(frameEvent(collection, [], { lwt: follower.health().fanned, epoch, scope: read.key }));
        },
      };
      open.set(stream, listener);
      const unsubscribe = follower.subscribe((frame) => {
        const one = byCollection.get(frame.collection);
        const read = listener.scopes.get(frame.collection);
        const event = one && read && frame.eventFor({ ...one, read, tagged: isOwn });
        if (event) stream.send(event);
      });
      // A session that ends takes its streams with it; the client hears why when it comes back.
      const unwatch = caller.onEnd(() => stream.end());
      return () => {
        unwatch();
        unsubscribe();
        open.delete(stream);
      };
    };
    const heads = looked && follower.headsNow(looked);
    openEventStream(request, reply, {
      endsAt: caller.expiresAt,
      subscribe,
      headers: () => (heads ? { [HEADS_HEADER]: headsText(heads, scopes) } : {}),
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    });
  }

  const ofStream = { config: { access: 'records' }, schema: { querystring: CollectionsQuery } } as const;
  app.get<{ Querystring: { collections?: string } }>('/sync/stream', ofStream, async (request, reply) => {
    const caller = await authenticate(request);
    const names = (request.query.collections ?? '').split(',').filter((name) => name !== '');
    if (names.length === 0)
      throw new HttpError(400, 'bad_query', 'Name the collections to follow: ?collections=parties:0,orders:0', { field: 'collections' });
    const listening = names.map((name) => {
      const [collection = '', asked] = name.split(':');
      // Without a version the listener takes documents as they are.
      const { entity } = nounAt(nounOf, { collection, version: asked ?? String(nounOf(collection)?.entity.version ?? 0) });
      return { entity, version: asked === undefined ? entity.version : Number(asked) };
    });
    await serve(request, reply, caller, listening, true);
  });

  app.get<{ Params: SyncAddress }>('/sync/:collection/:version/pullStream', { config: { access: 'records' } }, async (request, reply) => {
    const caller = await authenticate(request);
    const { entity } = nounAt(nounOf, request.params);
    await serve(request, reply, caller, [{ entity, version: versionAt(request.params) }], false);
  });

  company?.onChange(({ version }) => {
    const event = eventOf(JSON.stringify({ version }), COMPANY_EVENT);
    for (const [stream, { isOwn }] of open) if (isOwn) stream.send(event);
  });
  // Before the server waits for its connections to end, which streams never do by themselves.
  app.addHook('preClose', async () => endAll());
  // Whoever listened has to learn of the other history by a pull, before it hears of a position in it.
  history.onChange(endAll);
  access.onChange(async () => {
    await Promise.all([...open.values()].map(renewScopes));
  });
}
