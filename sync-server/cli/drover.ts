#!/usr/bin/env node
/**
 * `drover import <file>`, `drover undo <importId>`, `drover epoch new`, `drover series`, and who may come in and do what:
 * `drover user`, `role`, `desk`, `session`, `device` and `key`. Progress and problems go to stderr, the result to stdout, lists
 * with `--csv` as a table for a spreadsheet.
 * Exit codes: 0 done, 1 a fault of Drover, 2 wrong usage or a file that is no table, 3 rows were kept out (with --strict) or
 * records kept by an undo, 4 the server cannot be reached or refused.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { totalOf } from '../../domain/import/finding.ts';
import { profiles } from '../../domain/import/profiles.ts';
import { beginEpoch } from '../db/epochs.ts';
import { addAuditCommand } from './audit-command.ts';
import { type ImportRequest, importFile } from './import-file.ts';
import { CliFault, type CliFaultCode, type SyncClient, signIn } from './sync-client.ts';
import { undoImport } from './undo-import.ts';
import { addHoldCommand, addSettingCommand } from './company-command.ts';
import { addDeskCommand } from './desk-command.ts';
import { addDeviceCommand, addSessionCommand } from './device-command.ts';
import { addKeyCommand } from './key-command.ts';
import { addRoleCommand } from './role-command.ts';
import { addHealthCommand, addRefusalCommand } from './refusal-command.ts';
import { addUserCommand } from './user-command.ts';
import { addImportsCommand } from './imports-command.ts';
import { onDatabase } from './on-database.ts';
import { addFactorCommand } from './factor-command.ts';
import { addOptionCommand } from './option-command.ts';
import { addPersonCommand } from './person-command.ts';
import { addSeriesCommand } from './series-command.ts';

interface Access {
  readonly server: string;
  readonly email?: string;
  readonly password?: string;
}
interface ImportFlags extends Access {
  readonly kind?: string;
  readonly headerLine?: number;
  readonly map: readonly string[];
  readonly source?: string;
  readonly bringBack: boolean;
  readonly dryRun: boolean;
  readonly report?: string;
  readonly strict: boolean;
  readonly json: boolean;
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const exitCodes: Record<CliFaultCode, number> = { usage: 2, file: 2, journal: 2, unreachable: 4, sign_in: 4, refused: 4 };
const KEPT_OUT = 3;

const dataFolder = (environment: Surroundings['environment']): string =>
  path.resolve(environment['DROVER_DATA'] ?? path.join(import.meta.dirname, '..', '..', '.drover'));

function lineNumber(text: string): number {
  if (!/^[1-9]\d{0,6}$/u.test(text)) throw new InvalidArgumentError('Give a line number such as 3.');
  return Number(text);
}
const inNumber = (n: number): string => `${n} ${n === 1 ? 'record' : 'records'}`;
const several = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

function serverOf(text: string): string {
  if (!/^https?:\/\/[^\s/]+(\/\S*)?$/u.test(text)) throw new InvalidArgumentError('Give an address such as http://127.0.0.1:8790.');
  return text.replace(/\/{1,9}$/u, '');
}

async function clientOf(access: Access, { environment }: Surroundings): Promise<SyncClient> {
  const email = access.email ?? environment['DROVER_EMAIL'];
  const password = access.password ?? environment['DROVER_PASSWORD'];
  if (email === undefined || password === undefined) {
    throw new CliFault(
      'usage',
      'Say who imports: --email and --password, or DROVER_EMAIL and DROVER_PASSWORD in the environment (other users of the machine cannot read it there).',
    );
  }
  return signIn(access.server, email, password, `cli-${randomUUID().slice(0, 8)}`);
}

async function runImport(file: string, flags: ImportFlags, around: Surroundings): Promise<number> {
  const { kind, headerLine, source, report } = flags;
  const request: ImportRequest = {
    file,
    maps: flags.map,
    bringBackDeleted: flags.bringBack,
    dryRun: flags.dryRun,
    folder: dataFolder(around.environment),
    server: flags.server,
    ...(kind === undefined ? {} : { kind }),
    ...(headerLine === undefined ? {} : { headerLine }),
    ...(source === undefined ? {} : { source }),
    ...(report === undefined ? {} : { report }),
  };
  const known = (flags.email ?? around.environment['DROVER_EMAIL']) !== undefined;
  if (flags.dryRun && !known) around.err('Nobody is signed in, so this dry run compares with nothing: every good row counts as new.');
  const connect = () => (flags.dryRun && !known ? Promise.resolve(undefined) : clientOf(flags, around));
  const outcome = await importFile(request, connect, around.err);
  const { counts } = outcome;
  if (flags.json) around.out(JSON.stringify(outcome));
  else {
    const verb = flags.dryRun ? 'would be written' : 'written';
    around.out(
      `${totalOf(counts)} rows: ${counts.imported + counts.repaired} ${verb} (${counts.repaired} of them repaired), ${counts.unchanged} unchanged, ${counts.skipped} skipped, ${counts.bad} kept out.`,
    );
    if (report !== undefined) around.out(`Rows with reasons: ${report}`);
    if (!flags.dryRun && counts.imported + counts.repaired > 0)
      around.out(`Import ${outcome.importId}. To take it back: drover undo ${outcome.importId}`);
  }
  return flags.strict && counts.bad > 0 ? KEPT_OUT : 0;
}

async function runUndo(importId: string, flags: Access & { readonly json: boolean }, around: Surroundings): Promise<number> {
  const client = await clientOf(flags, around);
  const outcome = await undoImport(importId, dataFolder(around.environment), flags.server, client, around.err);
  if (flags.json) around.out(JSON.stringify(outcome));
  else {
    around.out(`${inNumber(outcome.undone)} as before the import, ${inNumber(outcome.kept.length)} kept.`);
    for (const reason of outcome.kept) around.out(`  ${reason}`);
  }
  return outcome.kept.length > 0 ? KEPT_OUT : 0;
}

const runNewEpoch = (why: string, around: Surroundings): Promise<number> =>
  onDatabase(around, async (db) => {
    const { epoch, startsAt } = await beginEpoch(db, why);
    around.out(`Epoch ${epoch} begins after position ${startsAt}. Running servers notice within seconds.`);
  });

function program(around: Surroundings, finish: (code: number) => void): Command {
  const { environment } = around;
  const access = (command: Command): Command =>
    command
      .addOption(
        new Option('--server <url>', 'address of the sync server')
          .argParser(serverOf)
          .default(serverOf(environment['DROVER_SERVER'] ?? 'http://127.0.0.1:8790')),
      )
      .option('--email <email>', 'who imports (or DROVER_EMAIL)')
      .option('--password <password>', 'better in DROVER_PASSWORD: a command line can be read by others')
      .option('--json', 'print the result as JSON', false);
  const root = new Command('drover')
    .description('Drover on the command line.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => around.out(text.trimEnd()), writeErr: (text) => around.err(text.trimEnd()) });
  access(root.command('import').argument('<file>', 'a table as CSV').description('import a file: detect, clean, write, report'))
    .addOption(new Option('--kind <kind>', 'kind of record; detected by the header unless told').choices(profiles.map(({ id }) => id)))
    .option('--dry-run', 'decide every row and write nothing', false)
    .option('--report <file>', 'write the rows with reasons to this CSV file')
    .option('--header-line <line>', 'line of the header row, when the guess is wrong', lineNumber)
    .option('--map <header=field>', 'put a column into a field; may be given several times', several, [])
    .option('--source <name>', 'short name of the system the file comes from')
    .option('--bring-back', 'write records again that were deleted after an earlier import', false)
    .option('--strict', 'exit with 3 when rows were kept out', false)
    .action(async (file: string, flags: ImportFlags) => finish(await runImport(file, flags, around)));
  access(
    root
      .command('undo')
      .argument('<importId>', 'the id that the import printed')
      .description('take an import back, but for records edited since'),
  ).action(async (importId: string, flags: Access & { readonly json: boolean }) => finish(await runUndo(importId, flags, around)));
  root
    .command('epoch')
    .description('the history of the feed, in the database of DATABASE_URL')
    .command('new')
    .description('say that the database was put back by hand: every device offers again what it holds and the server lost')
    .option('--why <words>', 'kept in epoch_log', 'asked for on the command line')
    .action(async ({ why }: { readonly why: string }) => finish(await runNewEpoch(why, around)));
  for (const add of [
    addSeriesCommand,
    addAuditCommand,
    addPersonCommand,
    addUserCommand,
    addRoleCommand,
    addDeskCommand,
    addSessionCommand,
    addDeviceCommand,
    addKeyCommand,
    addRefusalCommand,
    addHealthCommand,
    addSettingCommand,
    addOptionCommand,
    addFactorCommand,
    addHoldCommand,
    addImportsCommand,
  ])
    add(root, around, finish);
  return root;
}

/** Runs one command and answers its exit code. `args` without node and script. */
export async function runDrover(args: readonly string[], around: Surroundings): Promise<number> {
  let code = 0;
  try {
    await program(around, (result) => {
      code = result;
    }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    if (error instanceof CliFault) {
      around.err(error.message);
      return exitCodes[error.code];
    }
    throw error;
  }
}

if (import.meta.main) {
  process.exitCode = await runDrover(process.argv.slice(2), {
    environment: process.env,
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
  });
}
