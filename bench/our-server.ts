/**
 * Our server in a process of its own, with the demo accounts, on the database it is given: `node bench/our-server.ts <port>`
 * with DATABASE_URL, sealing the audit when DROVER_AUDIT names a folder, without the rules of the trade when BENCH_RULES is
 * `none`, with BENCH_USERS more brokers; says `ready` on stdout. Fully durable: fsync is on, as in production.
 */
import type { Noun } from '../domain/record/noun.ts';
import { nouns } from '../domain/registry.ts';
import { hashPassword } from '../sync-server/auth/password.ts';
import { putAccount } from '../sync-server/db/accounts.ts';
import { DEMO_DESK, DEMO_PASSWORD, createDemoAccounts, demoAccountId } from '../sync-server/db/demo-accounts.ts';
import { openLog } from '../sync-server/log.ts';
import { startServer } from '../sync-server/server.ts';
import { benchUser } from './documents.ts';

const databaseUrl = process.env['DATABASE_URL'];
if (!databaseUrl) throw new Error('DATABASE_URL is not set.');
const folder = process.env['DROVER_AUDIT'];
const withoutRules = ({ check: _check, derive: _derive, ...noun }: Noun): Noun => noun;
const server = await startServer({
  port: Number(process.argv[2]),
  databaseUrl,
  nodeEnv: 'development',
  log: openLog('error'),
  nouns: process.env['BENCH_RULES'] === 'none' ? nouns.map(withoutRules) : nouns,
  ...(folder === undefined ? {} : { audit: { folder } }),
});
await createDemoAccounts(server.db, hashPassword, 'development');
const users = Number(process.env['BENCH_USERS'] ?? 0);
const passwordHash = users > 0 ? await hashPassword(DEMO_PASSWORD) : '';
for (let i = 0; i < users; i += 1) {
  const email = benchUser(i);
  await putAccount(server.db, { id: demoAccountId(email), email, name: `Broker ${i}`, role: 'broker', deskId: DEMO_DESK, passwordHash });
}
process.stdout.write('ready\n');
process.once('SIGTERM', () => {
  server.close().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
