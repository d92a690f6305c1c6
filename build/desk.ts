/** The pieces of a running desk, for `npm start`, `npm run dev` and `npm run story`: database, server, demo company. */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { destination } from 'pino';
import { hashPassword } from '../sync-server/auth/password.ts';
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

/** Starts the sync server on DATABASE_URL, or on an embedded Postgres in the data folder. */
export async function startDesk(folder: string): Promise<RunningServer> {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const given = process.env['DATABASE_URL'];
  const postgres = given ? undefined : await startPostgres({ folder: join(folder, 'postgres') });
  if (postgres?.notice) say(postgres.notice);
  try {
    const databaseUrl = given ?? postgres?.url ?? '';
    const server = await startServer({
      ...settingsFrom({ ...process.env, DATABASE_URL: databaseUrl }),
      log: openLog(process.env['LOG_LEVEL'] ?? 'info', destination({ dest: join(folder, 'logs', 'server.log'), mkdir: true })),
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
    throw cause;
  }
}

/** Makes the demo accounts and, in an empty database, tells the demo company's week. Answers with the steps told. */
export async function seedDemo(server: Server, always = false): Promise<number> {
  await createDemoAccounts(server.db, hashPassword, process.env.NODE_ENV);
  const { seq } = await feedHead(server.db);
  if (seq > 0 && !always) return 0;
  const signIns = demoUsers.map(({ email, role }) => ({ who: role, email, password: DEMO_PASSWORD }));
  return tellStory(server.url, signIns, new Date());
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
