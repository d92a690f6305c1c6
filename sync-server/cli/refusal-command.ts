/** `drover refusal` and `drover health`: what was not accepted, and how the database is; in the database of DATABASE_URL. */
import { type Command, InvalidArgumentError } from 'commander';
import type { RefusalLine } from '../../domain/protocol/admin.ts';
import { nounOf } from '../../domain/registry.ts';
import { handBack } from '../admin/hand-back.ts';
import { refusalFor, refusalsFor, settleRefusal } from '../admin/refusals.ts';
import type { Database } from '../db/database.ts';
import { databaseHealth } from '../db/health.ts';
import { accessOn, accountOf, byCommandLine, dependenciesOn, inboxNoun } from './acting.ts';
import { type List, listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

interface ListFlags {
  readonly user?: string;
  readonly collection?: string;
  readonly all: boolean;
}
const LINES = 200;
const on = (db: Database) => ({ ...dependenciesOn(db), nounOf });
const cellsOf = ({ number, at, accountName, collection, id, title, code, message, closedAt }: RefusalLine): string[] => [
  String(number),
  at,
  accountName,
  `${collection}:${id}`,
  title,
  code,
  message,
  closedAt === null ? '' : 'closed',
];
function numberOf(text: string): number {
  if (!/^\d{1,15}$/u.test(text)) throw new InvalidArgumentError('Give the number that "drover refusal list" prints first.');
  return Number(text);
}

async function list(db: Database, { user, collection, all }: ListFlags): Promise<List> {
  const account = user === undefined ? undefined : (await accountOf(db, user)).id;
  const filter = {
    open: !all,
    limit: LINES,
    ...(account === undefined ? {} : { account }),
    ...(collection === undefined ? {} : { collection }),
  };
  return {
    columns: ['Number', 'Time', 'Author', 'Record', 'Title', 'Code', 'Reason', 'State'],
    rows: (await refusalsFor(on(db), undefined, filter)).map(cellsOf),
  };
}

interface HandBackFlags {
  readonly note: string;
  readonly to?: string;
}
async function handOver(db: Database, number: number, { note, to }: HandBackFlags): Promise<void> {
  const access = accessOn(db);
  const chosen = to === undefined ? {} : { to: (await accountOf(db, to)).id };
  switch (await handBack({ ...on(db), access, inbox: inboxNoun() }, undefined, { number, note, ...chosen }, byCommandLine)) {
    case 'unknown_refusal':
      throw new CliFault('usage', `There is no refusal ${number}. "drover refusal list --all" shows all.`);
    case 'unknown_account':
      throw new CliFault('usage', 'The account is disabled. Choose somebody else with --to.');
    case 'recipient_may_not_see':
    case 'not_permitted':
      throw new CliFault('usage', `${to ?? 'This person'} may not see such a record. Choose somebody who may.`);
    case 'done':
  }
}

export function addRefusalCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const run = async (work: (db: Database) => Promise<void>): Promise<void> => finish(await onDatabase(around, work));
  const settle = (number: number, closed: boolean, reason: string): Promise<void> =>
    run(async (db) => {
      if (!(await settleRefusal(on(db), number, { closed, reason }, byCommandLine)))
        throw new CliFault('usage', `There is no refusal ${number}, or it is so already. "drover refusal list --all" shows all.`);
    });
  const refusal = root.command('refusal').description('changes that were refused to anybody, in the database of DATABASE_URL');
  const listed = refusal
    .command('list')
    .description(`number, time, author, record, title, code and reason; the newest ${LINES}`)
    .option('--user <email>', 'of one author only')
    .option('--collection <name>', 'such as orders')
    .option('--all', 'those too that somebody has closed', false);
  listing(listed, around, finish, (db) => list(db, listed.opts<ListFlags>()));
  refusal
    .command('show')
    .argument('<number>', 'as "drover refusal list" prints it', numberOf)
    .description('reasons, and what the author had written, as JSON')
    .action((number: number) =>
      run(async (db) => {
        const found = await refusalFor(on(db), undefined, number);
        if (!found) throw new CliFault('usage', `There is no refusal ${number}.`);
        around.out(JSON.stringify(found, null, 2));
      }),
    );
  refusal
    .command('close')
    .argument('<number>', 'as "drover refusal list" prints it', numberOf)
    .description('say that it has been dealt with; its author keeps the entry in the own inbox')
    .option('--reason <words>', 'kept with it', '')
    .action((number: number, { reason }: { readonly reason: string }) => settle(number, true, reason));
  refusal
    .command('hand-back')
    .argument('<number>', 'as "drover refusal list" prints it', numberOf)
    .description('put it into the inbox of its author again, or of somebody else, to be mended and sent again')
    .requiredOption('--note <words>', 'what is to be done; stands in the inbox and in the audit')
    .option('--to <email>', 'somebody else than its author, who may see such records')
    .action((number: number, flags: HandBackFlags) => run((db) => handOver(db, number, flags)));
  refusal
    .command('reopen')
    .argument('<number>', 'of a closed one', numberOf)
    .option('--reason <words>', 'kept with it', '')
    .action((number: number, { reason }: { readonly reason: string }) => settle(number, false, reason));
}

export function addHealthCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  root
    .command('health')
    .description('how the database of DATABASE_URL is, as JSON')
    .action(async () => finish(await onDatabase(around, async (db) => around.out(JSON.stringify(await databaseHealth(db), null, 2)))));
}
