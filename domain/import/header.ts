/** Finds the header row of a table and the kind of record it most likely holds. */
import { normalizeHeader } from '../entity/import-mapping.ts';
import { type Profile, targetAliases } from './profile.ts';
import type { TableRow } from './table.ts';

export interface HeaderGuess {
  /** Index into the table's rows; the records start right after it. */
  readonly row: number;
  /** The profile whose names fit best; undefined when no column was recognised. */
  readonly profile?: Profile;
  /** How many columns the profile knows. */
  readonly known: number;
}

/** Titles and notes above a table stand in its first lines; nobody writes more than this many. */
const SEARCHED_ROWS = 40;

/** How many different targets of a profile the cells of a row name, and how many cells are its own marks. */
function fitOf(profile: Profile, cells: readonly string[]): { readonly known: number; readonly marks: number } {
  const aliases = targetAliases(profile);
  const marks = new Set(profile.marks.map(normalizeHeader));
  const normalized = cells.map(normalizeHeader);
  const paths = new Set(normalized.map((cell) => aliases.get(cell)).filter((path) => path !== undefined));
  return { known: paths.size, marks: normalized.filter((cell) => marks.has(cell)).length };
}

/** A row of names: at least two cells, all different, most of them words. For files whose columns nobody knows. */
function looksLikeNames(cells: readonly string[]): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  const words = filled.filter((cell) => /\p{L}/u.test(cell) && cell.length <= 120);
  return filled.length >= 2 && filled.length * 2 > cells.length && new Set(filled).size === filled.length && words.length === filled.length;
}

/**
 * The row that names the most columns of any profile wins, a profile's own marks counting twice; the earlier row and the
 * earlier profile win a tie, so special profiles stand before general ones. A single hit counts only in a one-column table, for "name" also occurs in titles.
 */
export function guessHeader(rows: readonly TableRow[], profiles: readonly Profile[]): HeaderGuess {
  let best: HeaderGuess & { readonly score: number } = { row: -1, known: 0, score: 0 };
  rows.slice(0, SEARCHED_ROWS).forEach((row, index) => {
    if (row.cells.filter((cell) => cell.trim() !== '').length < Math.min(2, rows[0]?.cells.length ?? 1)) return;
    for (const profile of profiles) {
      const { known, marks } = fitOf(profile, row.cells);
      const score = known + marks;
      if (score > best.score && (known >= 2 || marks > 0 || row.cells.length === 1)) best = { row: index, profile, known, score };
    }
  });
  if (best.row >= 0) return best;
  const named = rows.slice(0, SEARCHED_ROWS).findIndex((row) => looksLikeNames(row.cells));
  return { row: Math.max(0, named), known: 0 };
}
