/** `drover role ...`: what roles may do, in the database of DATABASE_URL. Whoever has that database may give any permission. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { ALL } from '../../domain/access/condition.ts';
import { type Grant, readGrants } from '../../domain/access/rights.ts';
import { nouns } from '../../domain/registry.ts';
import { type RoleOutcome, removeRole, saveRole } from '../access/roles.ts';
import type { Database } from '../db/database.ts';
import { type StoredRole, listRoles, roleByName } from '../db/roles.ts';
import { type List, listing, printList } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

const changeFor = (reason: string) => ({
  by: { id: '', name: `${userInfo().username} at the command line`, device: 'cli', address: '' },
  at: new Date(),
  reason,
});
async function existing(db: Database, name: string): Promise<StoredRole> {
  const role = await roleByName(db, name);
  if (role) return role;
  const names = (await listRoles(db)).map((one) => one.name).join(', ');
  throw new CliFault('usage', `There is no role "${name}". Choose one of ${names}.`);
}
function checked(outcome: RoleOutcome): StoredRole {
  if (outcome.kind === 'refused') throw new CliFault('usage', outcome.problem.message);
  return outcome.role;
}
/** All of them, also what this version does not know: it is not to be lost by a change of something else. */
const storedGrants = ({ grants }: StoredRole): readonly unknown[] => (Array.isArray(grants) ? (grants as unknown[]) : []);
const grantsOf = ({ grants }: StoredRole): List => ({
  columns: ['Permission', 'Only where', 'Only these fields', 'Without these fields'],
  rows: readGrants(grants).map(({ permission, when, fields, without }) => [
    permission,
    when.is === 'all' ? '' : JSON.stringify(when),
    fields ? `fields ${fields.join(',')}` : '',
    without ? `without ${without.join(',')}` : '',
  ]),
});
const heads = (roles: readonly StoredRole[]): List => ({
  columns: ['Role', 'Label', 'Accounts'],
  rows: roles.map(({ name, label, accounts }) => [name, label, `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`]),
});

function conditionIn(text: string | undefined): unknown {
  if (text === undefined) return ALL;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliFault('usage', 'Give --when as JSON, such as {"is":"my_desks","field":"deskId"}.', cause);
  }
}

interface GrantFlags {
  readonly when?: string;
  readonly fields?: string;
  readonly without?: string;
  readonly reason: string;
}
async function give(db: Database, name: string, permission: string, { when, fields, without, reason }: GrantFlags): Promise<StoredRole> {
  const role = await existing(db, name);
  const grant = {
    permission,
    when: conditionIn(when),
    ...(fields === undefined ? {} : { fields: fields.split(',') }),
    ...(without === undefined ? {} : { without: without.split(',') }),
  };
  return checked(await saveRole(db, nouns, { ...role, grants: [...storedGrants(role), grant] }, changeFor(reason)));
}
async function take(db: Database, name: string, permission: string, reason: string): Promise<StoredRole> {
  const role = await existing(db, name);
  const had = storedGrants(role);
  const left = had.filter((grant) => (grant as Partial<Grant>).permission !== permission);
  if (left.length === had.length) throw new CliFault('usage', `The role "${name}" does not have "${permission}".`);
  return checked(await saveRole(db, nouns, { ...role, grants: left }, changeFor(reason)));
}

export function addRoleCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const role = root.command('role').description('what roles may do, in the database of DATABASE_URL');
  const show = async (stored: StoredRole): Promise<void> => {
    await printList(around.out, heads([stored]));
    await printList(around.out, grantsOf(stored));
  };
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const why = (command: Command): Command => command.option('--reason <words>', 'kept with the change', '');

  listing(role.command('list').description('name, label and accounts of every role'), around, finish, async (db) =>
    heads(await listRoles(db)),
  );
  const shown = role.command('show').argument('<name>').description('what one role may do, a line a grant');
  listing(shown, around, finish, async (db, name = '') => grantsOf(await existing(db, name)));
  why(role.command('create').argument('<name>', 'such as auditor').argument('<label>', 'such as "Auditor"'))
    .description('make a role that may do nothing yet')
    .action((name: string, label: string, { reason }: { readonly reason: string }) =>
      run(async (db) => {
        if (!/^[a-z][a-z0-9_]{0,39}$/u.test(name))
          throw new CliFault('usage', 'A role is named by small letters, digits and _, such as read_only.');
        await show(
          checked(
            await saveRole(db, nouns, { name, label: label.trim().slice(0, 60) || name, grants: [], revision: 0 }, changeFor(reason)),
          ),
        );
      }),
    );
  why(role.command('grant').argument('<name>').argument('<permission>', 'such as orders:read or *:read'))
    .description('allow one thing more; connected windows follow within seconds')
    .option('--when <json>', 'only where this condition holds')
    .option('--fields <names>', 'of an update: only these fields, with commas between')
    .option(
      '--without <paths>',
      'of reading, creating or updating: not these fields, such as cost,lines.price; of every kind lots:cost,orders:lines.price',
    )
    .action((name: string, permission: string, flags: GrantFlags) => run(async (db) => show(await give(db, name, permission, flags))));
  why(role.command('revoke').argument('<name>').argument('<permission>'))
    .description('take a permission away, with all its conditions')
    .action((name: string, permission: string, { reason }: { readonly reason: string }) =>
      run(async (db) => show(await take(db, name, permission, reason))),
    );
  why(role.command('remove').argument('<name>'))
    .description('remove a role that nobody has; one that comes with Drover is put back to what it came with')
    .action((name: string, { reason }: { readonly reason: string }) =>
      run(async (db) => {
        const { revision } = await existing(db, name);
        const outcome = await removeRole(db, { name, revision }, changeFor(reason));
        if (outcome.kind !== 'removed') await show(checked(outcome));
      }),
    );
}
