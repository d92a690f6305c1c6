/** One thing wrong with a record: named by field, with a code for programs and a sentence that says the way out. */
export interface Problem {
  /** Path of the field: `name`, `lines.2.quantity`. '' for the record as a whole. */
  readonly field: string;
  /** Stable, for programs and tests: `required`, `too_long`, `unknown_choice`, ... */
  readonly code: string;
  readonly message: string;
  /** Id of the rule in docs/rules.md, where one stands behind it. */
  readonly rule?: string;
  /** A soft problem warns and lets the user go on; a hard one refuses. */
  readonly severity: 'hard' | 'soft';
}

export const hard = <Code extends string>(field: string, code: Code, message: string, rule?: string): Problem & { readonly code: Code } =>
  rule === undefined ? { field, code, message, severity: 'hard' } : { field, code, message, rule, severity: 'hard' };
export const soft = (field: string, code: string, message: string, rule?: string): Problem =>
  rule === undefined ? { field, code, message, severity: 'soft' } : { field, code, message, rule, severity: 'soft' };
