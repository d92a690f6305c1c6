/** `drover second-factor`, in the database of DATABASE_URL. */
import type { Command } from 'commander';
import { changeFactorDuty } from '../admin/factor-duties.ts';
import { removeLostFactor } from '../auth/factor-duty.ts';
import type { Database } from '../db/database.ts';
import { factorDuties } from '../db/second-factor-duty.ts';
import { accountOf, byCommandLine, dependenciesOn } from './acting.ts';
import { withLetters } from './letters.ts';
import { listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

interface Flags {
  readonly reason: string;
}

async function change(db: Database, role: string, from: string | null, reason: string): Promise<void> {
  const outcome = await changeFactorDuty(dependenciesOn(db), { role, from, reason }, byCommandLine);
  if (outcome.kind === 'no_date') throw new CliFault('usage', 'Give a day such as 2026-12-01.');
  if (outcome.kind === 'unknown_role')
    throw new CliFault('usage', `There is no role "${role}". Choose one of ${outcome.roles.join(', ')}.`);
}

export function addFactorCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const factor = root.command('second-factor').description('who has to have a second factor, in the database of DATABASE_URL');
  const listed = factor.command('list').description('roles, from when on, accounts, and how many of them have none');
  listing(listed, around, finish, async (db) => ({
    columns: ['Role', 'From', 'Accounts', 'Without a second factor'],
    rows: (await factorDuties(db)).map(({ role, from, accounts, without }) => [
      role,
      from ?? 'no duty',
      `${accounts} accounts`,
      `${without} without`,
    ]),
  }));
  factor
    .command('require')
    .argument('<role>', 'as "drover role list" prints it')
    .argument('<from>', 'a day, such as 2026-12-01 (UTC)')
    .description('whoever has the role and no second factor sets one up at the first sign-in of that day or later')
    .option('--reason <words>', 'kept with the change', '')
    .action((role: string, from: string, { reason }: Flags) => run((db) => change(db, role, from, reason)));
  factor
    .command('release')
    .argument('<role>', 'as "drover role list" prints it')
    .description('no duty any more; what people have stays')
    .option('--reason <words>', 'kept with the change', '')
    .action((role: string, { reason }: Flags) => run((db) => change(db, role, null, reason)));
  factor
    .command('remove')
    .argument('<email>', 'of the account that lost it')
    .description('take away authenticator app, recovery codes and passkeys, and end every session; the owner is told by a letter')
    .requiredOption('--reason <words>', 'kept in the audit')
    .action((email: string, { reason }: Flags) =>
      run(async (db) => {
        const { id } = await accountOf(db, email);
        await withLetters(db, around, async ({ tell }) => {
          if (!(await removeLostFactor({ ...dependenciesOn(db), tell }, id, reason, byCommandLine)))
            throw new CliFault('usage', `The account of ${email} has no second factor.`);
        });
      }),
    );
}
