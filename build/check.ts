/**
 * `npm run check`: types, boundaries, lint, format, dead code, dependencies and the tree tests, in under a minute on two cores.
 * `npm run check -- --fix` formats first; `npm run check -- lint types` runs only what begins with these words.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { judgeDependencies, readInstalled } from './checks/dependencies.ts';
import { type Printed, runTool, scriptOf } from './checks/tool.ts';
import {
  FOLDERS,
  type Verdict,
  judgeBoundaries,
  judgeDeadCode,
  judgeFormat,
  judgeLint,
  judgeTests,
  judgeTypes,
} from './checks/verdicts.ts';

interface Check {
  readonly name: string;
  readonly run: () => Promise<Verdict>;
}
interface Outcome extends Verdict {
  readonly name: string;
  readonly seconds: number;
}

const root = resolve(import.meta.dirname, '..');
const folders = Object.keys(FOLDERS);
const everything = [...folders, 'vite.config.ts'];
const tool = (packageName: string, command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Printed> =>
  runTool(root, scriptOf(root, packageName, command), args, env);

/** One project a runtime; `bench/` and the top-level configuration belong to build/tsconfig.json. */
const typeChecks: readonly Check[] = ['domain', 'renderer', 'sync-server', 'electron', 'build', 'tests'].map((folder) => ({
  name: `types ${folder}`,
  run: async () => judgeTypes(await tool('typescript-7', 'tsc', ['-p', folder, '--listFiles', '--pretty', 'false']), root),
}));

/** Rule name -> what to do about it, from the rules themselves. */
function boundaryAdvice(): ReadonlyMap<string, string> {
  const { forbidden } = createRequire(import.meta.url)(join(root, 'build/boundaries.cjs')) as {
    forbidden: { name: string; comment: string }[];
  };
  return new Map(forbidden.map((rule) => [rule.name, rule.comment]));
}

const format = (...more: string[]): Promise<Printed> =>
  tool('@biomejs/biome', 'biome', [
    'format',
    ...more,
    '--config-path=build/biome-format.json',
    '--reporter=json',
    '--max-diagnostics=200',
    ...everything,
  ]);

/** vitest writes its JSON to a file and says so on stdout; the file takes stdout's place here. */
async function treeTests(): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-check-'));
  const file = join(folder, 'tests.json');
  try {
    const printed = await tool('vitest', 'vitest', ['run', '--project', 'tree', '--reporter=json', `--outputFile.json=${file}`], {
      CI: '1',
    });
    return judgeTests(existsSync(file) ? { ...printed, out: readFileSync(file, 'utf8') } : printed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The slowest first, so that the short ones fill the gaps. */
const checks: readonly Check[] = [
  { name: 'tree tests', run: treeTests },
  ...typeChecks.toReversed(),
  {
    name: 'lint',
    run: async () => judgeLint(await tool('oxlint', 'oxlint', ['--type-aware', '--format=json', ...everything])),
  },
  {
    name: 'boundaries',
    run: async () =>
      judgeBoundaries(
        await tool('dependency-cruiser', 'depcruise', ['--config', 'build/boundaries.cjs', '-T', 'json', ...everything]),
        FOLDERS,
        boundaryAdvice(),
      ),
  },
  {
    name: 'dead code',
    run: async () =>
      judgeDeadCode(
        await tool('knip', 'knip', ['--config', 'build/knip.json', '--reporter', './build/checks/knip-reporter.ts', '--no-progress']),
      ),
  },
  { name: 'format', run: async () => judgeFormat(await format()) },
  { name: 'dependencies', run: async () => judgeDependencies(readInstalled(root)) },
];

async function timed({ name, run }: Check): Promise<Outcome> {
  const started = performance.now();
  const verdict = await run();
  return { name, ...verdict, seconds: (performance.now() - started) / 1000 };
}

/** At most one check a core, in the given order; the answers in that order too. */
async function runAll(chosen: readonly Check[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < chosen.length; i = next++) {
      const check = chosen[i];
      if (check) outcomes[i] = await timed(check);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return outcomes;
}

function print(outcomes: readonly Outcome[], seconds: number): void {
  for (const { name, findings } of outcomes.filter((outcome) => !outcome.ok)) {
    console.log(`\n${name}: ${findings.length} to mend`);
    for (const finding of findings) console.log(`  ${finding}`);
  }
  console.log('');
  for (const { name, ok, looked, unit, seconds: took } of outcomes) {
    console.log(
      `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(18)} ${String(looked).padStart(5)} ${unit.padEnd(8)} ${took.toFixed(1).padStart(5)} s`,
    );
  }
  const failed = outcomes.filter((outcome) => !outcome.ok).length;
  console.log(`\n${failed === 0 ? 'All checks passed' : `${failed} of ${outcomes.length} checks failed`} in ${seconds.toFixed(1)} s.`);
}

const words = process.argv.slice(2).filter((argument) => argument !== '--fix');
const chosen = words.length === 0 ? checks : checks.filter(({ name }) => words.some((word) => name.startsWith(word)));
if (chosen.length === 0) {
  console.error(`No check begins with ${words.join(' or ')}. There are: ${checks.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
if (process.argv.includes('--fix')) {
  const written = judgeFormat(await format('--write'));
  console.log(`Formatted ${written.looked} files.`);
}
const started = performance.now();
const outcomes = await runAll(chosen);
print(outcomes, (performance.now() - started) / 1000);
process.exitCode = outcomes.every((outcome) => outcome.ok) ? 0 : 1;
