/**
 * A new field costs two edits: the entity file and the view file of its noun. Done for real in a scratch copy: the first
 * edit must stop the compiler in exactly one place, the second must satisfy it, and everything else must be derived.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTool, scriptOf } from '../../build/checks/tool.ts';
import { copyOfTree } from './scratch.ts';
import { root } from './sources.ts';

const ENTITY = 'domain/party/party.entity.ts';
const VIEW = 'renderer/party/party.view.ts';
const PROJECTS = ['domain', 'renderer', 'sync-server', 'electron', 'build', 'tests'];
/** A reference, because it is derived in most places: schema, foreign key, column, view column, import header, validator. */
const FIELD = "mainDockId: ref('Main dock', 'locations', { aliases: ['Dock door'] }),";

/** Prints what the copy derives from its entity; run by Node in the copy, as the server would run it. */
const PROBE = `
import { fingerprint } from '../domain/entity/fingerprint.ts';
import { headerAliases, normalizeHeader } from '../domain/entity/import-mapping.ts';
import { referenceStatements, tableStatements, viewStatements } from '../domain/entity/postgres.ts';
import { rxMigrations, rxSchema } from '../domain/entity/rx-schema.ts';
import { validate } from '../domain/entity/validate.ts';
import { party } from '../domain/party/party.entity.ts';
import { nounOf } from '../domain/registry.ts';
import { partyView } from '../renderer/party/party.view.ts';

const having = (statements: string[], word: string) => statements.filter((statement) => statement.includes(word)).length;
const problems = validate(party, { mainDockId: 5 }).filter((problem) => problem.field === 'mainDockId');
console.log(JSON.stringify({
  version: party.version,
  registered: nounOf('parties')?.entity === party,
  property: rxSchema(party).properties['mainDockId'] ?? null,
  schemaVersion: rxSchema(party).version,
  fingerprint: fingerprint(party),
  migrations: Object.keys(rxMigrations(party)).length,
  migrated: rxMigrations(party)[party.version]?.({ id: 'a', name: 'b' }) ?? null,
  columns: having(tableStatements(party), '"main_dock_id" text generated'),
  ownForeignKey: having(referenceStatements(party), 'parties_main_dock_id_fkey'),
  views: having(viewStatements(party), '"main_dock_id"'),
  mapping: ['DOCK_DOOR', 'main dock', 'mainDockId'].map((header) => headerAliases(party).get(normalizeHeader(header)) ?? null),
  problems: problems.length,
  placed: partyView.layout['mainDockId'] ?? null,
}));
`;

interface Derived {
  readonly version: number;
  readonly registered: boolean;
  readonly property: unknown;
  readonly schemaVersion: number;
  readonly fingerprint: string;
  readonly migrations: number;
  readonly migrated: unknown;
  readonly columns: number;
  readonly ownForeignKey: number;
  readonly views: number;
  readonly mapping: readonly (string | null)[];
  readonly problems: number;
  readonly placed: unknown;
}

let copy = '';
const pathIn = (path: string): string => join(copy, path);

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(pathIn(path), 'utf8'), ts.ScriptTarget.Latest, true);
}
/** The first property of this name whose value is a list or an object literal, anywhere in the file. */
function literal(file: ts.SourceFile, name: string): ts.ObjectLiteralExpression | ts.ArrayLiteralExpression | undefined {
  let found: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression | undefined;
  const visit = (node: ts.Node): void => {
    const value = ts.isPropertyAssignment(node) && node.name.getText(file) === name ? node.initializer : undefined;
    if (value && (ts.isObjectLiteralExpression(value) || ts.isArrayLiteralExpression(value))) found ??= value;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
function insert(path: string, at: number, text: string): void {
  const before = readFileSync(pathIn(path), 'utf8');
  writeFileSync(pathIn(path), before.slice(0, at) + text + before.slice(at));
}
function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the scratch copy has no ${what}`);
  return value;
}

/** First edit: one line in `fields`, one in `changes`. */
function editEntity(): void {
  const file = parse(ENTITY);
  const changes = literal(file, 'changes');
  const fields = must(literal(file, 'fields'), `fields in ${ENTITY}`);
  if (changes && ts.isArrayLiteralExpression(changes)) insert(ENTITY, changes.elements.end, ", { added: 'mainDockId' }");
  else insert(ENTITY, fields.parent.getEnd(), ",\n  changes: [{ added: 'mainDockId' }]");
  insert(ENTITY, fields.getStart(file) + 1, `\n    ${FIELD}`);
}

/** Second edit: one line in the layout, in the first section that is used there. */
function editView(): void {
  const file = parse(VIEW);
  const layout = must(literal(file, 'layout'), `layout in ${VIEW}`);
  const section = /section: '([a-z_A-Z]+)'/.exec(layout.getText(file))?.[1] ?? /sections: \{\s*([a-zA-Z_]+)/.exec(file.text)?.[1];
  insert(VIEW, layout.getStart(file) + 1, `\n    mainDockId: { section: '${must(section, 'section')}' },`);
}

/** Distinct errors of all projects, without line numbers, so that an edit does not make old errors new. */
async function errors(): Promise<Set<string>> {
  const found = new Set<string>();
  for (const project of PROJECTS) {
    // The build info makes the second and third round check only what the edit can reach.
    const incremental = ['--incremental', '--tsBuildInfoFile', join(copy, `${project}.tsbuildinfo`)];
    const { out } = await runTool(copy, scriptOf(root, 'typescript-7', 'tsc'), ['-p', project, '--pretty', 'false', ...incremental]);
    for (const match of out.matchAll(/^(\S+?)\(\d+,\d+\): error (TS\d+: .*)$/gm)) found.add(`${match[1] ?? ''} ${match[2] ?? ''}`);
  }
  return found;
}
const added = (before: ReadonlySet<string>, after: ReadonlySet<string>): string[] => [...after].filter((error) => !before.has(error));

async function derived(): Promise<Derived> {
  const { code, out, err } = await runTool(copy, 'build/one-field-probe.ts', []);
  if (code !== 0) throw new Error(`the probe failed: ${err}`);
  return JSON.parse(out) as Derived;
}

beforeAll(() => {
  copy = copyOfTree('one-field');
}, 60_000);
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('adding a field', () => {
  it('costs the entity file and the view file, and derives the rest', async () => {
    const before = await errors();
    writeFileSync(pathIn('build/one-field-probe.ts'), PROBE);
    const old = await derived();

    editEntity();
    const half = added(before, await errors());
    expect(half).toHaveLength(1);
    expect(half[0]).toMatch(new RegExp(`^${VIEW} .*mainDockId`));

    editView();
    expect(added(before, await errors())).toEqual([]);

    const now = await derived();
    expect(old).toMatchObject({
      property: null,
      placed: null,
      columns: 0,
      ownForeignKey: 0,
      views: 0,
      mapping: [null, null, null],
      registered: true,
    });
    expect(now.version).toBe(old.version + 1);
    expect(now.schemaVersion).toBe(now.version);
    expect(now.migrations).toBe(old.migrations + 1);
    expect(now.migrated).toEqual({ id: 'a', name: 'b' });
    expect(now.fingerprint).not.toBe(old.fingerprint);
    expect(now).toMatchObject({
      registered: true,
      property: { type: 'string', maxLength: 36 },
      columns: 1,
      ownForeignKey: 1,
      mapping: ['mainDockId', 'mainDockId', 'mainDockId'],
      problems: 1,
      placed: { section: expect.any(String) as string },
    });
    expect(now.views).toBeGreaterThanOrEqual(3);
    // Eighteen rounds of the compiler: seconds on an idle machine, minutes on a crowded one.
  }, 300_000);
});
