/** `drover user list` and `drover user set`: roles and desks of accounts, in the database of DATABASE_URL. */
import type { Command } from 'commander';
import { changeAccount, listAccounts, roleNames } from '../db/access.ts';
import type { Database } from '../db/database.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

interface SetFlags {
  readonly role?: string;
  readonly desk?: readonly string[];
}

async function set(db: Database, email: string, { role, desk }: SetFlags): Promise<void> {
  const [home, ...others] = desk ?? [];
  if (role === undefined && home === undefined) throw new CliFault('usage', 'Say what to set: --role, --desk, or both.');
  if (desk?.some((one) => !/^[\w:.-]{1,36}$/.test(one)))
    throw new CliFault('usage', 'A desk is named by up to 36 letters, digits and : . _ -, such as desk-main.');
  const roles = await roleNames(db);
  if (role !== undefined && !roles.includes(role))
    throw new CliFault('usage', `There is no role "${role}". Choose one of ${roles.join(', ')}.`);
  const known = await changeAccount(db, email, {
    ...(role === undefined ? {} : { role }),
    ...(home === undefined ? {} : { desks: [home, ...others] }),
  });
  if (!known) throw new CliFault('usage', `There is no account of ${email}. "drover user list" shows all.`);
}

async function list(db: Database, out: Surroundings['out'], only?: string): Promise<void> {
  for (const { email, name, role, desks, disabled } of await listAccounts(db))
    if (only === undefined || only.toLowerCase() === email.toLowerCase())
      out([email, name, role, desks.join(' '), ...(disabled ? ['disabled'] : [])].join('\t'));
}

const several = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];

export function addUserCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const user = root.command('user').description('roles and desks of accounts, in the database of DATABASE_URL');
  user
    .command('list')
    .description('e-mail address, name, role and desks of every account')
    .action(async () => finish(await onDatabase(around, (db) => list(db, around.out))));
  user
    .command('set')
    .argument('<email>', 'whose')
    .description('change the role or the desks of an account; connected windows follow within seconds')
    .option('--role <name>', 'such as broker')
    .option('--desk <name>', 'given once for each desk; the first is the one that new records belong to', several)
    .action(async (email: string, flags: SetFlags) => {
      const work = async (db: Database): Promise<void> => {
        await set(db, email, flags);
        await list(db, around.out, email);
      };
      finish(await onDatabase(around, work));
    });
}
