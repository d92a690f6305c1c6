/** `drover desk`: desks and who belongs to them, in the database of DATABASE_URL. */
import { type Command, InvalidArgumentError } from 'commander';
import { type DeskChange, type DeskOutcome, changeDesk, makeDesk } from '../admin/desks.ts';
import type { Database } from '../db/database.ts';
import { listDesks } from '../db/desks.ts';
import { DESK, byCommandLine, dependenciesOn } from './acting.ts';
import { listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

function check(outcome: DeskOutcome, id: string): void {
  switch (outcome.kind) {
    case 'done':
      return;
    case 'desk_exists':
      throw new CliFault('usage', `There is a desk ${id} already.`);
    case 'unknown_desk':
      throw new CliFault('usage', `There is no desk ${id}. "drover desk list" shows all.`);
    case 'desk_in_use':
      throw new CliFault('usage', `${outcome.members.join(', ')} still belong to it. "drover user set" gives them another one.`);
  }
}
function idOf(text: string): string {
  if (!DESK.test(text)) throw new InvalidArgumentError('A desk is named by up to 36 letters, digits and : . _ -, such as desk-main.');
  return text;
}

export function addDeskCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const change = (id: string, wanted: DeskChange): Promise<void> =>
    run(async (db) => check(await changeDesk(dependenciesOn(db), id, wanted, byCommandLine), id));
  const desk = root.command('desk').description('desks, in the database of DATABASE_URL');
  listing(desk.command('list').description('id, name and members of every desk'), around, finish, async (db) => ({
    columns: ['Desk', 'Name', 'Members', 'State'],
    rows: (await listDesks(db)).map(({ id, name, closedAt, members }) => [
      id,
      name,
      members.map((member) => member.name).join(', '),
      closedAt === null ? '' : 'closed',
    ]),
  }));
  desk
    .command('create')
    .argument('<id>', 'short name that records keep, such as desk-west', idOf)
    .requiredOption('--name <name>', 'what people call it')
    .action((id: string, { name }: { readonly name: string }) =>
      run(async (db) => check(await makeDesk(dependenciesOn(db), id, name, byCommandLine), id)),
    );
  desk
    .command('rename')
    .argument('<id>', 'as "drover desk list" prints it')
    .requiredOption('--name <name>', 'what people call it')
    .action((id: string, { name }: { readonly name: string }) => change(id, { name }));
  desk
    .command('close')
    .argument('<id>', 'as "drover desk list" prints it')
    .description('nobody comes to it any more; whoever belongs to it has to go first, its records stay')
    .action((id: string) => change(id, { closed: true }));
  desk
    .command('open')
    .argument('<id>', 'of a closed one')
    .action((id: string) => change(id, { closed: false }));
}
