/** The process: settings from the environment, listening, and an orderly end. */
import path from 'node:path';
import { type App, type AppOptions, buildApp } from './app.ts';
import { requestsPerMinuteFrom } from './access/pace.ts';
import { oidcSettingsFrom } from './auth/oidc.ts';
import { anchorPlaceFrom } from './audit/anchors-away.ts';
import { auditFolderFrom } from './audit/audit-folder.ts';
import { fileSettingsFrom } from './files/file-settings.ts';
import { openLog } from './log.ts';
import { mailSettingsFrom } from './mail/mailer.ts';
import { refuseDefaults } from './production.ts';
import { publicUrlFrom } from './public-url.ts';
import { originsFrom, trustedProxiesFrom } from './web/network-settings.ts';
import { tlsFilesFrom } from './web/tls.ts';

export interface ServerOptions extends AppOptions {
  /** TCP port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  readonly host?: string;
}
export interface Server extends App {
  readonly url: string;
  close(): Promise<void>;
}

/** The port is taken; the message says by what, probably, and the way out. */
export class PortTaken extends Error {
  readonly code = 'port_taken';
  constructor(port: number) {
    super(`Port ${port} is taken, perhaps by a Drover that is already running. Stop that one, or set PORT to another number.`);
    this.name = 'PortTaken';
  }
}

export const DEFAULT_PORT = 8790;
const CLOSE_MS_MAX = 10_000;
const root = path.join(import.meta.dirname, '..');

/** Starts the server in this process. Throws PortTaken, or what buildApp throws. */
export async function startServer({ port, host = '127.0.0.1', ...options }: ServerOptions): Promise<Server> {
  const app = await buildApp(options);
  try {
    const listening = await app.fastify.listen({ port, host });
    // Fastify does not know that the server it was given speaks TLS.
    const url = options.tls ? listening.replace(/^http:/, 'https:') : listening;
    return { ...app, url, close: () => app.fastify.close() };
  } catch (cause) {
    await app.fastify.close();
    throw (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? new PortTaken(port) : cause;
  }
}

/**
 * Reads PORT, HOST, DATABASE_URL, NODE_ENV, LOG_LEVEL, DROVER_ORIGINS and DROVER_TRUSTED_PROXIES (both comma separated),
 * DROVER_TLS_CERT and DROVER_TLS_KEY, DROVER_REQUESTS_PER_MINUTE, DROVER_PUBLIC_URL, DROVER_SMTP_URL, DROVER_MAIL_FROM, DROVER_SECRET, DROVER_SECRET_BEFORE, DROVER_OIDC_*,
 * DROVER_AUDIT, DROVER_ANCHORS, and DROVER_FILES with DROVER_DATA as its fallback.
 */
export function settingsFrom(environment: NodeJS.ProcessEnv): ServerOptions {
  const { DATABASE_URL: databaseUrl = '', PORT: port = String(DEFAULT_PORT) } = environment;
  if (databaseUrl === '')
    throw new Error('DATABASE_URL is not set. Set it to a Postgres 15 or newer, or use npm start, which brings its own.');
  if (!/^postgres(?:ql)?:\/\//.test(databaseUrl)) throw new Error('DATABASE_URL must look like postgres://user@host:5432/database.');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`PORT must be a number from 0 to 65535, not "${port}".`);
  refuseDefaults(environment);
  const publicUrl = publicUrlFrom(environment);
  const tls = tlsFilesFrom(environment);
  const mail = mailSettingsFrom(environment);
  const oidc = oidcSettingsFrom(environment);
  if (oidc && publicUrl === '') throw new Error('Set DROVER_PUBLIC_URL as well: the other system sends people back there.');
  const secret = environment['DROVER_SECRET'] ?? '';
  if (secret !== '' && secret.length < 32)
    throw new Error('DROVER_SECRET must have at least 32 characters; `openssl rand -base64 32` makes one.');
  if (mail && publicUrl === '') throw new Error('Set DROVER_PUBLIC_URL as well: letters hold links to it.');
  return {
    port: Number(port),
    host: environment['HOST'] ?? '127.0.0.1',
    databaseUrl,
    nodeEnv: environment.NODE_ENV ?? 'development',
    publicUrl,
    ...(tls ? { tls } : {}),
    ...(mail ? { mail } : {}),
    ...(oidc ? { oidc } : {}),
    ...(secret === '' ? {} : { secret }),
    ...(environment['DROVER_SECRET_BEFORE'] ? { secretBefore: environment['DROVER_SECRET_BEFORE'] } : {}),
    deskFolder: path.join(root, 'dist', 'renderer'),
    files: fileSettingsFrom(environment, path.join(environment['DROVER_DATA'] || path.join(root, '.drover'), 'files')),
    ...(environment['DROVER_AUDIT'] === 'off' ? {} : { audit: auditSettingsFrom(environment, mail) }),
    origins: originsFrom(environment),
    trustedProxies: trustedProxiesFrom(environment),
    requestsPerMinute: requestsPerMinuteFrom(environment),
    log: openLog(environment['LOG_LEVEL'] ?? 'info'),
  };
}

function auditSettingsFrom(environment: NodeJS.ProcessEnv, mail: ServerOptions['mail']): NonNullable<ServerOptions['audit']> {
  const folder = auditFolderFrom(environment);
  const anchors = anchorPlaceFrom(environment, folder);
  if (anchors?.kind === 'mail' && !mail) throw new Error('DROVER_ANCHORS wants mail: set DROVER_SMTP_URL and DROVER_MAIL_FROM as well.');
  return { folder, ...(anchors ? { anchors } : {}) };
}

async function main(): Promise<void> {
  const server = await startServer(settingsFrom(process.env));
  const stop = (): void => {
    // A client that holds its connection must not hold the process.
    setTimeout(() => process.exit(1), CLOSE_MS_MAX).unref();
    server.close().then(
      () => process.exit(0),
      (error: Error) => {
        server.fastify.log.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

if (import.meta.main) {
  main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
