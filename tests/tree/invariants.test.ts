/** Invariants of docs/ARCHITECTURE.md that neither the compiler nor an import rule can hold. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { exempt, exemptions } from './exemptions.ts';
import { expectNone } from './expect-none.ts';
import { nouns, sources, text } from './sources.ts';

const inFolder = (folder: string): string[] => sources.filter((path) => path.startsWith(`${folder}/`));

/** What a node brings into pure code: a float, a clock or chance; undefined when it is clean. */
function impurity(node: ts.Node, file: ts.SourceFile): 'float' | 'clock' | 'chance' | undefined {
  if (ts.isNumericLiteral(node)) return /^[\d_]*\.|^[\d_]+e-/.test(node.getText(file)) ? 'float' : undefined;
  if (ts.isIdentifier(node))
    return node.text === 'parseFloat' || node.text === 'toFixed' || node.text === 'toPrecision' ? 'float' : undefined;
  if (ts.isNewExpression(node))
    return node.expression.getText(file) === 'Date' && (node.arguments?.length ?? 0) === 0 ? 'clock' : undefined;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const name = node.getText(file);
  if (name === 'Date.now' || name === 'performance.now') return 'clock';
  return name === 'Math.random' ? 'chance' : undefined;
}

function impuritiesIn(path: string, content = text(path)): { kind: string; at: string }[] {
  const file = ts.createSourceFile(path, content, ts.ScriptTarget.Latest, true);
  const found: { kind: string; at: string }[] = [];
  const visit = (node: ts.Node): void => {
    const kind = impurity(node, file);
    if (kind) found.push({ kind, at: `${path}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1} ${node.getText(file)}` });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const linesThat = (paths: readonly string[], pattern: RegExp): string[] =>
  paths.flatMap((path) =>
    text(path)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  );

describe('the domain', () => {
  it('is searched by a test that finds floats, clocks and chance', () => {
    const slips =
      'const a = 0.5; const b = 1e-6; const c = Number.parseFloat("1"); const d = Date.now(); const e = new Date(); const f = Math.random();';
    expect(impuritiesIn('slips.ts', slips).map(({ kind }) => kind)).toEqual(['float', 'float', 'float', 'clock', 'clock', 'chance']);
    expect(impuritiesIn('clean.ts', 'const a = 5; const b = 0x1e; const d = new Date("2026-09-04"); const e = Math.round(3);')).toEqual([]);
  });

  it('holds no float, reads no clock and rolls no dice', () => {
    const domain = inFolder('domain');
    expect(domain.length).toBeGreaterThan(20);
    const found = domain.flatMap((path) => impuritiesIn(path).filter(({ kind }) => kind !== 'float' || !exempt('float', path)));
    expectNone(found.map(({ kind, at }) => `${kind} ${at}`));
    const stale = exemptions.filter(({ check, at }) => check === 'float' && !impuritiesIn(at).some(({ kind }) => kind === 'float'));
    expectNone(stale.map(({ at }) => `${at} needs no exemption any more`));
  });

  it('lists every noun in the registry', () => {
    const registry = text('domain/registry.ts');
    expect(nouns.length).toBeGreaterThanOrEqual(13);
    expectNone(nouns.filter((noun) => !new RegExp(`'\\./${noun}/${noun}\\.(entity|rules)\\.ts'`).test(registry)));
  });

  it('has no more collections than open-source RxDB opens', () => {
    const collections = nouns.flatMap((noun) =>
      [...text(`domain/${noun}/${noun}.entity.ts`).matchAll(/^ {2}collection: '(\w+)'/gm)].map((match) => match[1]),
    );
    expect(collections).toHaveLength(nouns.length);
    expect(new Set(collections).size).toBe(nouns.length);
    expect(collections.length).toBeLessThanOrEqual(13);
  });
});

describe('the window', () => {
  it('writes facts in renderer/data/commit.ts only', () => {
    // What RxDB notes beside the documents is no fact.
    const writing =
      /(?<!metaInstance)\.(bulkWrite|bulkInsert|bulkUpsert|bulkRemove|upsert|incrementalUpsert|incrementalPatch|incrementalModify|incrementalRemove)\(/;
    // The storage below RxDB knows no facts: what it is told to write has been written by then.
    const above = inFolder('renderer').filter((path) => !path.startsWith('renderer/data/storage/'));
    const found = linesThat(above, writing);
    expect(found.filter((line) => line.startsWith('renderer/data/commit.ts:')).length).toBeGreaterThan(0);
    expectNone(found.filter((line) => !line.startsWith('renderer/data/commit.ts:')));
  });

  it('has a view for every noun that has screens', () => {
    const shown = nouns.filter((noun) => inFolder(`renderer/${noun}`).length > 0);
    expect(shown.length).toBeGreaterThan(0);
    const bare = shown.filter((noun) => !inFolder(`renderer/${noun}`).includes(`renderer/${noun}/${noun}.view.ts`));
    expectNone(bare.filter((noun) => !exempt('view', noun)));
    expectNone(
      exemptions.filter(({ check, at }) => check === 'view' && !bare.includes(at)).map(({ at }) => `${at} needs no exemption any more`),
    );
  });
});

describe('the shell', () => {
  it('has one file that answers calls of the window', () => {
    const answering = linesThat(inFolder('electron'), /\.handle\(|ipcMain\.on\(/).filter((line) => !/protocol\.handle\(/.test(line));
    const files = new Set(answering.map((line) => line.split(':')[0]));
    expect([...files]).toEqual(['electron/main/ipc-registration.ts']);
  });
});
