/** What an import did, row by row, as a CSV that a person can mend and import again. */
import { csvLine } from '../units/csv.ts';
import { type Finding, type Outcome, outcomeLabels } from './finding.ts';

export interface ReportRow {
  readonly line: number;
  readonly cells: readonly string[];
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

/**
 * A row is listed when a person may want to look at it: it was kept out, or something was done to it that is more than
 * tidying. What is here already was reported when it was written.
 */
export const isListed = ({ outcome, findings }: Pick<ReportRow, 'outcome' | 'findings'>): boolean =>
  outcome === 'bad' || (outcome !== 'unchanged' && findings.some((each) => each.level !== 'note'));

/** Names of the columns that a report adds in front; a later import of the report leaves them alone. */
export const reportColumns: readonly string[] = ['Line', 'Outcome', 'Reasons'];

/** The report as RFC 4180 CSV with a byte order mark, without which Excel reads UTF-8 as Windows-1252. */
export function reportCsv(headers: readonly string[], rows: readonly ReportRow[]): string {
  const parts = ['\ufeff', csvLine([...reportColumns, ...headers])];
  for (const row of rows) {
    const reasons = row.findings.filter((finding) => finding.level !== 'note').map((finding) => finding.message);
    const cells = headers.map((_, i) => row.cells[i] ?? '');
    parts.push(csvLine([String(row.line), outcomeLabels[row.outcome], reasons.join(' '), ...cells]));
  }
  return parts.join('');
}
