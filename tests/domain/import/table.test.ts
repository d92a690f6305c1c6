import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTable, sniffDelimiter } from '../../../domain/import/table.ts';
import { platform } from './import-kit.ts';

const read = (text: string) => readTable(text, platform.parse);
const rowsOf = (text: string) => read(text).rows.map(({ line, cells }) => [line, ...cells]);

describe('line ends', () => {
  test.each([
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['mixed', 'a,b\r\n1,2\n3,4\r'],
    ['LF', 'a,b\n1,2\n3,4'],
  ])('%s', (lineEnd, text) => {
    expect(read(text).lineEnd).toBe(lineEnd);
    expect(rowsOf(text)).toEqual([
      [1, 'a', 'b'],
      [2, '1', '2'],
      [3, '3', '4'],
    ]);
  });
  test('CR only and a mixture are said aloud', () => {
    expect(read('a,b\r1,2\r').notes[0]).toMatch(/CR only/);
    expect(read('a,b\r\n1,2\n').notes[0]).toMatch(/different line ends/);
  });
});

describe('lines of rows', () => {
  test('blank lines and lines inside quotes count', () => {
    expect(rowsOf('a,b\r\n\r\n"two\r\nlines",2\r\n,\r\n3,4\r\n')).toEqual([
      [1, 'a', 'b'],
      [3, 'two\nlines', '2'],
      [6, '3', '4'],
    ]);
  });
  test('a row names its own line, whatever stands before it', () => {
    const cell = fc.constantFrom('x', 'x y', 'two\nlines', 'with "quotes"', 'a,b');
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 }), (cells) => {
        const quoted = cells.map((row, i) => [String(i), ...row].map((each) => `"${each.replaceAll('"', '""')}"`).join(','));
        const text = quoted.join('\n');
        for (const { line, cells: found } of read(text).rows) {
          expect(text.split('\n')[line - 1]).toMatch(new RegExp(`^"${found[0]}",`));
        }
      }),
    );
  });
});

describe('quotes', () => {
  test('commas, quotes and blanks inside', () => {
    expect(rowsOf('"American Egg Products, LLC","He said ""no"""," x "')).toEqual([
      [1, 'American Egg Products, LLC', 'He said "no"', ' x '],
    ]);
  });
  test('a quote that is never closed is named with its line', () => {
    expect(read('a,b\n1,2\n"3,4\n5,6\n').notes.join(' ')).toMatch(/Line 3: a quotation mark is not closed/);
  });
});

describe('delimiters', () => {
  test.each([
    [',', 'a,b,c\n1,"x;y;z;w",3\n'],
    [';', 'name;city;price\nx;y;1,50\nz;w;2,75\n'],
    ['\t', 'name\tcity\nLast, First\tDodge City, KS\nOther, One\tX\n'],
    ['|', 'a|b\n1|2\n'],
    [',', 'only\none\ncolumn\n'],
  ])('%j', (delimiter, text) => expect(sniffDelimiter(text)).toBe(delimiter));

  test("Excel's own first line is obeyed and is no row", () => {
    expect(rowsOf('sep=;\r\na;b\r\n1,5;2\r\n')).toEqual([
      [2, 'a', 'b'],
      [3, '1,5', '2'],
    ]);
  });
});

test('nothing is read as a number', () => {
  expect(rowsOf('id,zip,dot\n007,07206,0001\n')).toEqual([
    [1, 'id', 'zip', 'dot'],
    [2, '007', '07206', '0001'],
  ]);
});
