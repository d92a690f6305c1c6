/** How every list of the command line is printed: a line a row, with tabs between, or as CSV with a header for a spreadsheet. */
import type { Command } from 'commander';
import { csvLine } from '../../domain/units/csv.ts';
import type { Database } from '../db/database.ts';
import { type Surroundings, onDatabase } from './on-database.ts';

type Cells = readonly string[];
export interface List {
  readonly columns: Cells;
  /** As many cells as there are columns. What is long is read while it is printed. */
  readonly rows: readonly Cells[] | AsyncIterable<Cells>;
}

/** What people or devices wrote may not break the line, nor speak to the terminal. */
const plain = (cell: string): string => cell.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
const asLine = (cells: Cells): string =>
  cells
    .slice(0, cells.findLastIndex((cell) => cell !== '') + 1)
    .map(plain)
    .join('\t');
/** `out` ends the line itself. */
const asCsvLine = (cells: Cells): string => csvLine(cells).slice(0, -1);

export async function printList(out: Surroundings['out'], { columns, rows }: List, csv = false): Promise<void> {
  if (csv) out(`\ufeff${asCsvLine(columns)}`);
  for await (const cells of rows) out(csv ? asCsvLine(cells) : asLine(cells));
}

/** Makes `command` one that prints a list of the database of DATABASE_URL. `read` is given its first argument. */
export function listing(
  command: Command,
  { out, environment }: Surroundings,
  finish: (code: number) => void,
  read: (db: Database, argument: string | undefined) => Promise<List>,
): void {
  command.option('--csv', 'as CSV with a header, for a spreadsheet; nothing in it is run as a formula', false).action(async () => {
    const { csv } = command.opts<{ readonly csv: boolean }>();
    finish(await onDatabase({ environment }, async (db) => printList(out, await read(db, command.args[0]), csv)));
  });
}
