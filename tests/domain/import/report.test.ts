import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { finding } from '../../../domain/import/finding.ts';
import { isListed, reportCsv } from '../../../domain/import/report.ts';
import { csvCell, csvLine } from '../../../domain/units/csv.ts';

describe('cells', () => {
  test.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['He said "no"', '"He said ""no"""'],
    ['two\nlines', '"two\nlines"'],
    [' blanks ', '" blanks "'],
    ['=1+1', "'=1+1"],
    ['=cmd|"/c calc"!A1', `"'=cmd|""/c calc""!A1"`],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+1 (555) 010', "'+1 (555) 010"],
    ['-2+3', "'-2+3"],
    ['\t=1', '"\'\t=1"'],
    ['-94.20698998', '-94.20698998'],
    ['+5', '+5'],
    ['07206', '07206'],
    ['', ''],
  ])('%j', (value, cell) => expect(csvCell(value)).toBe(cell));

  test('every row comes back as it was, but for the apostrophe before a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 6 }), (cells) => {
        const [row] = Papa.parse<string[]>(csvLine(cells).slice(0, -2), { delimiter: ',', newline: '\r\n' }).data;
        expect(row?.map((cell, i) => (cell === `'${cells[i]}` ? cells[i] : cell))).toEqual(cells);
      }),
    );
  });
  test('no cell starts like a formula', () => {
    fc.assert(
      fc.property(fc.constantFrom('=', '+', '-', '@', '\t', '\r'), fc.string(), (sign, rest) => {
        const cell = csvCell(sign + rest).replace(/^"/u, '');
        expect(/^[=@\t\r]/u.test(cell)).toBe(false);
        if (/^[+-]/u.test(cell)) expect(cell).toMatch(/^[+-]\d+([.,]\d+)*"?$/u);
      }),
    );
  });
});

test('a report has the line, the outcome, the reasons but not the notes, and the columns as they came', () => {
  const findings = [
    finding('note', 'trimmed', 'street', 'street: blanks.'),
    finding('repair', 'zip_padded', 'zip', 'zip: "7206" became "07206".'),
  ];
  const csv = reportCsv(['id', 'zip', 'phone'], [{ line: 3, cells: ['195', '7206'], outcome: 'repaired', findings }]);
  expect(csv).toBe('\ufeffLine,Outcome,Reasons,id,zip,phone\r\n3,Repaired,"zip: ""7206"" became ""07206"".",195,7206,\r\n');
});

test.each([
  ['bad', [], true],
  ['repaired', [finding('repair', 'zip_padded', 'zip', '')], true],
  ['imported', [finding('warning', 'odd_duns', 'duns', '')], true],
  ['imported', [finding('note', 'trimmed', 'street', '')], false],
  ['unchanged', [finding('repair', 'zip_padded', 'zip', '')], false],
  ['skipped', [finding('warning', 'deleted_here', '', '')], true],
] as const)('%s with %j is listed: %s', (outcome, findings, listed) => expect(isListed({ outcome, findings })).toBe(listed));
