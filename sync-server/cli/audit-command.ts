/** `drover audit`: checks the seal of the audit, and prints what of it is kept elsewhere. In the database of DATABASE_URL. */
import type { Command } from 'commander';
import { nouns } from '../../domain/registry.ts';
import { anchorPlaceFrom } from '../audit/anchors-away.ts';
import { auditFolderFrom } from '../audit/audit-folder.ts';
import { purge, purgeable } from '../audit/purge.ts';
import { RETENTION_YEARS } from '../audit/retention.ts';
import { restartSeal } from '../audit/restart.ts';
import { SealKeyFault, anchorsIn, lastAnchor, readAnchors, readPublicKeys } from '../audit/seal-key.ts';
import { type Verified, verifyAudit } from '../audit/verify.ts';
import { byCommandLine } from './acting.ts';
import { addAuditList } from './audit-list.ts';
import { type Surroundings as OnDatabase, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

interface Surroundings extends OnDatabase {
  readonly err: (text: string) => void;
}
interface VerifyFlags {
  readonly anchor?: string;
  readonly json: boolean;
}

/** Exit codes of `drover audit verify`. */
const TAMPERED = 1;
const NOT_CHECKED = 2;

/** A file that is missing or no key is the caller's to mend. */
async function asUsage<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof SealKeyFault) throw new CliFault('usage', cause.message, cause);
    throw cause;
  }
}

function tell({ findings, blocks, entries, open, purged, last }: Verified, out: Surroundings['out']): void {
  for (const { what } of findings) out(`NOT AS IT WAS: ${what}`);
  if (findings.length === 0) out('The audit is whole, and the records are what it says.');
  out(`${blocks} blocks over ${entries.audit} changes and ${entries.security_events} events; ${purged} entries purged after their time.`);
  out(`Not sealed yet: ${open.audit} changes, ${open.security_events} events.`);
  if (last) out(`Last block: ${last.number} ${last.hash}, sealed ${last.sealedAt}.`);
}

async function verify({ anchor, json }: VerifyFlags, around: Surroundings): Promise<number> {
  const folder = auditFolderFrom(around.environment);
  let code = NOT_CHECKED;
  try {
    await asUsage(async () => {
      const keys = readPublicKeys(folder);
      // Before the database is looked at: what was noted by now must be there.
      const away = anchorPlaceFrom(around.environment, folder);
      const places = [...(away?.kind === 'folder' ? [away.folder] : []), ...(anchor === undefined ? [] : [anchor])];
      const anchors = [...anchorsIn(folder), ...places.flatMap(readAnchors)];
      await onDatabase(around, async (db) => {
        const verified = await db.transaction(async (runner) => {
          await runner.rows({ text: 'set transaction isolation level repeatable read, read only' });
          return verifyAudit(runner, { keys, anchors, entities: nouns.map(({ entity }) => entity), now: new Date() });
        });
        if (json) around.out(JSON.stringify(verified));
        else tell(verified, around.out);
        for (const { block, at, restarted } of anchors)
          if (restarted !== undefined && !json) around.out(`The seal was begun anew after block ${block} on ${at}: ${restarted}`);
        if (verified.findings.length > 0) code = TAMPERED;
        else if (verified.blocks > 0) code = 0;
        else around.err('Nothing is sealed yet, so nothing can be said. Does a server run with the folder of the key (DROVER_AUDIT)?');
      });
    });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    around.err(`Not checked: ${cause.message}`);
  }
  return code;
}

export function addAuditCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const audit = root.command('audit').description('the audit and its seal, in the database of DATABASE_URL, with the keys of DROVER_AUDIT');
  addAuditList(audit, around, finish);
  audit
    .command('verify')
    .description('exit 0: whole; 1: tampered with, and the first bad entry is named; 2: could not be checked')
    .option(
      '--anchor <place>',
      'a file with what "drover audit anchor" printed or a letter brought, or a folder that anchors were sent to; the one of DROVER_ANCHORS is looked into anyway',
    )
    .option('--json', 'print the result as JSON', false)
    .action(async (flags: VerifyFlags) => finish(await verify(flags, around)));
  audit
    .command('anchor')
    .description('print the newest block as one line, to be kept where nobody of this company can change it')
    .action(() =>
      asUsage(async () => {
        const anchor = lastAnchor(auditFolderFrom(around.environment));
        if (!anchor) throw new CliFault('usage', 'Nothing is sealed yet.');
        around.out(JSON.stringify(anchor));
        finish(0);
      }),
    );
  audit
    .command('purge')
    .description(`remove the months that are more than ${RETENTION_YEARS} years old; their blocks stay, and the audit says that they went`)
    .option('--dry-run', 'only say which', false)
    .requiredOption('--reason <words>', 'such as "yearly, by the retention rule"')
    .action(async ({ dryRun, reason }: { readonly dryRun: boolean; readonly reason: string }) =>
      finish(
        await onDatabase(around, async (db) => {
          const { months, busy } = dryRun
            ? { months: await purgeable(db, new Date()), busy: false }
            : await purge(db, new Date(), { by: byCommandLine, reason });
          for (const { log, month, from, to, holds } of months)
            around.out(
              [log, month.slice(0, 7), from, to, holds.length > 0 ? `kept for legal hold ${holds.join(', ')}` : ''].join('\t').trim(),
            );
          const held = months.filter(({ holds }) => holds.length > 0).length;
          around.out(`${months.length - held} months ${dryRun ? 'would go' : 'went'}${held > 0 ? `, ${held} kept for legal holds` : ''}.`);
          if (busy) throw new CliFault('usage', 'Somebody reads the audit just now. Ask again for the rest.');
        }),
      ),
    );
  audit
    .command('restart')
    .description('say that the database was put back to an earlier state, so that sealing goes on from there; written into the audit')
    .requiredOption('--reason <words>', 'such as "backup of Monday after the disk failed"')
    .action(({ reason }: { readonly reason: string }) =>
      asUsage(async () =>
        finish(
          await onDatabase(around, async (db) => {
            const { lost, from } = await restartSeal(db, auditFolderFrom(around.environment), reason, new Date());
            around.out(`Sealing goes on after block ${from}. Noted before: block ${lost.block}, sealed ${lost.at}.`);
          }),
        ),
      ),
    );
}
