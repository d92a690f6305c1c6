/** `drover setting`, `drover hold` and `drover purge`, in the database of DATABASE_URL. */
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { type SettingKey, isSettingKey, settingKeys, settingText } from '../../domain/access/company-settings.ts';
import { nounOf, nouns } from '../../domain/registry.ts';
import { endHold, placeHold, purgeCount, purgeRefusals } from '../admin/holds.ts';
import { changeSetting, listSettings } from '../admin/settings.ts';
import { countTrash, purgeTrash } from '../admin/trash.ts';
import type { Database } from '../db/database.ts';
import { listHolds } from '../db/holds.ts';
import { byCommandLine, dependenciesOn } from './acting.ts';
import { listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

function numberIn(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}
function keyIn(text: string): SettingKey {
  if (!isSettingKey(text)) throw new InvalidArgumentError(`Choose one of ${settingKeys.join(', ')}.`);
  return text;
}
function collectionIn(text: string): string {
  if (!nounOf(text)) throw new InvalidArgumentError(`Choose one of ${nouns.map(({ entity }) => entity.collection).join(', ')}.`);
  return text;
}

export function addSettingCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const setting = root.command('setting').description('what the company has set for itself, in the database of DATABASE_URL');
  listing(setting.command('list').description('name, value, what it does, limits'), around, finish, async (db) => ({
    columns: ['Setting', 'Value', 'What it does', 'Limits'],
    rows: (await listSettings(db)).map(({ key, value, label, unit, least, most, usual }) => [
      key,
      String(value),
      `${label} ${settingText({ unit }, value)}`,
      `${least} to ${most}, usually ${usual}`,
    ]),
  }));
  setting
    .command('set')
    .argument('<name>', 'as "drover setting list" prints it', keyIn)
    .argument('<value>', 'a whole number', numberIn)
    .option('--reason <words>', 'kept with the change', '')
    .action((key: SettingKey, value: number, { reason }: { readonly reason: string }) =>
      run(async (db) => {
        const problem = await changeSetting(dependenciesOn(db), key, value, reason, byCommandLine);
        if (problem !== '') throw new CliFault('usage', problem);
      }),
    );
}

export function addHoldCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const hold = root.command('hold').description('legal holds: records that nothing may be purged of, in the database of DATABASE_URL');
  const listed = hold.command('list').description('number, record, reason, by whom and when; and whether it was lifted');
  listing(listed, around, finish, async (db) => ({
    columns: ['Hold', 'Record', 'Reason', 'Placed by', 'Placed at', 'Lifted'],
    rows: (await listHolds(db)).map((one) => [
      String(one.number),
      `${one.collection}:${one.id}`,
      one.reason,
      one.placedBy,
      one.placedAt,
      one.liftedAt === null ? '' : `lifted ${one.liftedAt} by ${one.liftedBy ?? ''}: ${one.liftedReason ?? ''}`,
    ]),
  }));
  hold
    .command('place')
    .argument('<collection>', 'such as parties', collectionIn)
    .argument('<id>', 'of the record')
    .requiredOption('--reason <words>', 'kept with the hold')
    .action((collection: string, id: string, { reason }: { readonly reason: string }) =>
      run(async (db) => {
        const placed = await placeHold(dependenciesOn(db), { collection, id, reason }, byCommandLine);
        if (!placed) throw new CliFault('usage', `${collection}:${id} is held already.`);
        around.out(`Hold ${placed.number}.`);
      }),
    );
  hold
    .command('lift')
    .argument('<number>', 'as "drover hold list" prints it', numberIn)
    .requiredOption('--reason <words>', 'kept with the hold')
    .action((number: number, { reason }: { readonly reason: string }) =>
      run(async (db) => {
        if (!(await endHold(dependenciesOn(db), number, reason, byCommandLine)))
          throw new CliFault('usage', `There is no hold ${number}, or it was lifted before.`);
      }),
    );
  root
    .command('purge')
    .addArgument(new Argument('[what]', 'refusals that were closed, or the trash').choices(['refusals', 'trash']).default('refusals'))
    .description(
      'remove what has been kept long enough (settings refusal_years and trash_days) and no hold keeps; of the trash a server does it by itself once a day',
    )
    .option('--dry-run', 'count only', false)
    .option('--reason <words>', 'stands with every record of the trash in the audit', 'asked for on the command line')
    .action((what: string, flags: PurgeFlags) =>
      run(async (db) => (what === 'trash' ? emptyTrash(db, flags, around.out) : purgeRefused(db, flags, around.out))),
    );
}

interface PurgeFlags {
  readonly dryRun: boolean;
  readonly reason: string;
}
async function purgeRefused(db: Database, { dryRun }: PurgeFlags, out: Surroundings['out']): Promise<void> {
  if (dryRun) {
    const { due, held } = await purgeCount(dependenciesOn(db));
    return out(`${due} would be removed, ${held} are held.`);
  }
  const { purged, held } = await purgeRefusals(dependenciesOn(db), byCommandLine);
  out(`${purged} removed, ${held} are held.`);
}
async function emptyTrash(db: Database, { dryRun, reason }: PurgeFlags, out: Surroundings['out']): Promise<void> {
  const dependencies = { ...dependenciesOn(db), nouns };
  if (dryRun) {
    const { days, due, held, used } = await countTrash(dependencies);
    return out(`After ${days} days: ${due} would be removed, ${held} are held, ${used} are needed by other records.`);
  }
  const purged = Object.entries(await purgeTrash(dependencies, { by: byCommandLine, reason }));
  for (const [collection, count] of purged) out(`${collection}\t${count}`);
  if (purged.length === 0) out('Nothing has been in the trash long enough.');
}
