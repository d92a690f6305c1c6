/** The audit as a table, for a spreadsheet too. What that would run as a formula is written as text. */
import { securityEventLabels } from '../../domain/access/security-event.ts';
import { allFields } from '../../domain/entity/entity.ts';
import { csvLine } from '../../domain/units/csv.ts';
import type { AuditLine, AuditQuery } from '../../domain/protocol/audit.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Runner } from '../db/database.ts';
import { type Reader, browsePage } from './browse.ts';

export const auditColumns: readonly string[] = [
  'Entry',
  'Time (server, UTC)',
  'Time (device, UTC)',
  'Account',
  'Name',
  'Device',
  'Address',
  'What',
  'Kind of record',
  'Record',
  'Reason',
  'Changes',
  'Request',
];

/** Every write touches them. */
const STAMPS: ReadonlySet<string> = new Set(['w', 'modifiedAt', 'modifiedBy']);
const textOf = (value: unknown): string =>
  value === undefined || value === '' ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);

function changesOf({ log, before, after }: AuditLine, noun: Noun | undefined): string {
  if (log === 'security_events')
    return Object.entries(after)
      .map(([key, value]) => `${key}: ${textOf(value)}`)
      .join('; ');
  const fields = noun ? allFields(noun.entity) : {};
  return Object.keys({ ...before, ...after })
    .filter((key) => !STAMPS.has(key) && JSON.stringify(before?.[key]) !== JSON.stringify(after[key]))
    .map((key) => {
      const label = fields[key]?.label ?? key;
      return before ? `${label}: ${textOf(before[key])} -> ${textOf(after[key])}` : `${label}: ${textOf(after[key])}`;
    })
    .join('; ');
}

export function auditCells(line: AuditLine, noun: Noun | undefined): string[] {
  const labels: Readonly<Record<string, string>> = securityEventLabels;
  return [
    `${line.log === 'audit' ? 'change' : 'event'} ${line.seq}`,
    line.at,
    line.deviceAt ?? '',
    line.who ?? '',
    line.whoName,
    line.device,
    line.address,
    line.log === 'audit' ? line.what : (labels[line.what] ?? line.what),
    noun?.entity.labels ?? line.collection,
    line.id,
    line.reason,
    changesOf(line, noun),
    line.request,
  ];
}

const PAGE = 500;
/** All that the query finds and the reader may see, newest first, read page by page. */
export async function* auditLines(runner: Runner, query: AuditQuery, reader: Reader): AsyncGenerator<AuditLine> {
  for (let { after } = query; ; ) {
    const { lines, next } = await browsePage(runner, { ...query, ...(after === undefined ? {} : { after }) }, PAGE, reader);
    yield* lines;
    if (next === null) return;
    after = next;
  }
}
/** The same as a file. */
export async function* auditCsv(runner: Runner, query: AuditQuery, reader: Reader): AsyncGenerator<string> {
  yield `\ufeff${csvLine(auditColumns)}`;
  for await (const line of auditLines(runner, query, reader)) yield csvLine(auditCells(line, reader.nounOf(line.collection)));
}
