import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exempt } from './exemptions.ts';
import { expectNone } from './expect-none.ts';
import { code, files, nameOf, root, tests, text } from './sources.ts';

/** Lines of these files that match, as `path:line text`. */
function hits(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    text(path)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1} ${line.trim().slice(0, 120)}`] : [])),
  );
}
/** Built in two halves, so that this file does not find itself. */
const word = (...halves: string[]): string => halves.join('');
const plain = files.filter(
  (path) =>
    /\.(ts|tsx|mjs|cjs|json|md|sql|html|css|yml|yaml|sh)$|(^|\/)\.[^/]+$|^\.ci\//.test(path) && nameOf(path) !== 'package-lock.json',
);
const self = 'tests/tree/source-text.test.ts';
const others = (paths: readonly string[]): string[] => paths.filter((path) => path !== self);

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[] | string;
  readonly cpu?: readonly string[] | string;
  readonly libc?: readonly string[] | string;
}
const runsHere = ({ os = 'linux', cpu = 'x64', libc = 'glibc' }: Locked): boolean =>
  os.includes('linux') && cpu.includes('x64') && libc.includes('glibc');
/** An optional package of another platform may lack its hash: the registry at hand does not hold it. */
const isLoose = (entry: Locked): boolean =>
  entry.link === true || entry.resolved !== undefined || (entry.integrity === undefined && (entry.optional !== true || runsHere(entry)));

describe('what the text of the sources must not hold', () => {
  it('reads the files it judges', () => {
    expect(code.length).toBeGreaterThan(20);
    expect(plain.length).toBeGreaterThan(code.length);
    expect(hits(['package.json'], /"name": "drover"/)).toHaveLength(1);
  });

  it('has no default exports', () => {
    const found = code.filter(
      (path) => !exempt('default-export', path) && /^export default |^export \{[^}]*\bas default\b/m.test(text(path)),
    );
    expectNone(found);
  });

  it('has no file that only passes on the exports of others', () => {
    expectNone(hits(others(code), /^export (type )?\*( as \w+)? from /));
    const statements = (path: string): string[] =>
      text(path)
        .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
        .split(/;\s*\n/)
        .map((statement) => statement.trim())
        .filter((statement) => statement !== '');
    const barrels = others(code).filter(
      (path) =>
        statements(path).length > 0 &&
        statements(path).every((statement) => /^(import\b|export (type )?\{)/.test(statement)) &&
        /^export /m.test(text(path)),
    );
    expectNone(barrels);
  });

  it('switches no checker off', () => {
    const switches = [
      '@ts-' + 'ignore',
      '@ts-' + 'nocheck',
      '@ts-expect-' + 'error',
      'eslint-' + 'disable',
      'oxlint-' + 'disable',
      'biome-' + 'ignore',
      'knip-' + 'ignore',
    ];
    expectNone(hits(others(code), new RegExp(switches.join('|'))));
  });

  it('names no path of the machine it was written on and no private host', () => {
    const paths = [
      word('/wo', 'rk/'),
      word('/fa', 'rm'),
      word('/home/', '(?!broker/)[a-z]+/'),
      word('/ro', 'ot/'),
      word('/Us', 'ers/[a-z]+/'),
      word('fa', 'rm-[a-z]+'),
    ];
    const hosts = [word('https?://[^/"\']*', '(registry|artifactory|nexus|verdaccio)[^/"\']*'), word('\\.inter', 'nal[:/]')];
    const found = hits(others(plain), new RegExp([...paths, ...hosts].join('|')));
    expectNone(found);
  });

  it('pins every package by its hash and names no registry', () => {
    const { packages } = JSON.parse(text('package-lock.json')) as { packages: Record<string, Locked> };
    const locked = Object.entries(packages).filter(([path]) => path !== '');
    expect(locked.length).toBeGreaterThan(100);
    expectNone(locked.filter(([, entry]) => isLoose(entry)).map(([path]) => path));
  });

  it('asks for exact versions', () => {
    const {
      dependencies = {},
      devDependencies,
      optionalDependencies = {},
    } = JSON.parse(text('package.json')) as Record<string, Record<string, string>>;
    const wanted = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(wanted.length).toBeGreaterThan(20);
    expectNone(
      wanted
        .filter(([, version]) => !/^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${name} ${version}`),
    );
  });

  it('carries no data set, no archive and nothing large', () => {
    const large = files.filter((path) => path !== 'package-lock.json' && statSync(join(root, path)).size > 600 * 1024);
    expectNone(large);
    expectNone(files.filter((path) => /\.(csv|tsv|xlsx?|zip|gz|sqlite|dump|node|exe)$/.test(path)));
  });

  it('leaves no test that runs alone', () => {
    expect(tests.length).toBeGreaterThan(0);
    expectNone(hits(others(tests), /\b(describe|it|test)\.only\b/));
  });

  it('skips a test only with a spoken reason: the file prints or titles why', () => {
    const skipping = others(tests).filter((path) =>
      /\b(describe|it|test)\.skip(If)?\b|\brunIf\(|\bctx\.skip\(|\bskip\(\)/.test(text(path)),
    );
    const silent = skipping.filter(
      (path) => !/SKIPPED|[Ss]kipped|console\.(warn|info|log)|skip\(\s*['"`]|skip\([^)]*,\s*['"`\w]/.test(text(path)),
    );
    expectNone(silent);
  });

  it('swallows no error without a comment that says why', () => {
    const swallowed = /catch\s*(\([^)]*\))?\s*\{\s*\}|\.catch\(\(\)\s*=>\s*(\{\s*\}|undefined|null)\)/;
    expect(swallowed.test('promise.catch(() => undefined)')).toBe(true);
    const silent = others(code).flatMap((path) => {
      const lines = text(path).split('\n');
      const explained = (i: number): boolean => lines.slice(Math.max(0, i - 5), i + 1).some((line) => /\/\/|\*\s/.test(line));
      return lines.flatMap((line, i) => (swallowed.test(line) && !explained(i) ? [`${path}:${i + 1} ${line.trim()}`] : []));
    });
    expectNone(silent);
  });

  it('leaves no unfinished mark without an entry in the known gaps', () => {
    const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].map((mark) => `\\b${mark}\\b`).join('|'));
    expectNone(hits(others(code), marks));
  });
});
