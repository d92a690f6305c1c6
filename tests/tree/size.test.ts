import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { MOST_EXEMPTIONS, exempt, exemptions } from './exemptions.ts';
import { expectNone } from './expect-none.ts';
import { code, sources, tests, text } from './sources.ts';

const SOURCE_LINES = 500;
const TEST_LINES = 800;
/** A function's own lines: functions inside it are measured by themselves, so that a factory counts like a class. */
const FUNCTION_LINES = 70;
/** A function together with all that is inside it. */
const WHOLE_FUNCTION_LINES = 150;
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
interface Measured extends Sized {
  readonly whole: number;
}

type Body = ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };
const hasBody = (node: ts.Node): node is Body => ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;

/** Functions by the name they are bound to. The callback of a describe is a list of tests, not a function. */
function functionsIn(path: string): Measured[] {
  const file = ts.createSourceFile(
    path,
    text(path),
    ts.ScriptTarget.Latest,
    true,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: Measured[] = [];
  const nameOf = (node: ts.Node): string => {
    if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name) return node.name.getText(file);
    const { parent } = node;
    if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
      return parent.name.getText(file);
    return '(anonymous)';
  };
  const isSuite = (node: ts.Node): boolean => ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText(file));
  const span = (node: ts.Node): number =>
    file.getLineAndCharacterOfPosition(node.getEnd()).line - file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  /** Lines below a node that belong to functions inside it; their first and last line stay with the outer one. */
  const nested = (node: ts.Node): number => {
    let lines = 0;
    ts.forEachChild(node, (child) => {
      lines += hasBody(child) ? Math.max(0, span(child) - 2) : nested(child);
    });
    return lines;
  };
  const visit = (node: ts.Node): void => {
    if (hasBody(node) && !isSuite(node)) found.push({ at: `${path}#${nameOf(node)}`, whole: span(node), lines: span(node) - nested(node) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const measured: readonly Measured[] = code.flatMap(functionsIn);

const show = ({ at, lines }: Sized): string => `${at} has ${lines} lines`;

describe('budgets', () => {
  it('keeps every file short enough to be read in one go', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(tests.length).toBeGreaterThan(0);
    const over = code
      .map((path) => ({ at: path, lines: linesIn(path) }))
      .filter(({ at, lines }) => lines > (exempt('file-lines', at)?.limit ?? budgetOf(at)));
    expectNone(over.map(show));
  });

  it('keeps every function on one screen', () => {
    expect(measured.length).toBeGreaterThan(50);
    const over = measured.filter(({ at, lines }) => lines > (exempt('function-lines', at)?.limit ?? FUNCTION_LINES));
    expectNone(over.map(show));
  });

  it('keeps what a function encloses within two screens', () => {
    const over = measured.filter(({ at, whole }) => whole > (exempt('whole-function-lines', at)?.limit ?? WHOLE_FUNCTION_LINES));
    expectNone(over.map(({ at, whole }) => show({ at, lines: whole })));
  });

  it('keeps the entity kernel small', () => {
    const kernel = sources.filter((path) => path.startsWith('domain/entity/'));
    expect(kernel.length).toBeGreaterThan(4);
    expect(kernel.map(linesIn).reduce((sum, lines) => sum + lines, 0)).toBeLessThanOrEqual(KERNEL_LINES);
  });

  it('holds exemptions only where they are still needed, each with its reason', () => {
    expect(exemptions.length).toBeLessThanOrEqual(MOST_EXEMPTIONS);
    const functions = new Map(measured.map((one) => [one.at, one]));
    const stale = exemptions.filter(({ check, at, why }) => {
      if (why.length < 20) return true;
      if (check === 'file-lines') return !code.includes(at) || linesIn(at) <= budgetOf(at);
      if (check === 'function-lines') return (functions.get(at)?.lines ?? 0) <= FUNCTION_LINES;
      if (check === 'whole-function-lines') return (functions.get(at)?.whole ?? 0) <= WHOLE_FUNCTION_LINES;
      if (check === 'default-export') return !code.includes(at) || !/^export default /m.test(text(at));
      // Checks of other tests look after their own entries.
      return false;
    });
    expectNone(stale.map(({ check, at }) => `${check} ${at}`));
  });
});
