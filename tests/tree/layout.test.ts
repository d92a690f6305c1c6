import { describe, expect, it } from 'vitest';
import { expectNone } from './expect-none.ts';
import { CODE_FOLDERS, code, exists, files, folderOf, nameOf, nouns, sources, tests } from './sources.ts';

const TOP_LEVEL = new Set([...CODE_FOLDERS, 'docs', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json', 'README.md']);
const FORBIDDEN_NAMES = ['helpers', 'helper', 'utils', 'util', 'common', 'misc', 'types', 'manager', 'service', 'index'];
const DOMAIN_ROLES = ['entity', 'rules', 'commands', 'merge'];
const WINDOW_ROLES = ['view', 'form', 'list', 'ui-store'];
/** Second name parts that say who reads the file: vitest, Playwright, a tool's configuration, TypeScript, `node --import`. */
const TOOL_ROLES = ['test', 'e2e', 'setup', 'config', 'd', 'hook'];
/** Folders of renderer/ that are no noun: the composition, the base of the window, and the import wizard. */
const WINDOW_PARTS = ['account', 'admin', 'app', 'data', 'sync', 'search', 'ui', 'import', 'inbox', 'public'];
/** Folders of domain/ that are no noun. */
const DOMAIN_PARTS = ['entity', 'units', 'record', 'protocol', 'access', 'import', 'vocabulary'];
/** Test folders that cross the tree and mirror nothing. */
const CROSSING_TESTS = [
  'tests/browser',
  'tests/tree',
  'tests/e2e',
  'tests/sync',
  'tests/story',
  'tests/contract',
  'tests/attack',
  'tests/conformance',
  'tests/fuzz',
  'tests/processes',
  'tests/electron/e2e',
  'tests/bench',
];

/** `a/b/order-line.rules.test.ts` -> ['order-line', 'rules', 'test'] */
const partsOf = (path: string): string[] =>
  nameOf(path)
    .replace(/\.(ts|tsx)$/, '')
    .split('.');
const secondFolders = (top: string): string[] => [
  ...new Set(files.flatMap((path) => (path.startsWith(`${top}/`) && path.split('/').length > 2 ? [path.split('/')[1] ?? ''] : []))),
];

describe('the tree', () => {
  it('has the fixed top level and no other entry but dotfiles', () => {
    const entries = [...new Set(files.map((path) => path.split('/')[0] ?? ''))];
    expect(entries.length).toBeGreaterThan(5);
    expectNone(entries.filter((entry) => !entry.startsWith('.') && !TOP_LEVEL.has(entry)));
  });

  it('names no file after a drawer', () => {
    expect(code.length).toBeGreaterThan(0);
    const drawers = code.filter((path) => partsOf(path).some((part) => FORBIDDEN_NAMES.includes(part)));
    expectNone(drawers);
  });

  it('names no folder after a drawer', () => {
    const folders = new Set(code.flatMap((path) => folderOf(path).split('/')));
    expect(folders.size).toBeGreaterThan(0);
    expectNone([...folders].filter((folder) => [...FORBIDDEN_NAMES, 'lib', 'shared'].includes(folder)));
  });

  it('writes file and folder names in kebab-case', () => {
    expect(code.length).toBeGreaterThan(0);
    const odd = code.filter((path) => !path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(part)));
    expectNone(odd);
  });

  it('gives a file at most one role, from the closed list of its folder', () => {
    expect(sources.length).toBeGreaterThan(0);
    const odd = sources.filter((path) => {
      const roles = partsOf(path).slice(1);
      const allowed = path.startsWith('domain/') ? DOMAIN_ROLES : path.startsWith('renderer/') ? WINDOW_ROLES : [];
      return roles.some((role) => !allowed.includes(role) && !TOOL_ROLES.includes(role)) || roles.length > 1;
    });
    expectNone(odd);
  });

  it('gives a test the role of what it tests, then its own', () => {
    expect(tests.length).toBeGreaterThan(0);
    const odd = tests.filter((path) =>
      partsOf(path)
        .slice(1)
        .some((role) => ![...DOMAIN_ROLES, ...WINDOW_ROLES, ...TOOL_ROLES].includes(role)),
    );
    expectNone(odd);
  });

  it('spells a noun the same in every tree', () => {
    expect(nouns.length).toBeGreaterThan(0);
    const strangers = [
      ...secondFolders('domain')
        .filter((name) => !nouns.includes(name) && !DOMAIN_PARTS.includes(name))
        .map((name) => `domain/${name}`),
      ...secondFolders('renderer')
        .filter((name) => !nouns.includes(name) && !WINDOW_PARTS.includes(name))
        .map((name) => `renderer/${name}`),
    ];
    expectNone(strangers);
  });

  it('names the files of a noun after the noun', () => {
    const roled = sources.filter((path) => /^(domain|renderer)\//.test(path) && partsOf(path).length > 1 && !path.endsWith('.d.ts'));
    expect(roled.length).toBeGreaterThan(0);
    const role = (path: string): string => partsOf(path)[1] ?? '';
    const strangers = roled.filter((path) => {
      const folder = folderOf(path).split('/').at(-1) ?? '';
      const noun = partsOf(path)[0] ?? '';
      return ['entity', 'view', 'commands', 'merge'].includes(role(path)) && noun !== folder;
    });
    expectNone(strangers);
  });

  it('keeps nouns out of the server: a noun folder there is a rule that leaked out of domain/', () => {
    const folders = [
      ...new Set(files.filter((path) => path.startsWith('sync-server/')).flatMap((path) => folderOf(path).split('/').slice(1))),
    ];
    expect(folders.length).toBeGreaterThan(0);
    expectNone(folders.filter((folder) => nouns.includes(folder) || nouns.some((noun) => folder === `${noun}s`)));
  });

  it('mirrors the source tree in tests/', () => {
    const mirrored = tests.filter(
      (path) => partsOf(path).includes('test') && !CROSSING_TESTS.some((folder) => path.startsWith(`${folder}/`)),
    );
    expect(mirrored.length).toBeGreaterThan(0);
    const strays = mirrored.filter((path) => !exists(folderOf(path).replace(/^tests\//, '')));
    expectNone(strays);
  });
});
