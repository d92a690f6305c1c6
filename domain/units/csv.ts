/** Text for spreadsheets. */

/**
 * One cell: quoted when RFC 4180 asks for it, and never a formula. A cell that a spreadsheet would run (=, +, -, @, tab,
 * a line end, NUL, or the wide forms that East Asian versions read alike, at its start) gets an apostrophe in front, as OWASP's CSV injection note says; plain signed numbers stay as they are,
 * because a longitude of -94.2 is no formula.
 */
export function csvCell(value: string): string {
  const runs = /^[=+\-@\t\r\n\0＝＋－＠]/u.test(value) && !/^[+-]?\d+([.,]\d+)*$/u.test(value);
  const safe = runs ? `'${value}` : value;
  return /[",\r\n;\t]/u.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;
