import { describe, expect, it } from 'vitest';
import { expectNone } from './expect-none.ts';
import { exists, files, folderOf, nouns, tests, text } from './sources.ts';

const ARCHITECTURE = 'docs/ARCHITECTURE.md';
const documents = files.filter((path) => path === 'README.md' || (path.startsWith('docs/') && path.endsWith('.md')));
const linesOf = (path: string): string[] => text(path).split('\n');

/** Folders that exist only after a command has run; a document may name them. */
const MADE_BY_COMMANDS = ['dist/', '.drover', 'node_modules', 'test-results/'];
const TOP =
  /^(domain|renderer|sync-server|electron|build|tests|bench|docs|\.ci)(\/|$)|^(package\.json|package-lock\.json|vite\.config\.ts|tsconfig\.json|README\.md)$/;

/** Every path of this repository that a document names in backticks. */
function pathsIn(path: string): string[] {
  const named = [
    ...text(path)
      .replaceAll(/```[\s\S]*?```/g, '')
      .matchAll(/`([^`\s]+)`/g),
  ].map((match) => match[1] ?? '');
  return named.filter((name) => TOP.test(name) && !MADE_BY_COMMANDS.some((made) => name.startsWith(made)));
}

/** `domain/<noun>/<noun>.rules.ts` exists when it does for one noun at least; `NNNN` and `*` stand for anything. */
function found(name: string): boolean {
  if (/[*]|NNNN/.test(name)) {
    const pattern = new RegExp(
      `^${name
        .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
        .replaceAll('NNNN', String.raw`\d{4}`)
        .replaceAll(/\*+/g, '.*')}$`,
    );
    return files.some((file) => pattern.test(file));
  }
  if (name.includes('<noun>')) return nouns.some((noun) => exists(name.replaceAll('<noun>', noun)));
  return exists(name.replace(/#.*$/, ''));
}

/** Ids such as `R5` and `SYN-1`. */
const ID = /[A-Z]{1,5}-?\d+[a-z]?/;
interface Rule {
  readonly id: string;
  readonly later: boolean;
}

/** A rule is a line of docs/rules.md that starts with its id; `(later)` or `(proved in issue 3)` excuses it from a test. */
function rules(): Rule[] {
  const found: Rule[] = [];
  for (const line of linesOf('docs/rules.md')) {
    const later = /\((?:later|proved in issue \d+)\)/.test(line);
    const id = new RegExp(String.raw`^\s*(?:[-*]\s+|\|\s*|#{1,4}\s+)(?:\*\*|\x60)?(${ID.source})(?:\*\*|\x60)?(?=[\s:.|]|$)`).exec(
      line,
    )?.[1];
    if (id !== undefined) found.push({ id, later });
  }
  return found;
}

/** Ids that the titles of tests start with: `[R5] ...` or `[R5, R6] ...`. */
function cited(): Map<string, string> {
  const ids = new Map<string, string>();
  const title = new RegExp(String.raw`['"\x60]\[(${ID.source}(?:,\s*${ID.source})*)\] `, 'g');
  for (const path of tests.filter((file) => /\.(test|e2e)\.tsx?$/.test(file) && !file.startsWith('tests/tree/'))) {
    for (const match of text(path).matchAll(title)) {
      for (const id of (match[1] ?? '').split(/,\s*/)) ids.set(id, path);
    }
  }
  return ids;
}

describe('the documents', () => {
  it('are there', () => {
    const needed = ['README.md', ARCHITECTURE, 'docs/rules.md', 'docs/glossary.md', 'docs/known-gaps.md'];
    expectNone(needed.filter((path) => !exists(path)));
    expect(documents.filter((path) => path.startsWith('docs/decisions/')).length).toBeGreaterThan(3);
  });

  it('name only paths that exist', () => {
    expect(pathsIn(ARCHITECTURE).length).toBeGreaterThan(30);
    expect(pathsIn('README.md').length).toBeGreaterThan(3);
    const dead = documents.flatMap((path) =>
      pathsIn(path)
        .filter((name) => !found(name))
        .map((name) => `${path}: ${name}`),
    );
    expectNone(dead);
  });

  it('link only to what exists', () => {
    const links = documents.flatMap((path) =>
      [...text(path).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => ({ path, to: (match[1] ?? '').replace(/#.*$/, '') }))
        .filter(({ to }) => to !== '' && !/^[a-z]+:/.test(to)),
    );
    expect(links.length).toBeGreaterThan(0);
    const dead = links.filter(({ path, to }) => !exists([folderOf(path), to].filter((part) => part !== '').join('/')));
    expectNone(dead.map(({ path, to }) => `${path} -> ${to}`));
  });

  it('keep the overview to one page and the README to two screens', () => {
    expect(linesOf(ARCHITECTURE).length).toBeGreaterThan(30);
    expect(linesOf(ARCHITECTURE).length).toBeLessThanOrEqual(100);
    expect(linesOf('README.md').length).toBeLessThanOrEqual(121);
  });

  it('name every script of package.json, and every script starts a file that exists', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    expect(Object.keys(scripts).length).toBeGreaterThan(5);
    const overview = text(ARCHITECTURE);
    const untold = Object.keys(scripts).filter((name) => !['start', 'test'].includes(name) && !overview.includes(`npm run ${name}`));
    const dead = Object.values(scripts).filter((script) => !script.split(' ').some((word) => /\.(ts|mjs)$/.test(word) && exists(word)));
    expect({ untold, dead }).toEqual({ untold: [], dead: [] });
  });

  it('give each decision a number of its own, which branches may take ahead, and its four parts', () => {
    const records = documents.filter((path) => path.startsWith('docs/decisions/'));
    const numbers = records.map((path) => path.slice('docs/decisions/'.length, 'docs/decisions/'.length + 4));
    expectNone(numbers.filter((number) => !/^\d{4}$/u.test(number)));
    expectNone(numbers.filter((number, i) => numbers.indexOf(number) !== i));
    const short = records.filter(
      (path) => !['## Context', '## Options', '## Decision', '## Consequences'].every((part) => text(path).includes(`\n${part}\n`)),
    );
    expectNone(short);
    expectNone(records.filter((path) => linesOf(path).length > 80));
  });
});

describe('the rules', () => {
  it('have one entry each', () => {
    const ids = rules().map((rule) => rule.id);
    expect(ids.length).toBeGreaterThan(5);
    expectNone(ids.filter((id, i) => ids.indexOf(id) !== i));
  });

  it('are each cited by the title of a test, unless marked for later', () => {
    const tested = cited();
    expect(tested.size).toBeGreaterThan(0);
    expectNone(
      rules()
        .filter((rule) => !rule.later && !tested.has(rule.id))
        .map((rule) => rule.id),
    );
  });

  it('are known: no test cites an id that docs/rules.md does not have', () => {
    const known = new Set(rules().map((rule) => rule.id));
    expect(known.size).toBeGreaterThan(0);
    expectNone([...cited()].filter(([id]) => !known.has(id)).map(([id, path]) => `${id} in ${path}`));
  });

  it('are known: no source names an id that docs/rules.md does not have', () => {
    const known = new Set(rules().map((rule) => rule.id));
    const named = files
      .filter((path) => /^(domain|renderer|sync-server|electron)\/.*\.tsx?$/.test(path))
      .flatMap((path) =>
        [...text(path).matchAll(/\b(?:SYN-\d+|[Rr]ule R\d+|\(R\d+\))/g)].map((match) => ({ path, id: ID.exec(match[0])?.[0] ?? '' })),
      );
    expectNone(named.filter(({ id }) => !known.has(id)).map(({ id, path }) => `${id} in ${path}`));
  });
});
