/** `drover options`, in the database of DATABASE_URL. */
import { type Command, InvalidArgumentError } from 'commander';
import { keyFor } from '../../domain/access/option-lists.ts';
import type { OptionListLine } from '../../domain/protocol/admin.ts';
import { nouns } from '../../domain/registry.ts';
import { changeOptionList, listOptionLists } from '../admin/option-lists.ts';
import type { Database } from '../db/database.ts';
import { byCommandLine, dependenciesOn } from './acting.ts';
import { type List, listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

type Options = OptionListLine['options'];
interface Flags {
  readonly reason: string;
}

function placeIn(text: string): number {
  if (!/^[1-9]\d{0,2}$/u.test(text)) throw new InvalidArgumentError('Give a place in the list, from 1 on.');
  return Number(text) - 1;
}
function daysIn(text: string): number | null {
  if (text === 'none') return null;
  if (!/^-?\d{1,3}$/u.test(text)) throw new InvalidArgumentError('Give whole days, or none.');
  return Number(text);
}
async function listIn(db: Database, key: string): Promise<OptionListLine> {
  const lists = await listOptionLists(db, nouns);
  const list = lists.find((one) => one.key === key);
  if (!list) throw new CliFault('usage', `There is no option list "${key}". Choose one of ${lists.map((one) => one.key).join(', ')}.`);
  return list;
}
const allLists = async (db: Database): Promise<List> => ({
  columns: ['List', 'Label', 'Used in'],
  rows: (await listOptionLists(db, nouns)).map(({ key, label, fields }) => [key, label, fields.join(', ')]),
});
const dueText = (due: Options[number]['due']): string =>
  due === null ? '' : `${due.days} days${due.businessDay === true ? ', on a business day' : ''}`;
const optionsIn = async (db: Database, name: string): Promise<List> => ({
  columns: ['Key', 'Label', 'State', 'Due'],
  rows: (await listIn(db, name)).options.map(({ key, label, retired, due }) => [key, label, retired ? 'retired' : '', dueText(due)]),
});
async function change(db: Database, list: string, reason: string, to: (options: Options) => Options): Promise<void> {
  const { options, revision } = await listIn(db, list);
  const outcome = await changeOptionList({ ...dependenciesOn(db), nouns }, { list, revision, options: to(options), reason }, byCommandLine);
  if (outcome.kind === 'out_of_bounds') throw new CliFault('usage', outcome.problem);
  if (outcome.kind !== 'done') throw new CliFault('usage', 'Somebody else has changed this list at this moment. Run the command again.');
}
function withOption(options: Options, key: string, to: Partial<Options[number]>): Options {
  if (!options.some((option) => option.key === key))
    throw new CliFault('usage', `The list has no option "${key}". It has ${options.map((option) => option.key).join(', ')}.`);
  return options.map((option) => (option.key === key ? { ...option, ...to } : option));
}

export function addOptionCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const options = root.command('options').description('lists of words that the company chooses from, in the database of DATABASE_URL');
  const listed = options
    .command('list')
    .argument('[list]', 'such as packages')
    .description('all lists, or the options of one: key, label, and whether it is retired');
  listing(listed, around, finish, (db, name) => (name === undefined ? allLists(db) : optionsIn(db, name)));
  const changing = (name: string, description: string): Command =>
    options
      .command(name)
      .description(description)
      .argument('<list>', 'as "drover options list" prints it')
      .option('--reason <words>', 'kept with the change', '');
  changing('add', 'a new option, at the end')
    .argument('<label>', 'as people read it')
    .action((list: string, label: string, { reason }: Flags) =>
      run((db) =>
        change(db, list, reason, (all) => [
          ...all,
          {
            key: keyFor(
              label,
              all.map(({ key, label: words }) => ({ key, label: words })),
            ),
            label,
            retired: false,
            due: null,
          },
        ]),
      ),
    );
  changing('rename', 'another label; records keep the key')
    .argument('<key>', 'of the option')
    .argument('<label>', 'as people read it')
    .action((list: string, key: string, label: string, { reason }: Flags) =>
      run((db) => change(db, list, reason, (all) => withOption(all, key, { label }))),
    );
  for (const [name, description, retired] of [
    ['retire', 'records keep it, nobody chooses it anew', true],
    ['bring-back', 'it can be chosen again', false],
  ] as const)
    changing(name, description)
      .argument('<key>', 'of the option')
      .action((list: string, key: string, { reason }: Flags) =>
        run((db) => change(db, list, reason, (all) => withOption(all, key, { retired }))),
      );
  changing('days', 'of terms of payment: when it is due, counted from the date that the terms run from')
    .argument('<key>', 'of the option')
    .argument('<days>', 'such as 30, -1 for the day before, or none', daysIn)
    .option('--business-day', 'move it to a business day where it falls on none', false)
    .action((list: string, key: string, days: number | null, { reason, businessDay }: Flags & { readonly businessDay: boolean }) =>
      run((db) =>
        change(db, list, reason, (all) =>
          withOption(all, key, { due: days === null ? null : { days, ...(businessDay ? { businessDay: true } : {}) } }),
        ),
      ),
    );
  changing('move', 'to another place in the list')
    .argument('<key>', 'of the option')
    .argument('<place>', 'from 1 on', placeIn)
    .action((list: string, key: string, place: number, { reason }: Flags) =>
      run((db) =>
        change(db, list, reason, (all) => {
          const [moved] = withOption(all, key, {}).filter((option) => option.key === key);
          return moved ? all.filter((option) => option.key !== key).toSpliced(place, 0, moved) : all;
        }),
      ),
    );
}
