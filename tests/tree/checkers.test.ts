import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Printed, runTool, scriptOf } from '../../build/checks/tool.ts';
import { judgeDeadCode, judgeFormat, judgeLint, judgeTests, judgeTypes } from '../../build/checks/verdicts.ts';
import { root } from './sources.ts';

/** An own corner with no code in it, and one with a file that breaks what each checker is there for. */
let nothing = '';
let broken = '';
const BROKEN = `export async function work(): Promise<number> {
  return 1;
}
export function start(): void {
  const wrong: string = 1;
    work();
  console.log(wrong as any);
}
`;

function corner(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `drover-${name}-`));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module' }));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { strict: true, noEmit: true, lib: ['es2023', 'dom'], types: [] }, include: ['./**/*.ts'] }),
  );
  return folder;
}

beforeAll(() => {
  nothing = corner('nothing');
  broken = corner('broken');
  mkdirSync(join(broken, 'domain'));
  writeFileSync(join(broken, 'domain/broken.ts'), BROKEN);
});
afterAll(() => {
  for (const folder of [nothing, broken]) rmSync(folder, { recursive: true, force: true });
});

const run = (folder: string, packageName: string, command: string, args: readonly string[]): Promise<Printed> =>
  runTool(folder, scriptOf(root, packageName, command), args);
const types = (folder: string) => run(folder, 'typescript-7', 'tsc', ['-p', '.', '--listFiles', '--pretty', 'false']);
const lint = (folder: string) =>
  run(folder, 'oxlint', 'oxlint', ['-c', join(root, '.oxlintrc.json'), '--type-aware', '--format=json', '.']);
const format = (folder: string) =>
  run(folder, '@biomejs/biome', 'biome', ['format', `--config-path=${join(root, 'build/biome-format.json')}`, '--reporter=json', folder]);

describe('a checker that saw no file fails', () => {
  it('types', async () => {
    const verdict = judgeTypes(await types(nothing), nothing);
    expect(verdict).toMatchObject({ ok: false, looked: 0 });
  });
  it('lint', async () => {
    const verdict = judgeLint(await lint(nothing));
    expect(verdict).toMatchObject({ ok: false, looked: 0 });
  });
  it('format', async () => {
    const verdict = judgeFormat(await format(nothing));
    expect(verdict).toMatchObject({ ok: false, looked: 0 });
  });
  it('dead code', () => {
    const verdict = judgeDeadCode({ code: 0, out: '{"processed":0,"issues":[]}', err: '' });
    expect(verdict).toMatchObject({ ok: false, looked: 0 });
  });
  it('tests', () => {
    const verdict = judgeTests({ code: 0, out: '{"numTotalTests":0,"success":true,"testResults":[]}', err: '' });
    expect(verdict).toMatchObject({ ok: false, looked: 0 });
  });
  it('any, when it prints no answer at all', () => {
    for (const judge of [judgeLint, judgeFormat, judgeDeadCode, judgeTests]) {
      const verdict = judge({ code: 0, out: '', err: 'could not start' });
      expect(verdict.ok).toBe(false);
      expect(verdict.findings).toContain('could not start');
    }
  });
});

describe('a checker fails on what it is there for', () => {
  it('types', async () => {
    const verdict = judgeTypes(await types(broken), broken);
    expect(verdict).toMatchObject({ ok: false, looked: 1 });
    expect(verdict.findings.join('\n')).toContain('TS2322');
  });
  it('lint, with the rules that need types', async () => {
    const verdict = judgeLint(await lint(broken));
    expect(verdict).toMatchObject({ ok: false, looked: 1 });
    for (const rule of ['no-floating-promises', 'no-explicit-any', 'no-console']) expect(verdict.findings.join('\n')).toContain(rule);
  });
  it('format', async () => {
    const verdict = judgeFormat(await format(broken));
    expect(verdict).toMatchObject({ ok: false, looked: 1 });
    expect(verdict.findings[0]).toContain('is not formatted');
  });
});
