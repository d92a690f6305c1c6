/** `drover audit list`: what the audit browser shows, in the database of DATABASE_URL. */
import { type Command, InvalidArgumentError } from 'commander';
import type { AuditLine, AuditQuery } from '../../domain/protocol/audit.ts';
import { nounOf } from '../../domain/registry.ts';
import { auditCells, auditColumns, auditLines } from '../audit/audit-csv.ts';
import { type Reader, isDay } from '../audit/browse.ts';
import { securityEvent } from '../db/security-events.ts';
import { byCommandLine, everyRight } from './acting.ts';
import { type List, listing } from './list.ts';
import type { Surroundings } from './on-database.ts';

function dayOf(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('Give a day such as 2026-12-01.');
  return text;
}
const MOST = 100;
function countOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/u.test(text)) throw new InvalidArgumentError('Give a whole number, from 1 on.');
  return Number(text);
}

interface Flags extends AuditQuery {
  readonly most?: number;
  readonly csv: boolean;
}
const reader: Reader = { account: everyRight, nounOf };

async function* rowsOf(lines: AsyncIterable<AuditLine>, most: number): AsyncGenerator<string[]> {
  let count = 0;
  for await (const line of lines) {
    yield auditCells(line, nounOf(line.collection));
    count += 1;
    if (count >= most) return;
  }
}

export function addAuditList(audit: Command, around: Surroundings, finish: (code: number) => void): void {
  const list = audit
    .command('list')
    .description(`changes and events, newest first: the newest ${MOST}, with --csv all; reading it so is an event itself`)
    .option('--who <account or name>', 'the id of an account, or a part of the name')
    .option('--device <text>', 'a part of its name')
    .option('--collection <name>', 'such as orders; security_events for events alone')
    .option('--id <id>', 'of a record')
    .option('--what <word>', 'a command such as change, or a kind of event such as signed_in')
    .option('--from <day>', 'in UTC, such as 2026-12-01', dayOf)
    .option('--to <day>', 'in UTC, that day included', dayOf)
    .option('--text <part>', 'a part of what was written, of the reason or of the details')
    .option('--most <entries>', 'no more than so many', countOf);
  listing(list, around, finish, async (db): Promise<List> => {
    const { most, csv, ...query } = list.opts<Flags>();
    const limit = most ?? (csv ? Infinity : MOST);
    const { device, address } = byCommandLine;
    const details = { what: 'audit', filter: query };
    await securityEvent(db, { kind: 'exported', who: byCommandLine, device, address, at: new Date(), details });
    return { columns: auditColumns, rows: rowsOf(auditLines(db, query, reader), limit) };
  });
}
