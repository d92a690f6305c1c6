/** Composition of the sync server: everything is made here once and handed to the routes that need it. */
import { randomUUID } from 'node:crypto';
import { type Server as HttpServer, type RequestListener, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type FastifyBaseLogger, type FastifyInstance, fastify } from 'fastify';
import type { Noun } from '../domain/record/noun.ts';
import { listSeries } from '../domain/record/series.ts';
import { nouns as registered } from '../domain/registry.ts';
import { openAccess } from './access/access.ts';
import { openAuthorize } from './access/authorize.ts';
import { openReaders } from './access/readers.ts';
import { noteRefusedAccess } from './access/refused-access.ts';
import { roleRoutes } from './access/role-routes.ts';
import { openPace } from './access/pace.ts';
import { type DeclaredRoute, guardRoutes } from './access/route-guard.ts';
import { adminRoutes } from './admin/admin-routes.ts';
import { type AnchorPlace, keepAnchorsAway } from './audit/anchors-away.ts';
import { auditRoute } from './audit/audit-route.ts';
import { browseRoutes } from './audit/browse-routes.ts';
import type { Authenticate } from './auth/authenticate.ts';
import { personalFields } from '../domain/record/personal.ts';
import { type SealerOptions, openSealer } from './audit/sealer.ts';
import { type IdentityOptions, openIdentity } from './auth/identity.ts';
import { type Database, openDatabase } from './db/database.ts';
import { prepareDatabase } from './db/prepare.ts';
import { declareSeries } from './db/series.ts';
import { companyRoute } from './company/company-route.ts';
import { type CompanyWatch, watchCompany } from './company/company-watch.ts';
import { eachDay } from './daily.ts';
import { digestRoutes } from './digest/digest-routes.ts';
import { drainOnClose } from './draining.ts';
import { answerErrors, answerUnroutable } from './error-answer.ts';
import { fileRights } from './files/file-rights.ts';
import type { FileSettings } from './files/file-settings.ts';
import { openFiles } from './files/open-files.ts';
import { healthRoutes } from './health-routes.ts';
import { type Log, openLog } from './log.ts';
import { openHistory } from './pull/history.ts';
import { keepPages } from './pull/kept-pages.ts';
import { knownRoute } from './pull/known-route.ts';
import { type PullDependencies, pullRoute } from './pull/pull-route.ts';
import { openApplyQueue } from './push/apply-queue.ts';
import { sweepParked } from './push/parked-sweep.ts';
import { pushRoute } from './push/push-route.ts';
import { keepNumbering } from './series/assign-numbers.ts';
import { keepRequestContext } from './request-context.ts';
import { seriesRoutes } from './series/series-routes.ts';
import { followFeed } from './stream/follower.ts';
import { type StreamDependencies, streamRoutes } from './stream/stream-routes.ts';
import { keepTidy } from './upkeep.ts';
import { PARAM_CHARS_MAX, closeSchemas } from './web/route-schemas.ts';
import { securityHeaders } from './web/security-headers.ts';
import { staticDesk } from './web/static-desk.ts';
import { type Tls, type TlsFiles, openTls } from './web/tls.ts';

export interface AppOptions extends IdentityOptions {
  /** Address of a Postgres 15 or newer; the database in it must exist. */
  readonly databaseUrl: string;
  /** What is synchronized; everything that is registered, unless a test brings its own. */
  readonly nouns?: readonly Noun[];
  /** Folder of the built desk; nothing is served when it is absent. */
  readonly deskFolder?: string;
  /** Other web origins that may call the API, beside the desktop window's. */
  readonly origins?: readonly string[];
  /** Addresses or networks of the proxies in front; only they may say for whom a request comes. None unless told. */
  readonly trustedProxies?: readonly string[];
  /** Certificate and key; absent, plain HTTP is spoken, and a proxy in front ends TLS. */
  readonly tls?: TlsFiles;
  /** A request that has not been read to its end within this time gives its connection back. */
  readonly requestMsMax?: number;
  /** Of one account, at this process; absent, as often as it likes. */
  readonly requestsPerMinute?: number;
  readonly log?: Log;
  readonly now?: () => Date;
  readonly heartbeatMs?: number;
  readonly databaseConnections?: number;
  /** After how many days a row whose parent never came is refused. */
  readonly parkedDaysMax?: number;
  /** The folder of the key that seals the audit; absent, this process does not seal. */
  readonly audit?: SealerOptions & { readonly anchors?: AnchorPlace };
  /** Where contents of files are kept; absent, the server takes none. */
  readonly files?: FileSettings;
}
export interface App {
  readonly fastify: FastifyInstance;
  /** Every route and who may call it. */
  readonly routes: readonly DeclaredRoute[];
  readonly db: Database;
}

const SWEEP_MS = 60_000;
const REQUEST_MS_MAX = 60_000;
const KEEP_ALIVE_MS = 72_000;
/** Everything but a push is small. */
const SMALL_BODY_BYTES_MAX = 1024 * 1024;

/** Migrates the database, builds the routes and starts following the feed. `fastify.close()` ends all of it. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { nouns = registered, now = () => new Date(), log = openLog('info') } = options;
  const onError = (error: Error): void => log.error({ err: error }, 'background work failed');
  const db = openDatabase({
    url: options.databaseUrl,
    onError,
    ...(options.databaseConnections === undefined ? {} : { connections: options.databaseConnections }),
  });
  try {
    return { ...(await compose(options, db, nouns, now, log, onError)), db };
  } catch (cause) {
    await db.close();
    throw cause;
  }
}

/** Streams are answers and may last; what comes slowly is cut off, so that nobody holds connections by trickling bytes. */
function httpServer(handler: RequestListener, requestMsMax: number, tls: Tls | undefined): HttpServer {
  const limits = {
    requestTimeout: requestMsMax,
    headersTimeout: requestMsMax,
    connectionsCheckingInterval: Math.min(30_000, requestMsMax),
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  if (!tls) return createServer(limits, handler);
  const server = createSecureServer({ ...limits, ...tls.options }, handler);
  tls.follow(server);
  return server;
}

/** Fastify with its limits, before it has a route. */
function bareApp(options: AppOptions, log: Log, tls: Tls | undefined): FastifyInstance {
  // Fastify's own view of a logger: with pino's, every plugin would have to name it in its types.
  const logger: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance: logger,
    genReqId: () => randomUUID(),
    bodyLimit: SMALL_BODY_BYTES_MAX,
    serverFactory: (handler) => httpServer(handler, options.requestMsMax ?? REQUEST_MS_MAX, tls),
    trustProxy: options.trustedProxies && options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    routerOptions: { maxParamLength: PARAM_CHARS_MAX },
    frameworkErrors: answerUnroutable,
    // Bodies are judged as they were sent: no text becomes a number, no unknown key disappears.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
  });
  // Fastify takes plain text unasked; here every body is JSON.
  app.removeContentTypeParser('text/plain');
  return app;
}

/** What hands out records, and what rules judge them by. */
function recordRoutes(
  app: FastifyInstance,
  dependencies: Omit<PullDependencies, 'pages'> & StreamDependencies & { readonly company: CompanyWatch; readonly now: () => Date },
  authenticate: Authenticate,
): void {
  companyRoute(app, dependencies.company);
  pullRoute(app, { ...dependencies, pages: keepPages(dependencies.now) }, authenticate);
  knownRoute(app, dependencies, authenticate);
  streamRoutes(app, dependencies, authenticate);
  digestRoutes(app, dependencies, authenticate);
  auditRoute(app, dependencies, authenticate);
}

async function compose(
  options: AppOptions,
  db: Database,
  nouns: readonly Noun[],
  now: () => Date,
  log: Log,
  onError: (error: Error) => void,
): Promise<Omit<App, 'db'>> {
  const tls = options.tls && openTls(options.tls, log, now);
  const entities = nouns.map((noun) => noun.entity);
  const prepared = await prepareDatabase(db, entities);
  if (prepared.migrations.length + prepared.steppedUp > 0) log.info(prepared, 'database prepared');
  const series = listSeries(nouns);
  await declareSeries(db, series);
  const sealer = options.audit && openSealer(db, options.audit, { now, onError });
  const files = await openFiles(options.files, nouns, { db, now, log, onError });
  const byCollection = new Map(nouns.map((noun) => [noun.entity.collection, noun]));
  const nounOf = (collection: string): Noun | undefined => byCollection.get(collection);
  const readers = openReaders(db, options, prepared.fenced, log);
  const history = await openHistory(db, onError);
  const company = await watchCompany(db, onError);
  const identity = await openIdentity(db, options, now, onError);
  const { authenticate, resealed, letters } = identity;
  if (resealed.resealed + resealed.lost > 0) log.warn(resealed, 'secrets of authenticator apps sealed anew, and lost');
  const access = openAccess(db, entities, onError, history);
  const follower = await followFeed(db, [...byCollection.keys()], onError, { currentEpoch: history.current, onAccess: access.seen });

  const app = bareApp(options, log, tls);
  const guard = guardRoutes(app);
  answerErrors(app);
  drainOnClose(app);
  keepRequestContext(app);
  await securityHeaders(app, {
    origins: options.origins ?? [],
    https: tls !== undefined || options.publicUrl?.startsWith('https:') === true,
  });
  closeSchemas(app);
  const authorize = openAuthorize(access);
  const { publicUrl = '', mail, oidc, heartbeatMs, requestsPerMinute } = options;
  guard.enforce({ authenticate, authorize, ...(requestsPerMinute === undefined ? {} : { pace: openPace(requestsPerMinute, now) }) });
  noteRefusedAccess(app, { db, now, onError }, authenticate);
  const inbox = nouns.find((noun) => noun.inboxDraft !== undefined);
  const push = { db, access, company, nounOf, now, apply: openApplyQueue(db, personalFields(entities)), ...(inbox ? { inbox } : {}) };
  identity.routes(app, authorize);
  roleRoutes(app, { db, access, authorize, now, nouns }, authenticate);
  const told = { publicUrl, sendsMail: mail !== undefined && publicUrl !== '', oidc: oidc?.name ?? null, files: options.files };
  const anchors = keepAnchorsAway(app, options, now, onError);
  adminRoutes(app, { ...push, watch: identity.watch, authorize, nouns, follower, ...told, letters, anchors }, authenticate);
  const numbering = keepNumbering({ ...push, series }, () => follower.wake(), onError);
  pushRoute(app, { ...push, history }, authenticate, ({ series: own }) => {
    follower.wake();
    if (own) numbering.poke();
  });
  seriesRoutes(app, { db, series }, authenticate);
  const records = { db, ...readers, access, company, nounOf, history, follower, now };
  recordRoutes(app, { ...records, ...(heartbeatMs === undefined ? {} : { heartbeatMs }) }, authenticate);
  browseRoutes(app, { db, access, nounOf, sealer, now }, authenticate);
  healthRoutes(app, db, follower);
  await files?.serve(app, authenticate, fileRights(access, readers.readAs, files.collection));
  await staticDesk(app, options.deskFolder);

  const sweep = (): void => {
    numbering.poke();
    sweepParked(push, options.parkedDaysMax).then((changed) => changed && follower.wake(), onError);
  };
  const sweeping = setInterval(sweep, SWEEP_MS);
  keepTidy(app, { db, nouns, now }, onError);
  eachDay(app, now, identity.changeKeys, onError);
  sweep();
  app.addHook('onClose', async () => {
    clearInterval(sweeping);
    tls?.close();
    await files?.close();
    await numbering.finished();
    await follower.close();
    await Promise.all([identity.close(), company.close()]);
    await history.close();
    await readers.close();
    await sealer?.close();
    await db.close();
  });
  await app.ready();
  return { fastify: app, routes: guard.routes };
}
