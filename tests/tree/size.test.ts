import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { MOST_EXEMPTIONS, exempt, exemptions } from './exemptions.ts';
import { code, sources, tests, text } from './sources.ts';

const SOURCE_LINES = 500;
const TEST_LINES = 800;
const FUNCTION_LINES = 70;
/** A noun's form is a thin list of sections over renderer/ui; more than this means that a rule moved in. */
const FORM_LINES = 200;
/** The kernel that every noun stands on; beyond this it has become a framework. */
const KERNEL_LINES = 850;

const linesIn = (path: string): number => text(path).trimEnd().split('\n').length;
const budgetOf = (path: string): number =>
  path.startsWith('tests/') ? TEST_LINES : path.endsWith('.form.tsx') ? FORM_LINES : SOURCE_LINES;

interface Sized {
  readonly at: string;
  readonly lines: number;
}

/** Functions with a body, by the name they are bound to. Describe blocks of tests are lists of tests, not functions. */
function functionsIn(path: string): Sized[] {
  const file = ts.createSourceFile(
    path,
    text(path),
    ts.ScriptTarget.Latest,
    true,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: Sized[] = [];
  const nameOf = (node: ts.Node): string => {
    if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name) return node.name.getText(file);
    const { parent } = node;
    if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
      return parent.name.getText(file);
    return '(anonymous)';
  };
  const isSuite = (node: ts.Node): boolean => ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText(file));
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !isSuite(node)) {
      const from = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
      const to = file.getLineAndCharacterOfPosition(node.getEnd()).line;
      found.push({ at: `${path}#${nameOf(node)}`, lines: to - from + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const show = ({ at, lines }: Sized): string => `${at} has ${lines} lines`;

describe('budgets', () => {
  it('keeps every file short enough to be read in one go', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(tests.length).toBeGreaterThan(0);
    const over = code
      .map((path) => ({ at: path, lines: linesIn(path) }))
      .filter(({ at, lines }) => lines > (exempt('file-lines', at)?.limit ?? budgetOf(at)));
    expect(over.map(show)).toEqual([]);
  });

  it('keeps every function on one screen', () => {
    const all = code.flatMap(functionsIn);
    expect(all.length).toBeGreaterThan(50);
    const over = all.filter(({ at, lines }) => lines > (exempt('function-lines', at)?.limit ?? FUNCTION_LINES));
    expect(over.map(show)).toEqual([]);
  });

  it('keeps the entity kernel small', () => {
    const kernel = sources.filter((path) => path.startsWith('domain/entity/'));
    expect(kernel.length).toBeGreaterThan(4);
    expect(kernel.map(linesIn).reduce((sum, lines) => sum + lines, 0)).toBeLessThanOrEqual(KERNEL_LINES);
  });

  it('holds exemptions only where they are still needed, each with its reason', () => {
    expect(exemptions.length).toBeLessThanOrEqual(MOST_EXEMPTIONS);
    const functions = new Map(code.flatMap(functionsIn).map(({ at, lines }) => [at, lines]));
    const stale = exemptions.filter(({ check, at, why }) => {
      if (why.length < 20) return true;
      if (check === 'file-lines') return !code.includes(at) || linesIn(at) <= budgetOf(at);
      if (check === 'function-lines') return (functions.get(at) ?? 0) <= FUNCTION_LINES;
      if (check === 'default-export') return !code.includes(at) || !/^export default /m.test(text(at));
      return !code.includes(at);
    });
    expect(stale).toEqual([]);
  });
});
