/** `drover person`: everything about a person, and forgetting somebody. In the database of DATABASE_URL. */
import type { Command } from 'commander';
import { nounOf, nouns } from '../../domain/registry.ts';
import { type Forgettable, type Forgotten, exportPerson, forgetPerson, tryForgetting } from '../audit/people.ts';
import type { Person } from '../db/audit-forget.ts';
import type { Database } from '../db/database.ts';
import { accountOf, byCommandLine } from './acting.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

interface Flags {
  readonly reason: string;
}

/** An e-mail address of an account, or a record as `contacts:<id>`. */
async function personOf(db: Database, text: string): Promise<Person> {
  const [, collection = '', id = ''] = /^([a-z][a-z0-9_]*):(.+)$/u.exec(text) ?? [];
  if (collection === '') return { account: (await accountOf(db, text)).id };
  if (!nounOf(collection)) throw new CliFault('usage', `There are no records called "${collection}". Name one as contacts:<id>.`);
  return { collection, id };
}

/** Throws what stands in the way, in words. */
function obstacle(outcome: Exclude<Forgotten | Forgettable, { kind: 'forgotten' | 'forgettable' }>): never {
  switch (outcome.kind) {
    case 'unknown':
      throw new CliFault('usage', 'There is no such account.');
    case 'not_disabled':
      throw new CliFault('usage', 'The account still lets somebody in. Disable it first: drover user disable.');
    case 'not_sealed':
      throw new CliFault(
        'usage',
        `${outcome.entries} entries are not sealed yet. Ask again when a server has sealed them, within seconds.`,
      );
    case 'held':
      throw new CliFault('usage', `Legal hold ${outcome.holds.join(', ')} stands. It has to be lifted first: drover hold.`);
    case 'not_personal':
      throw new CliFault('usage', 'Records of this kind tell of nobody.');
    case 'busy':
      throw new CliFault('usage', 'Somebody else is being forgotten, or something purged, just now. Ask again.');
  }
}

export function addPersonCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const person = root.command('person').description('what is kept about a person, in the database of DATABASE_URL');
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const which = 'e-mail address of an account, or a record such as contacts:<id>';
  person
    .command('export')
    .argument('<person>', which)
    .description('print everything about a person as JSON; written into the audit')
    .requiredOption('--reason <words>', 'who asked for it')
    .action((text: string, { reason }: Flags) =>
      run(async (db) => {
        const lines = await exportPerson(db, await personOf(db, text), { by: byCommandLine, at: new Date(), reason });
        for await (const line of lines ?? []) around.out(line.trimEnd());
      }),
    );
  person
    .command('forget')
    .argument('<person>', which)
    .description('take name, addresses and other personal values out of the account and the audit, for good; the seal still holds')
    .requiredOption('--reason <words>', 'kept in the audit; names nobody')
    .option('--dry-run', 'only say out of how many entries, or what stands in the way', false)
    .action((text: string, { reason, dryRun }: Flags & { readonly dryRun: boolean }) =>
      run(async (db) => {
        const entities = nouns.map(({ entity }) => entity);
        const subject = await personOf(db, text);
        const asking = { by: byCommandLine, at: new Date(), reason };
        const outcome = dryRun ? await tryForgetting(db, entities, subject) : await forgetPerson(db, entities, subject, asking);
        if (outcome.kind !== 'forgotten' && outcome.kind !== 'forgettable') return obstacle(outcome);
        const where = `in ${outcome.entries} changes and ${outcome.events} events`;
        around.out(
          outcome.kind === 'forgotten' ? `Forgotten ${where}. The seal holds: see "drover audit verify".` : `Would be forgotten ${where}.`,
        );
      }),
    );
}
