/** One line a measurement: ours beside its baseline, and the ratio, where more than 1 is always better for us. */
import type { Postgres } from '../build/postgres.ts';

/** What a subject of the bench works with. */
export interface Run {
  readonly postgres: Postgres;
  /** Small sizes, only to see that it works. */
  readonly quick: boolean;
  /** Sizes beyond what a broker has today. */
  readonly large: boolean;
  readonly say: (text: string) => void;
}
/** Something that `npm run bench` measures. */
export interface Subject {
  /** What to know before its numbers are believed. */
  readonly notes: readonly string[];
  measure(run: Run): Promise<Line[]>;
}
export interface Line {
  readonly what: string;
  readonly unit: 'documents/s' | 'requests/s' | 'ms' | 'MB' | 'KiB' | 'edits';
  readonly ours: number;
  readonly baselines: readonly { readonly name: string; readonly value: number }[];
}
export interface Report {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly node: string;
    readonly loadBefore: number;
  };
  readonly documentBytes: number;
  readonly lines: readonly Line[];
  /** What to know before the numbers are believed. */
  readonly notes: readonly string[];
}

/** Below this a browser's clock says nothing (it ticks in steps of 0.1 ms). */
const TICK_MS = 0.1;

/** undefined where one of the two is too small to be compared. */
export function ratioOf(line: Line, baseline: number): number | undefined {
  if (line.unit === 'documents/s' || line.unit === 'requests/s') return line.ours / baseline;
  return line.unit === 'edits' || line.ours < TICK_MS || baseline < TICK_MS ? undefined : baseline / line.ours;
}

/** The report with its ratios, for `--json`. */
export const withRatios = (report: Report) => ({
  ...report,
  lines: report.lines.map((line) => ({
    ...line,
    baselines: line.baselines.map((one) => ({ ...one, ratio: ratioOf(line, one.value) ?? null })),
  })),
});

const number = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);

const ratioText = (line: Line, baseline: number): string => {
  const ratio = ratioOf(line, baseline);
  return ratio === undefined ? '-' : `${ratio.toFixed(2)}x`;
};

/** Markdown, so that it reads in a terminal and goes into docs/benchmarks.md as it is. */
export function tableOf(report: Report): string {
  const rows = report.lines.flatMap((line) =>
    line.baselines.map(({ name, value }, i) => [
      i === 0 ? line.what : '',
      i === 0 ? `${number(line.ours)} ${line.unit}` : '',
      name,
      number(value),
      ratioText(line, value),
    ]),
  );
  const all = [['What', 'Drover', 'Baseline', 'its value', 'ratio'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = all;
  return [
    line(head),
    `| ${widths.map((w, i) => (i < 3 ? '-'.repeat(w) : `${'-'.repeat(Math.max(1, w - 1))}:`)).join(' | ')} |`,
    ...body.map(line),
  ].join('\n');
}
