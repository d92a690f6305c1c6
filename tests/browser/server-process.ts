/** A sync server of its own for one browser test, in a process that the test can kill. Prints its address when it is ready. */
import path from 'node:path';
import { DEMO_PASSWORD, createDemoAccounts, demoUsers } from '../../sync-server/db/demo-accounts.ts';
import { hashPassword } from '../../sync-server/auth/password.ts';
import { oidcSettingsFrom } from '../../sync-server/auth/oidc.ts';
import { openLog } from '../../sync-server/log.ts';
import { mailSettingsFrom } from '../../sync-server/mail/mailer.ts';
import { startServer } from '../../sync-server/server.ts';
import { tellStory } from '../../build/story/story.ts';

const { PORT = '0', DATABASE_URL = '', STORY = '', DROVER_FILES = '', DROVER_AUDIT: audit, DROVER_PUBLIC_URL: publicUrl } = process.env;
const mail = mailSettingsFrom(process.env);
const oidc = oidcSettingsFrom(process.env);
const server = await startServer({
  port: Number(PORT),
  databaseUrl: DATABASE_URL,
  deskFolder: path.join(import.meta.dirname, '../../dist/renderer'),
  files: { driver: 'folder', folder: DROVER_FILES },
  log: openLog('error'),
  ...(publicUrl === undefined ? {} : { publicUrl }),
  ...(audit === undefined ? {} : { audit: { folder: audit, everyMs: 200 } }),
  ...(mail ? { mail } : {}),
  ...(oidc ? { oidc } : {}),
});
await createDemoAccounts(server.db, hashPassword, 'test');
if (STORY !== '')
  await tellStory(
    server.url,
    demoUsers.map(({ email, role }) => ({ who: role, email, password: DEMO_PASSWORD })),
    new Date(),
  );
process.stdout.write(`${server.url}\n`);
