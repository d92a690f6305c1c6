/** `drover key`: API keys, in the database of DATABASE_URL. */
import { type Command, InvalidArgumentError } from 'commander';
import { KEY_DAYS_MAX } from '../../domain/protocol/admin.ts';
import { endKey, makeKey } from '../auth/api-keys.ts';
import { listApiKeys } from '../db/api-keys.ts';
import type { Database } from '../db/database.ts';
import { accountOf, byCommandLine, dependenciesOn, several } from './acting.ts';
import { listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

interface CreateFlags {
  readonly name: string;
  readonly may: readonly string[];
  readonly days: number;
}

function daysOf(text: string): number {
  const days = /^\d{1,3}$/u.test(text) ? Number(text) : 0;
  if (days < 1 || days > KEY_DAYS_MAX) throw new InvalidArgumentError(`Give a number of days from 1 to ${KEY_DAYS_MAX}.`);
  return days;
}

async function create(db: Database, email: string, { name, may, days }: CreateFlags, out: Surroundings['out']): Promise<void> {
  const { id: accountId } = await accountOf(db, email);
  const outcome = await makeKey(dependenciesOn(db), { accountId, name, permissions: may, days }, byCommandLine);
  switch (outcome.kind) {
    case 'unknown_account':
      throw new CliFault('usage', `The account of ${email} is disabled.`);
    case 'too_long':
      throw new CliFault('usage', `Keys live for at most ${outcome.days} days (setting key_days).`);
    case 'beyond':
      throw new CliFault(
        'usage',
        `${email} itself may not do "${outcome.permission}". A permission looks like orders:read, or *:read for all.`,
      );
    case 'made':
      out(outcome.key);
  }
}

export function addKeyCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const key = root.command('key').description('keys by which programs use the API, in the database of DATABASE_URL');
  key
    .command('create')
    .argument('<email>', 'in whose name, and with no more than whose rights')
    .description('print a new key, once: it is stored as a hash; use it as "Authorization: Bearer <key>"')
    .requiredOption('--name <name>', 'what it is for, such as "price list to web shop"')
    .requiredOption('--may <permission>', 'such as orders:read; given once for each', several)
    .option('--days <days>', `when it ends, at most ${KEY_DAYS_MAX}`, daysOf, 90)
    .action((email: string, flags: CreateFlags) => run((db) => create(db, email, flags, around.out)));
  const listed = key
    .command('list')
    .argument('[email]', 'of one account only')
    .description('id, e-mail address, name, permissions, end, last use');
  listing(listed, around, finish, async (db, email) => {
    const account = email === undefined ? undefined : await accountOf(db, email);
    const now = new Date().toISOString();
    return {
      columns: ['Key', 'E-mail address', 'Name', 'Permissions', 'Ends', 'Last used'],
      rows: (await listApiKeys(db, account?.id)).map((one) => [
        one.id,
        one.email,
        one.name,
        one.permissions.join(' '),
        one.revokedAt === null ? (one.expiresAt <= now ? 'expired' : one.expiresAt) : 'revoked',
        one.lastUsedAt === null ? 'never used' : `${one.lastUsedAt} ${one.lastUsedFrom ?? ''}`,
      ]),
    };
  });
  key
    .command('revoke')
    .argument('<id>', 'as "drover key list" prints it; it is also the middle part of the key')
    .description('end a key, at once')
    .action((id: string) =>
      run(async (db) => {
        if (!(await endKey(dependenciesOn(db), id, byCommandLine)))
          throw new CliFault('usage', `There is no key ${id}, or it was revoked before. "drover key list" shows all.`);
      }),
    );
}
