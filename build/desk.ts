/** The pieces of a running desk, for `npm start`, `npm run dev` and `npm run story`: database, server, demo company. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { destination } from 'pino';
import { hashPassword } from '../sync-server/auth/password.ts';
import { DatabaseFault } from '../sync-server/db/database.ts';
import { DEMO_PASSWORD, createDemoAccounts, demoUsers } from '../sync-server/db/demo-accounts.ts';
import { feedHead } from '../sync-server/db/feed.ts';
import { openLog } from '../sync-server/log.ts';
import { type Server, settingsFrom, startServer } from '../sync-server/server.ts';
import { startPostgres } from './postgres.ts';
import { tellStory } from './story/story.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const dataFolder = (): string => resolve(process.env['DROVER_DATA'] ?? join(root, '.drover'));

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export interface RunningServer {
  readonly server: Server;
  stop(): Promise<void>;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(join(folder, 'logs'), { recursive: true });
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new Error(`The data folder ${folder} cannot be written (${code}). Set DROVER_DATA to a folder that you may write.`, { cause });
  }
}

/** Names DATABASE_URL where the database that the user gave is not there. The address itself may hold a password. */
function explained(cause: unknown, given: string | undefined): unknown {
  if (given === undefined || !(cause instanceof DatabaseFault)) return cause;
  const { message = '', code = '' } = (cause.cause ?? {}) as Partial<NodeJS.ErrnoException>;
  const why = message === '' ? code : message;
  return new Error(`The database of DATABASE_URL cannot be reached (${why}). Check the address, and that Postgres runs there.`, { cause });
}

/** Starts the sync server on DATABASE_URL, or on an embedded Postgres in the data folder. */
export async function startDesk(folder: string): Promise<RunningServer> {
  makeFolder(folder);
  // Empty is how some shells say unset.
  const given = process.env['DATABASE_URL'] || undefined;
  const postgres = given ? undefined : await startPostgres({ folder: join(folder, 'postgres') });
  if (postgres?.notice) say(postgres.notice);
  try {
    const databaseUrl = given ?? postgres?.url ?? '';
    const server = await startServer({
      ...settingsFrom({ ...process.env, DATABASE_URL: databaseUrl, DROVER_DATA: folder }),
      // Written at once: a buffered log loses the lines that a crash is about, and cannot be ended before its file is open.
      log: openLog(process.env['LOG_LEVEL'] ?? 'info', destination({ dest: join(folder, 'logs', 'server.log'), mkdir: true, sync: true })),
    });
    return {
      server,
      async stop() {
        await server.close();
        await postgres?.stop();
      },
    };
  } catch (cause) {
    await postgres?.stop();
    throw explained(cause, given);
  }
}

/**
 * Makes the demo accounts and, in an empty database, tells the demo company's week. Answers with the steps told. A note in
 * the folder names the database while its story is told, so that a start after a kill tells it to the end.
 */
export async function seedDemo(server: Server, folder: string, always = false): Promise<number> {
  await createDemoAccounts(server.db, hashPassword, process.env.NODE_ENV);
  const { seq, epoch } = await feedHead(server.db);
  const note = join(folder, 'demo-begun');
  const wasCutOff = existsSync(note) && readFileSync(note, 'utf8') === epoch;
  if (seq > 0 && !always && !wasCutOff) return 0;
  const signIns = demoUsers.map(({ email, role }) => ({ who: role, email, password: DEMO_PASSWORD }));
  writeFileSync(note, epoch);
  const steps = await tellStory(server.url, signIns, new Date());
  rmSync(note);
  return steps;
}

function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Whether the built window is older than what it is built from. */
export function windowIsStale(): boolean {
  const built = statSync(join(root, 'dist/renderer/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return ['renderer', 'domain', 'vite.config.ts', 'package-lock.json'].some((part) => newest(join(root, part)) > built);
}
