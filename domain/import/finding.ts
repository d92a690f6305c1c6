/** What an import says about a cell or a row, and what became of the row. */

/**
 * note: tidied, nothing a person must look at. repair: the value was changed. warning: kept, but doubted, or left out and
 * kept as an extra. error: the row stays out.
 */
export type FindingLevel = 'note' | 'repair' | 'warning' | 'error';

export interface Finding {
  readonly level: FindingLevel;
  /** Stable, for programs, counts and tests: `zip_padded`, `odd_est`, ... */
  readonly code: string;
  /** Header of the column in the file; '' for the row as a whole. */
  readonly column: string;
  /** One sentence that names the column and the value before and after. */
  readonly message: string;
}

export const outcomeLabels = {
  imported: 'Imported',
  repaired: 'Repaired',
  unchanged: 'Unchanged',
  skipped: 'Skipped',
  bad: 'Kept out',
} as const;
/**
 * imported: written as it stands. repaired: written after repairs that are named. unchanged: already here with this content.
 * skipped: deliberately left alone. bad: kept out, with reasons.
 */
export type Outcome = keyof typeof outcomeLabels;

export const finding = (level: FindingLevel, code: string, column: string, message: string): Finding => ({ level, code, column, message });

/** How a value is shown inside a sentence: quoted, and cut where it would drown the sentence. */
export const quote = (value: string): string => `"${value.length > 80 ? `${value.slice(0, 77)}...` : value}"`;

export type OutcomeCounts = Record<Outcome, number>;
export const noCounts = (): OutcomeCounts => ({ imported: 0, repaired: 0, unchanged: 0, skipped: 0, bad: 0 });
export const totalOf = (counts: OutcomeCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
