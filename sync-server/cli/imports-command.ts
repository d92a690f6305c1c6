/** `drover imports`: what was imported into the database of DATABASE_URL, and taking an import of anybody back. */
import type { Command } from 'commander';
import type { ImportUndoAnswer } from '../../domain/protocol/admin.ts';
import { nounOf, nouns } from '../../domain/registry.ts';
import { listImports } from '../admin/imports.ts';
import { type UndoDependencies, previewUndo, undoImport } from '../admin/undo-import.ts';
import { personalFields } from '../../domain/record/personal.ts';
import type { Database } from '../db/database.ts';
import { openApplyQueue } from '../push/apply-queue.ts';
import { byCommandLine, everyRight, inboxNoun } from './acting.ts';
import { type List, listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

/** Of `drover`: records were kept. */
const KEPT = 3;

const undoOn = (db: Database): UndoDependencies => ({
  db,
  nouns,
  nounOf,
  inbox: inboxNoun(),
  apply: openApplyQueue(db, personalFields(nouns.map(({ entity }) => entity))),
  // Whoever has the password of the database may write what they like.
  access: { at: () => Promise.resolve(everyRight) },
  now: () => new Date(),
});

interface UndoFlags {
  readonly reason?: string;
  readonly dryRun: boolean;
}
async function takeBack(db: Database, id: string, { reason = '', dryRun }: UndoFlags): Promise<ImportUndoAnswer> {
  const undoer = { by: byCommandLine, account: everyRight };
  if (!dryRun && reason.trim() === '') throw new CliFault('usage', 'Say why with --reason, or look first with --dry-run.');
  const answer = await (dryRun ? previewUndo(undoOn(db), undoer, id) : undoImport(undoOn(db), undoer, id, reason.trim()));
  if (!answer) throw new CliFault('usage', `No import ${id} has come to this server. "drover imports" lists them.`);
  return answer;
}
function tell({ removed, putBack, keptCount, kept }: ImportUndoAnswer, dryRun: boolean, out: Surroundings['out']): void {
  out(`${dryRun ? 'Would remove' : 'Removed'} ${removed}, put back ${putBack}, keep ${keptCount}.`);
  for (const { reason } of kept) out(`  ${reason}`);
  if (keptCount > kept.length) out(`  and ${keptCount - kept.length} more.`);
}

const list = async (db: Database): Promise<List> => ({
  columns: ['Import', 'Time', 'Author', 'Device', 'Records'],
  rows: (await listImports(db, nouns)).map(({ id, at, accountName, device, records }) => {
    const counts = records.map(({ collection, live, deleted }) => `${live} ${collection}${deleted === 0 ? '' : ` (${deleted} deleted)`}`);
    return [id, at, accountName, device, counts.join(', ')];
  }),
});

export function addImportsCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const imports = root.command('imports').description('id, time, author, device and records of the newest hundred imports');
  listing(imports, around, finish, list);
  imports
    .command('undo')
    .argument('<importId>', 'as "drover imports" prints it')
    .description('take an import of anybody back, but for records that somebody has worked on since; exits with 3 when some are kept')
    .option('--reason <words>', 'stands with every record in the audit')
    .option('--dry-run', 'say what it would do', false)
    .action(async (id: string, flags: UndoFlags) => {
      let code = 0;
      const done = await onDatabase(around, async (db) => {
        const answer = await takeBack(db, id, flags);
        tell(answer, flags.dryRun, around.out);
        if (answer.keptCount > 0) code = KEPT;
      });
      finish(done === 0 ? code : done);
    });
}
