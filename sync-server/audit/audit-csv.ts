/** The audit as a table for a spreadsheet. What a spreadsheet would run as a formula is written as text. */
import { securityEventLabels } from '../../domain/access/security-event.ts';
import { allFields } from '../../domain/entity/entity.ts';
import { csvLine } from '../../domain/units/csv.ts';
import type { AuditLine } from '../../domain/protocol/audit.ts';
import type { Noun } from '../../domain/record/noun.ts';

export const csvHead: string = `\ufeff${csvLine([
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
])}`;

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

export function csvOf(line: AuditLine, noun: Noun | undefined): string {
  const labels: Readonly<Record<string, string>> = securityEventLabels;
  return csvLine([
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
  ]);
}
