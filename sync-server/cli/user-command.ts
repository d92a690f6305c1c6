/** `drover user`: accounts in the database of DATABASE_URL. The first administrator of a company comes from here. */
import { type Command, InvalidArgumentError } from 'commander';
import type { UserLine } from '../../domain/protocol/admin.ts';
import { type UserChange, changeUser, withdrawInvitation } from '../admin/users.ts';
import { askForEmail } from '../auth/email-change.ts';
import { invite, resetLink } from '../auth/password-link.ts';
import { roleNames } from '../db/access.ts';
import type { Database } from '../db/database.ts';
import { listUsers } from '../db/users.ts';
import { accountOf, byCommandLine, checkOutcome, closedDesk, dependenciesOn, deskOf, knowDesks } from './acting.ts';
import { shownLink, withLetters } from './letters.ts';
import { type List, listing, printList } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

interface SetFlags {
  readonly name?: string;
  readonly role?: string;
  readonly desk?: readonly string[];
  readonly reason?: string;
}
interface InviteFlags {
  readonly name: string;
  readonly role: string;
  readonly desk: readonly string[];
}

const cellsOf = ({ email, name, role, desks, state }: UserLine): string[] => [
  email,
  name,
  role,
  desks.join(' '),
  state === 'active' ? '' : state,
];
async function list(db: Database, only?: string): Promise<List> {
  const users = await listUsers(db, new Date().toISOString(), only);
  return {
    columns: ['E-mail address', 'Name', 'Role', 'Desks', 'State'],
    rows: users.toSorted((a, b) => (a.email.toLowerCase() < b.email.toLowerCase() ? -1 : 1)).map(cellsOf),
  };
}

async function change(db: Database, email: string, wanted: UserChange): Promise<void> {
  checkOutcome(await changeUser(dependenciesOn(db), email, wanted, byCommandLine), email, wanted.role);
}

async function runInvite(db: Database, email: string, { name, role, desk }: InviteFlags, around: Surroundings): Promise<void> {
  const [deskId = '', ...desks] = desk;
  await knowDesks(db, desk);
  await withLetters(db, around, async (making) => {
    const outcome = await invite(making, { email, name, role, deskId, desks }, byCommandLine);
    switch (outcome.kind) {
      case 'account_exists':
        throw new CliFault('usage', `${email} has an account. "drover user reset ${email}" makes a link for a new password.`);
      case 'no_open_desk':
        throw closedDesk(outcome.desk);
      case 'unknown_role':
        checkOutcome({ kind: 'unknown_role', roles: await roleNames(db) }, email, role);
        return;
      case 'invited':
        around.out(
          outcome.link === undefined ? `A letter was sent to ${email}.` : `Hand this link to ${email}; it works once, for 7 days:`,
        );
        if (outcome.link !== undefined) around.out(shownLink(outcome.link));
    }
  });
}

async function runEmail(db: Database, email: string, wanted: string, reason: string, around: Surroundings): Promise<void> {
  const { id } = await accountOf(db, email);
  await withLetters(db, around, async (making) => {
    const outcome = await askForEmail(making, { account: id, email: wanted, reason }, byCommandLine);
    switch (outcome.kind) {
      case 'unknown_account':
        throw disabled(email);
      case 'not_come_yet':
        throw new CliFault('usage', `${email} has not come yet. Withdraw the invitation and invite the right address.`);
      case 'same_address':
        throw new CliFault('usage', `${wanted} is the address of this account already.`);
      case 'asked':
        around.out(
          outcome.link === undefined
            ? `Letters were sent to ${wanted}, to be confirmed within 24 hours, and to ${email}.`
            : `Hand this link to whoever reads ${wanted}; it works once, for 24 hours:`,
        );
        if (outcome.link !== undefined) around.out(shownLink(outcome.link));
    }
  });
}
const disabled = (email: string): CliFault =>
  new CliFault('usage', `The account of ${email} is disabled. "drover user enable ${email}" opens it.`);

function emailOf(text: string): string {
  if (!/^[^\s@<>",;]+@[^\s@<>",;]+$/u.test(text) || text.length > 254) throw new InvalidArgumentError('Give an e-mail address.');
  return text;
}

export function addUserCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const user = root.command('user').description('accounts: invitations, roles, desks; in the database of DATABASE_URL');
  listing(user.command('list').description('e-mail address, name, role, desks and state of every account'), around, finish, (db) =>
    list(db),
  );
  user
    .command('invite')
    .argument('<email>', 'whom', emailOf)
    .description('make an account and a link by which its owner chooses a password; so comes the first administrator of a company')
    .requiredOption('--name <name>', 'first and last name')
    .requiredOption('--role <name>', 'such as admin or broker')
    .requiredOption('--desk <name>', 'given once for each desk; the first is the one that new records belong to', deskOf)
    .action((email: string, flags: InviteFlags) => run((db) => runInvite(db, email, flags, around)));
  user
    .command('withdraw')
    .argument('<email>', 'whose invitation')
    .description('take an invitation back that was not used yet')
    .action((email: string) => run(async (db) => checkOutcome(await withdrawInvitation(dependenciesOn(db), email, byCommandLine), email)));
  user
    .command('set')
    .argument('<email>', 'whose')
    .description('change the name, the role or the desks of an account; connected windows follow within seconds')
    .option('--name <name>', 'first and last name')
    .option('--role <name>', 'such as broker')
    .option('--desk <name>', 'given once for each desk; the first is the one that new records belong to', deskOf)
    .option('--reason <words>', 'kept with the change')
    .action((email: string, { desk, ...flags }: SetFlags) =>
      run(async (db) => {
        const [home, ...others] = desk ?? [];
        if (flags.role === undefined && flags.name === undefined && home === undefined)
          throw new CliFault('usage', 'Say what to set: --name, --role, --desk, or several of them.');
        await knowDesks(db, desk ?? []);
        await change(db, email, { ...flags, ...(home === undefined ? {} : { desks: [home, ...others] }) });
        await printList(around.out, await list(db, email));
      }),
    );
  for (const [name, disabled, words] of [
    ['disable', true, 'close an account: it is signed out everywhere at once, and cannot sign in'],
    ['enable', false, 'open a disabled account again'],
  ] as const)
    user
      .command(name)
      .argument('<email>', 'whose')
      .description(words)
      .option('--reason <words>', 'kept with the change')
      .action((email: string, { reason }: { readonly reason?: string }) =>
        run(async (db) => {
          await change(db, email, { disabled, ...(reason === undefined ? {} : { reason }) });
          await printList(around.out, await list(db, email));
        }),
      );
  user
    .command('reset')
    .argument('<email>', 'whose')
    .description('print a link by which the owner chooses a new password; it works once, for half an hour')
    .action((email: string) =>
      run((db) =>
        withLetters(db, around, async (making) => {
          const link = await resetLink(making, (await accountOf(db, email)).id, byCommandLine);
          if (link === undefined) throw disabled(email);
          around.out(shownLink(link));
        }),
      ),
    );
  user
    .command('email')
    .argument('<email>', 'whose')
    .argument('<new>', 'the address that it is to have', emailOf)
    .description('change the e-mail address of an account: it counts once the link that is sent there was used')
    .requiredOption('--reason <words>', 'kept in the audit')
    .action((email: string, wanted: string, { reason }: { readonly reason: string }) =>
      run((db) => runEmail(db, email, wanted, reason, around)),
    );
}
