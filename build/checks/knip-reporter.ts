/**
 * knip's own JSON reporter leaves out how many files it analysed, and a dead-code check that saw nothing would pass.
 * knip loads a reporter by its default export.
 */
import type { Reporter } from 'knip';

export interface KnipAnswer {
  readonly processed: number;
  /** One line an issue: `exports renderer/ui/view.ts: placeAll`. */
  readonly issues: readonly string[];
}

const report: Reporter = ({ issues, counters, cwd }) => {
  const lines: string[] = [];
  for (const [kind, byFile] of Object.entries(issues)) {
    if (kind === '_files' || byFile instanceof Set) continue;
    for (const [file, bySymbol] of Object.entries(byFile)) {
      for (const issue of Object.values(bySymbol as Record<string, { symbol: string; line?: number }>)) {
        const at = (file.startsWith(cwd) ? file.slice(cwd.length + 1) : file) + (issue.line === undefined ? '' : `:${issue.line}`);
        lines.push(kind === 'files' ? `unused file ${at}` : `${kind} ${at}: ${issue.symbol}`);
      }
    }
  }
  const answer: KnipAnswer = { processed: counters.processed, issues: lines };
  process.stdout.write(JSON.stringify(answer));
};
export default report;
