/** `drover imports`: what was imported into the database of DATABASE_URL. */
import type { Command } from 'commander';
import { nouns } from '../../domain/registry.ts';
import { listImports } from '../admin/imports.ts';
import { row } from './acting.ts';
import { type Surroundings, onDatabase } from './on-database.ts';

export function addImportsCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  root
    .command('imports')
    .description('id, time, author, device and records of the newest hundred imports; "drover undo" takes one back where it was made')
    .action(async () =>
      finish(
        await onDatabase(around, async (db) => {
          for (const { id, at, accountName, device, records } of await listImports(db, nouns)) {
            const counts = records.map(
              ({ collection, live, deleted }) => `${live} ${collection}${deleted === 0 ? '' : ` (${deleted} deleted)`}`,
            );
            around.out(row(id, at, accountName, device, counts.join(', ')));
          }
        }),
      ),
    );
}
