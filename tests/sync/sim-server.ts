/**
 * One server process of a simulated history: the real routes for push, pull, stream, digest and healing, the real follower,
 * history, apply queue and sweep, put together as in sync-server/app.ts, on a simulated database, clock and network card.
 * Fastify is built once for many lives, because that is slow; what has a life of its own is made anew with each start.
 */
import { type FastifyInstance, type FastifyRequest, type InjectOptions, fastify } from 'fastify';
import { createParser } from 'eventsource-parser';
import { POSITIONS_HEADER } from '../../domain/protocol/positions.ts';
import { HEADS_HEADER, type Heads, readHeads } from '../../domain/protocol/heads.ts';
import { BODY_BYTES_MAX, DEVICE_HEADER, type StreamFrame } from '../../domain/protocol/protocol.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Authenticate } from '../../sync-server/auth/authenticate.ts';
import { type Access, openAccess } from '../../sync-server/access/access.ts';
import type { Database } from '../../sync-server/db/database.ts';
import { digestRoutes } from '../../sync-server/digest/digest-routes.ts';
import { answerErrors } from '../../sync-server/error-answer.ts';
import { type History, openHistory } from '../../sync-server/pull/history.ts';
import { knownRoute } from '../../sync-server/pull/known-route.ts';
import { type KeptPages, keepPages } from '../../sync-server/pull/kept-pages.ts';
import { pullRoute } from '../../sync-server/pull/pull-route.ts';
import { personalFields } from '../../domain/record/personal.ts';
import { type Apply, openApplyQueue } from '../../sync-server/push/apply-queue.ts';
import { listSeries } from '../../domain/record/series.ts';
import { keepNumbering } from '../../sync-server/series/assign-numbers.ts';
import { seriesRoutes } from '../../sync-server/series/series-routes.ts';
import { sweepParked } from '../../sync-server/push/parked-sweep.ts';
import { pushRoute } from '../../sync-server/push/push-route.ts';
import type { PushDependencies } from '../../sync-server/push/push-rows.ts';
import { type Follower, followFeed } from '../../sync-server/stream/follower.ts';
import { streamRoutes } from '../../sync-server/stream/stream-routes.ts';
import type { Kernel, Owner } from './kernel.ts';
import { type SharedDatabase, simDatabase } from './sim-database.ts';
import type { SimUser } from './sim-users.ts';

export const USER_HEADER = 'x-sim-user';
/** No two clocks are the same; what a server stamps is never what a device stamped. */
const AHEAD_MS = 7;
const TOKEN_MS = 24 * 60 * 60 * 1000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Of a push, as its header says. */
  readonly positions: string;
}
export interface OpenStream {
  close(): void;
}
/** What runs in one life of the process. */
interface Life {
  readonly owner: Owner;
  readonly db: Database;
  readonly history: History;
  readonly access: Access;
  readonly follower: Follower;
  readonly apply: Apply;
  readonly numbering: ReturnType<typeof keepNumbering>;
  readonly pages: KeptPages;
}
/** Puts a bug into a port, for the tests that prove that the simulation finds it. */
export interface Ports {
  readonly database?: (db: Database) => Database;
  readonly history?: (history: History) => History;
  readonly access?: (access: Access) => Access;
}
/** What a server needs of the history that is played now. */
export interface Stage {
  readonly kernel: Kernel;
  readonly shared: SharedDatabase;
  readonly userOf: (id: string) => SimUser | undefined;
  readonly ports: Ports;
  /** There are records that a series numbers. */
  readonly numbers: boolean;
}

export class SimServer {
  readonly name: string;
  readonly #nouns: readonly Noun[];
  readonly #real: Database;
  readonly #streams = new Set<OpenStream>();
  #epochListeners: (() => void)[] = [];
  #accessListeners: (() => Promise<void>)[] = [];
  /** Requests that came in. What a killed process had begun is mostly never answered. */
  readonly #unanswered = new Set<InjectOptions>();
  #app: FastifyInstance | undefined;
  #stage: Stage | undefined;
  #life: Life | undefined;
  /** By how much the clock of its machine is wrong, in milliseconds. */
  clock = 0;
  starting = false;
  /** What it answered last instead of a success. */
  lastError: Error | undefined;

  constructor(name: string, nouns: readonly Noun[], real: Database) {
    this.name = name;
    this.#nouns = nouns;
    this.#real = real;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }
  #now(): Date {
    if (!this.#stage) throw new Error('no history is being played');
    return new Date(this.#stage.kernel.instant + this.clock + AHEAD_MS);
  }
  #alive(): Life {
    if (!this.#life) throw new Error(`${this.name} is not running`);
    return this.#life;
  }
  #nounOf = (collection: string): Noun | undefined => this.#nouns.find(({ entity }) => entity.collection === collection);

  #push(): PushDependencies {
    const inbox = this.#nouns.find((noun) => noun.inboxDraft !== undefined);
    const { db, access, apply } = this.#alive();
    return { db, access, apply, nounOf: this.#nounOf, now: () => this.#now(), ...(inbox ? { inbox } : {}) };
  }

  /** Ports that always speak to the life that runs now. */
  #ports() {
    const db: Database = {
      rows: (statement) => this.#alive().db.rows(statement),
      transaction: (work) => this.#alive().db.transaction(work),
      exclusively: (lock, work) => this.#alive().db.exclusively(lock, work),
      listen: (channel, onWake) => this.#alive().db.listen(channel, onWake),
      close: async () => undefined,
    };
    const history: History = {
      current: () => this.#alive().history.current(),
      sharedUntil: (epoch) => this.#alive().history.sharedUntil(epoch),
      require: (claim) => this.#alive().history.require(claim),
      onChange: (listener) => void this.#epochListeners.push(listener),
      close: async () => undefined,
    };
    const follower: Follower = {
      subscribe: (onFrame) => this.#alive().follower.subscribe(onFrame),
      heads: () => this.#alive().follower.heads(),
      headsNow: (looked) => this.#alive().follower.headsNow(looked),
      wake: () => this.#alive().follower.wake(),
      health: () => this.#alive().follower.health(),
      close: async () => undefined,
    };
    const access: Access = {
      at: (reach, version) => this.#alive().access.at(reach, version),
      now: (reach) => this.#alive().access.now(reach),
      isCurrent: (account) => this.#alive().access.isCurrent(account),
      seen: (version) => this.#alive().access.seen(version),
      onChange: (listener) => void this.#accessListeners.push(listener),
    };
    const pages: KeptPages = {
      of: (name) => this.#alive().pages.of(name),
      keep: (name, page) => this.#alive().pages.keep(name, page),
    };
    return { db, history, follower, access, pages };
  }

  async #built(): Promise<FastifyInstance> {
    if (this.#app) return this.#app;
    const app = fastify({
      logger: false,
      bodyLimit: BODY_BYTES_MAX,
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
    });
    answerErrors(app);
    app.addHook('onError', async (_request, _reply, error) => {
      this.lastError = error;
      this.#stage?.kernel.note(`${this.name} answers an error: ${error.message}`);
    });
    const authenticate: Authenticate = async (request: FastifyRequest) => {
      const user = this.#stage?.userOf(String(request.headers[USER_HEADER]));
      if (!user) throw new Error('a simulated request names no user');
      const expiresAt = new Date(Date.now() + TOKEN_MS);
      return {
        user,
        reach: user.id,
        session: user.id,
        device: String(request.headers[DEVICE_HEADER]),
        address: request.ip,
        expiresAt,
        onEnd: () => () => undefined,
      };
    };
    const { db, history, follower, access, pages } = this.#ports();
    const nounOf = this.#nounOf;
    const inbox = this.#nouns.find((noun) => noun.inboxDraft !== undefined);
    const apply: Apply = (batch) => this.#alive().apply(batch);
    const readAs = () => db;
    pullRoute(app, { db, readAs, access, nounOf, history, pages }, authenticate);
    knownRoute(app, { db, access, nounOf }, authenticate);
    const push = { db, access, nounOf, apply, now: () => this.#now(), ...(inbox ? { inbox } : {}) };
    pushRoute(app, { ...push, history }, authenticate, ({ series: own }) => {
      follower.wake();
      if (own) this.#alive().numbering.poke();
    });
    seriesRoutes(app, { db, series: listSeries(this.#nouns) }, authenticate);
    streamRoutes(app, { access, follower, history, nounOf }, authenticate);
    digestRoutes(app, { readAs, access, nounOf }, authenticate);
    await app.ready();
    this.#app = app;
    return app;
  }

  /** Resolves when its routes are built. */
  async ready(): Promise<void> {
    await this.#built();
  }

  /** Takes its part in a history. */
  async enter(stage: Stage): Promise<void> {
    await this.#built();
    this.#stage = stage;
    this.clock = 0;
  }

  /** Starts the process; it is up when its statements have run. */
  start(): void {
    const stage = this.#stage;
    if (!stage || this.#life || this.starting) return;
    this.starting = true;
    const { kernel, shared, ports } = stage;
    const owner: Owner = { name: this.name, alive: true };
    const onError = (error: Error): void => kernel.note(`${this.name}: background work failed: ${error.message}`);
    const boot = async (): Promise<void> => {
      const plain = simDatabase(shared, owner, this.#real);
      const db = ports.database?.(plain) ?? plain;
      const opened = await openHistory(db, onError);
      const history = ports.history?.(opened) ?? opened;
      history.onChange(() => this.#epochListeners.forEach((listener) => listener()));
      const names = this.#nouns.map(({ entity }) => entity.collection);
      const entities = this.#nouns.map(({ entity }) => entity);
      const plainly = openAccess(db, entities, onError, history);
      const access = ports.access?.(plainly) ?? plainly;
      access.onChange(async () => {
        for (const listener of this.#accessListeners) await listener();
      });
      const follower = await followFeed(db, names, onError, { currentEpoch: history.current, onAccess: access.seen });
      const apply = openApplyQueue(db, personalFields(entities));
      const numbering = keepNumbering(
        { db, apply, series: listSeries(this.#nouns), now: () => this.#now() },
        () => {
          kernel.activity += 1;
          follower.wake();
        },
        onError,
      );
      this.#life = { owner, db, history, access, follower, apply, numbering, pages: keepPages(() => this.#now()) };
    };
    // A database that cannot be reached ends the process; whoever runs it starts it again.
    void boot()
      .catch(onError)
      .finally(() => {
        this.starting = false;
        if (!this.#life && owner.alive) kernel.after(500, () => this.start());
      });
  }

  /** kill -9: whatever it was doing stays undone, its connections break. */
  kill(): void {
    const life = this.#life;
    if (!life) return;
    life.owner.alive = false;
    this.#life = undefined;
    for (const stream of this.#streams) stream.close();
    // Their timers; nothing of a dead process waits for the answers.
    void life.follower.close();
    void life.history.close();
    // Its routes may hold what was begun, such as the turns of pushes; the next life gets new ones.
    if (this.#unanswered.size === 0) return;
    this.#unanswered.clear();
    this.#app = undefined;
    this.#epochListeners = [];
    this.#accessListeners = [];
  }

  /** Breaks all its live streams, as a proxy does. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.close();
  }

  /** Tries parked rows again and gives up old ones, and gives numbers, as the process does every minute. */
  async sweep(): Promise<void> {
    const { follower, numbering } = this.#alive();
    if (this.#stage?.numbers) numbering.poke();
    if (!(await sweepParked(this.#push()))) return;
    if (this.#stage) this.#stage.kernel.activity += 1;
    follower.wake();
  }

  async request(options: InjectOptions): Promise<Answer> {
    const app = await this.#built();
    this.#unanswered.add(options);
    const response = await app.inject(options);
    this.#unanswered.delete(options);
    const body: unknown = response.body === '' ? undefined : JSON.parse(response.body);
    return { status: response.statusCode, body, positions: String(response.headers[POSITIONS_HEADER] ?? '') };
  }

  /** Opens the live stream; frames come in the order in which they were sent, until it is closed by either side. */
  async follow(
    options: InjectOptions,
    on: {
      readonly opened: (heads: Heads | undefined) => void;
      readonly frame: (frame: StreamFrame) => void;
      readonly ended: () => void;
    },
  ): Promise<{ readonly status: number; readonly stream: OpenStream }> {
    const app = await this.#built();
    const response = await app.inject({ ...options, payloadAsStream: true });
    const parser = createParser({ onEvent: ({ data }) => on.frame(JSON.parse(data) as StreamFrame) });
    const body = response.stream();
    // Before anything is read of the body: no frame comes before it.
    if (response.statusCode === 200) on.opened(readHeads(String(response.headers[HEADS_HEADER])));
    const stream: OpenStream = {
      close: () => {
        if (!this.#streams.delete(stream)) return;
        response.raw.res.destroy();
        on.ended();
      },
    };
    this.#streams.add(stream);
    body.on('data', (chunk: Buffer) => parser.feed(chunk.toString('utf8')));
    // Closing a response from outside is an error to its reader.
    body.on('error', () => stream.close());
    body.on('end', () => stream.close());
    return { status: response.statusCode, stream };
  }

  /** Leaves the history. */
  leave(): void {
    this.kill();
    this.#stage = undefined;
  }
  async close(): Promise<void> {
    await this.#app?.close();
  }
}
