/**
 * Text -> rows of cells with the line each row starts on. The CSV parser itself is handed in (papaparse on both sides);
 * this file decides what it is told: delimiter and line ends.
 */

export type Delimiter = ',' | ';' | '\t' | '|';
export type LineEnd = 'CRLF' | 'LF' | 'CR' | 'mixed';

/** The part of papaparse that an import needs: no type guessing, no header handling, no skipping. */
export type ParseCsv = (
  text: string,
  settings: {
    readonly delimiter: string;
    readonly newline: '\n';
    readonly header: false;
    readonly dynamicTyping: false;
    readonly skipEmptyLines: false;
  },
) => {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly code: string; readonly row?: number | undefined }[];
};

export interface TableRow {
  /** Line of the file on which the row starts; the first line is 1. */
  readonly line: number;
  readonly cells: readonly string[];
}
export interface Table {
  readonly rows: readonly TableRow[];
  readonly delimiter: Delimiter;
  readonly lineEnd: LineEnd;
  readonly notes: readonly string[];
}

/** Which line ends a text uses. Old Mac exports (and one real FSIS file of 2018) use CR only. */
export function lineEndOf(text: string): LineEnd {
  const crlf = text.match(/\r\n/gu)?.length ?? 0;
  const cr = (text.match(/\r/gu)?.length ?? 0) - crlf;
  const lf = (text.match(/\n/gu)?.length ?? 0) - crlf;
  const used = [crlf > 0, cr > 0, lf > 0].filter(Boolean).length;
  if (used > 1) return 'mixed';
  if (crlf > 0) return 'CRLF';
  return cr > 0 ? 'CR' : 'LF';
}

/** How often a sign stands outside quotes on each of the first lines. */
function countsPerLine(lines: readonly string[], sign: string): number[] {
  const counts: number[] = [];
  let quoted = false;
  let count = 0;
  for (const line of lines) {
    for (const character of line) {
      if (character === '"') quoted = !quoted;
      else if (character === sign && !quoted) count += 1;
    }
    if (quoted) continue;
    counts.push(count);
    count = 0;
  }
  return counts;
}

/** The sign that splits the most lines into the same number of cells; a comma when nothing speaks for another. */
export function sniffDelimiter(text: string): Delimiter {
  const lines = text
    .slice(0, 65_536)
    .split('\n', 60)
    .filter((line) => line.trim() !== '');
  let best: Delimiter = ',';
  let bestScore = 0;
  for (const sign of [',', ';', '\t', '|'] as const) {
    const counts = countsPerLine(lines, sign);
    const tally = new Map<number, number>();
    for (const count of counts) if (count > 0) tally.set(count, (tally.get(count) ?? 0) + 1);
    let score = 0;
    for (const [count, times] of tally) score = Math.max(score, times * 10 + Math.min(count, 9));
    if (score > bestScore) [best, bestScore] = [sign, score];
  }
  return best;
}

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

/** Rows with their lines; blank rows are left out, line numbers still count them. */
export function readTable(text: string, parse: ParseCsv): Table {
  const lineEnd = lineEndOf(text);
  const unified = lineEnd === 'LF' ? text : text.replace(/\r\n?/gu, '\n');
  // Excel writes `sep=;` as a first line for itself.
  const told = /^sep=([,;|\t])\n/iu.exec(unified)?.[1] as Delimiter | undefined;
  const delimiter = told ?? sniffDelimiter(unified);
  const body = told === undefined ? unified : unified.slice(6);
  const parsed = parse(body, { delimiter, newline: '\n', header: false, dynamicTyping: false, skipEmptyLines: false });
  const rows: TableRow[] = [];
  const notes: string[] = [];
  if (lineEnd === 'CR') notes.push('Lines end with CR only, as old Mac programs write them; they were read as lines.');
  if (lineEnd === 'mixed') notes.push('The file mixes different line ends; all of them were read as lines.');
  const badQuotes = new Set(parsed.errors.filter((e) => e.code === 'MissingQuotes' || e.code === 'InvalidQuotes').map((e) => e.row));
  let line = told === undefined ? 1 : 2;
  parsed.data.forEach((cells, index) => {
    if (badQuotes.has(index))
      notes.push(`Line ${line}: a quotation mark is not closed. Rows after it may have run together; check them in the preview.`);
    if (!isBlank(cells)) rows.push({ line, cells });
    line += 1 + cells.reduce((sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);
  });
  return { rows, delimiter, lineEnd, notes };
}
