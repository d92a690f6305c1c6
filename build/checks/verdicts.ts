/**
 * What each checker's output means. A checker that looked at nothing has proved nothing: every verdict counts what was
 * looked at, and zero is a failure. Pure, so that tests can feed them the output of a checker that saw no files.
 */
import type { KnipAnswer } from './knip-reporter.ts';
import type { Printed } from './tool.ts';

export interface Verdict {
  readonly ok: boolean;
  /** How much the checker looked at, in `unit`. */
  readonly looked: number;
  readonly unit: string;
  /** Printed when not ok. */
  readonly findings: readonly string[];
}

/** Folders with code and the fewest files a checker must have seen there; a lower count means that it looked elsewhere. */
export const FOLDERS: Readonly<Record<string, number>> = {
  domain: 20,
  renderer: 20,
  'sync-server': 15,
  electron: 4,
  build: 8,
  tests: 20,
  bench: 1,
};

const verdict = (ok: boolean, looked: number, unit: string, findings: readonly string[], printed: Printed): Verdict => {
  const notes = looked === 0 ? [`looked at no ${unit}; a check of nothing proves nothing`, ...findings] : [...findings];
  if (!ok && notes.length === 0) notes.push(printed.out.trim(), printed.err.trim());
  return { ok: ok && looked > 0, looked, unit, findings: notes.filter((note) => note !== '') };
};

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

function parsed<T>(printed: Printed): T | undefined {
  try {
    return JSON.parse(printed.out) as T;
  } catch (error) {
    // The caller turns this into a failure that shows what the tool printed instead of its JSON.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `tsc --listFiles`: every line that is a path is a file looked at, every other line is a finding. */
export function judgeTypes(printed: Printed, root: string): Verdict {
  const lines = linesOf(printed.out);
  const isPath = (line: string): boolean => /^(\/|[A-Za-z]:\/).*\.(ts|tsx|mts|cts|json|js|mjs)$/.test(line);
  const own = lines.filter((line) => isPath(line) && line.startsWith(`${root}/`) && !line.includes('/node_modules/'));
  const findings = lines.filter((line) => !isPath(line));
  return verdict(printed.code === 0, own.length, 'files', findings, printed);
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: { readonly violations: readonly Violation[] };
}
interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
  readonly comment?: string;
  readonly cycle?: readonly { readonly name: string }[];
}

/** dependency-cruiser's JSON; fails on any violation, and when a folder shows fewer modules than it must have. */
export function judgeBoundaries(printed: Printed, least: Readonly<Record<string, number>>, advice: ReadonlyMap<string, string>): Verdict {
  const cruise = parsed<Cruise>(printed);
  if (cruise === undefined) return verdict(false, 0, 'modules', [printed.out, printed.err], printed);
  const sources = cruise.modules.map((module) => module.source);
  const findings: string[] = [];
  let looked = 0;
  for (const [folder, expected] of Object.entries(least)) {
    const seen = sources.filter((source) => source.startsWith(`${folder}/`)).length;
    looked += seen;
    if (seen < expected) findings.push(`cruised ${seen} modules in ${folder}/, expected at least ${expected}`);
  }
  for (const { from, to, rule, cycle } of cruise.summary.violations) {
    const path = cycle === undefined ? to : cycle.map((step) => step.name).join(' -> ');
    const why = advice.get(rule.name);
    findings.push(`${rule.name}: ${from} -> ${path}${why === undefined ? '' : `\n    ${why}`}`);
  }
  return verdict(findings.length === 0, looked, 'modules', findings, printed);
}

interface Lint {
  readonly number_of_files: number;
  readonly diagnostics: readonly Diagnostic[];
}
interface Diagnostic {
  readonly message: string;
  readonly code?: string;
  readonly filename: string;
  readonly labels?: readonly { readonly span: { readonly line?: number } }[];
}

/** oxlint's JSON; warnings count as errors, because a warning nobody must mend is noise. */
export function judgeLint(printed: Printed): Verdict {
  const lint = parsed<Lint>(printed);
  if (lint === undefined) return verdict(false, 0, 'files', [printed.out, printed.err], printed);
  const findings = lint.diagnostics.map(
    ({ filename, labels, code, message }) => `${filename}:${labels?.[0]?.span.line ?? 1} ${message} ${code ?? ''}`,
  );
  return verdict(printed.code === 0 && findings.length === 0, lint.number_of_files, 'files', findings, printed);
}

interface Format {
  readonly summary: { readonly changed: number; readonly unchanged: number; readonly errors: number };
  readonly diagnostics: readonly { readonly category?: string; readonly message: string; readonly location?: { readonly path?: string } }[];
}

/** Biome's JSON, of `format` and of `format --write`. */
export function judgeFormat(printed: Printed): Verdict {
  const format = parsed<Format>(printed);
  if (format === undefined) return verdict(false, 0, 'files', [printed.out, printed.err], printed);
  const { changed, unchanged } = format.summary;
  const findings = format.diagnostics.map(({ category, message, location }) =>
    category === 'format' ? `${location?.path ?? ''} is not formatted` : `${location?.path ?? ''} ${message}`,
  );
  if (findings.length > 0) findings.push('`npm run check -- --fix` formats all files');
  return verdict(printed.code === 0, changed + unchanged, 'files', findings, printed);
}

/** The answer of knip-reporter.ts. */
export function judgeDeadCode(printed: Printed): Verdict {
  const knip = parsed<KnipAnswer>(printed);
  if (knip === undefined) return verdict(false, 0, 'files', [printed.out, printed.err], printed);
  return verdict(printed.code === 0 && knip.issues.length === 0, knip.processed, 'files', knip.issues, printed);
}

interface Tests {
  readonly numTotalTests: number;
  readonly success: boolean;
  readonly testResults: readonly TestFile[];
}
interface TestFile {
  readonly name: string;
  readonly message?: string;
  readonly status: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages?: readonly string[];
  }[];
}

/** vitest's JSON report. */
export function judgeTests(printed: Printed): Verdict {
  const tests = parsed<Tests>(printed);
  if (tests === undefined) return verdict(false, 0, 'tests', [printed.out, printed.err], printed);
  const findings = tests.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((result) => result.status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [`${file.name}: ${file.message ?? 'failed'}`];
    return failed.map((result) => `${result.fullName}\n${(result.failureMessages ?? []).map(withoutStack).join('\n')}`);
  });
  return verdict(printed.code === 0 && tests.success, tests.numTotalTests, 'tests', findings, printed);
}

const withoutStack = (message: string): string =>
  message
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n');
