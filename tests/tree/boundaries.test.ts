import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ICruiseOptions, type IForbiddenRuleType, cruise as cruiseFolders } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTool, scriptOf } from '../../build/checks/tool.ts';
import { type Verdict, judgeBoundaries } from '../../build/checks/verdicts.ts';
import { root } from './sources.ts';

/** A small tree that obeys every rule; the violations are seeded into copies of it. */
const CLEAN: Readonly<Record<string, string>> = {
  'domain/units/units.ts': 'export const one = 1;\n',
  'domain/entity/entity.ts': "import { one } from '../units/units.ts';\nexport const two = one + 1;\n",
  'domain/protocol/protocol.ts':
    "import { Type } from 'typebox';\nimport { one } from '../units/units.ts';\nexport const message = [Type, one];\n",
  'domain/party/party.entity.ts': "import { two } from '../entity/entity.ts';\nexport const party = two;\n",
  'domain/order/order.entity.ts': "import { party } from '../party/party.entity.ts';\nexport const order = party;\n",
  'electron/ipc-contract.ts':
    "import type { one } from '../domain/units/units.ts';\nexport type Contract = typeof one;\nexport const contract = {};\n",
  'electron/preload.ts':
    "import electron from 'electron';\nimport { contract } from './ipc-contract.ts';\nexport const bridge = [electron, contract];\n",
  'renderer/data/commit.ts': "import { rx } from 'rxdb';\nimport { Dexie } from 'dexie';\nexport const commit = [rx, Dexie];\n",
  'renderer/data/storage/log.ts': "import { rx } from 'rxdb';\nexport const log = rx;\n",
  'renderer/data/desk.ts': "import { log } from './storage/log.ts';\nexport const desk = log;\n",
  'renderer/sync/replicate.ts':
    "import { rx } from 'rxdb';\nimport { commit } from '../data/commit.ts';\nexport const replicate = [rx, commit];\n",
  'renderer/ui/field.ts': "import { two } from '../../domain/entity/entity.ts';\nexport const control = two;\n",
  'renderer/party/party.ui-store.ts': "import { create } from 'zustand';\nexport const store = create;\n",
  'renderer/party/party.list.tsx':
    "import { store } from './party.ui-store.ts';\nimport { control } from '../ui/field.ts';\nexport const list = [store, control];\n",
  'renderer/order/order.list.tsx':
    "import { order } from '../../domain/order/order.entity.ts';\nimport { commit } from '../data/commit.ts';\nexport const list = [order, commit];\n",
  'renderer/app/main.tsx':
    "import type { Contract } from '../../electron/ipc-contract.ts';\nimport { list } from '../party/party.list.tsx';\nimport { list as orders } from '../order/order.list.tsx';\nexport const main = (contract: Contract) => [contract, list, orders];\n",
  'sync-server/db/pool.ts': "import { Pool } from 'pg';\nexport const pool = Pool;\n",
  'sync-server/app.ts':
    "import { createServer } from 'node:http';\nimport { pool } from './db/pool.ts';\nimport { two } from '../domain/entity/entity.ts';\nexport const app = [createServer, pool, two];\n",
  'build/start.ts': "import { app } from '../sync-server/app.ts';\nexport const start = app;\n",
  'tests/domain/party.test.ts':
    "import { party } from '../../domain/party/party.entity.ts';\nimport { rx } from 'rxdb';\nexport const tested = [party, rx];\n",
};

/** Rule -> files that break it, added to (or replacing files of) the clean tree. */
const SEEDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-cycles': {
    'domain/units/units.ts': "import type { two } from '../entity/entity.ts';\nexport const one = 1;\nexport type Two = typeof two;\n",
  },
  'no-unresolvable': { 'domain/units/extra.ts': "import { gone } from './gone.ts';\nexport const x = gone;\n" },
  'domain-is-the-floor': {
    'domain/party/party.rules.ts': "import type { list } from '../../renderer/party/party.list.tsx';\nexport type L = typeof list;\n",
  },
  'domain-has-no-packages': { 'domain/party/party.rules.ts': "import { Type } from 'typebox';\nexport const t = Type;\n" },
  'domain-has-no-packages (core)': {
    'domain/party/party.rules.ts': "import { readFileSync } from 'node:fs';\nexport const t = readFileSync;\n",
  },
  'domain-has-no-packages (protocol)': { 'domain/protocol/push.ts': "import { create } from 'fastify';\nexport const t = create;\n" },
  'domain-base-knows-no-feature': {
    'domain/entity/field.ts': "import type { party } from '../party/party.entity.ts';\nexport type P = typeof party;\n",
  },
  'sync-server-imports': { 'sync-server/push.ts': "import { list } from '../renderer/party/party.list.tsx';\nexport const l = list;\n" },
  'server-knows-no-noun': {
    'sync-server/report.ts': "import type { party } from '../domain/party/party.entity.ts';\nexport type P = typeof party;\n",
  },
  'renderer-imports': {
    'renderer/app/shell.ts': "import type { pool } from '../../sync-server/db/pool.ts';\nexport type P = typeof pool;\n",
  },
  'renderer-sees-ipc-as-types-only': {
    'renderer/app/port.ts': "import { contract } from '../../electron/ipc-contract.ts';\nexport const c = contract;\n",
  },
  'electron-imports': { 'electron/main.ts': "import { main } from '../renderer/app/main.tsx';\nexport const m = main;\n" },
  'screens-do-not-reach-into-screens': {
    'renderer/order/order.form.tsx': "import { list } from '../party/party.list.tsx';\nexport const f = list;\n",
  },
  'window-base-knows-no-screen': { 'renderer/ui/grid.tsx': "import { list } from '../party/party.list.tsx';\nexport const g = list;\n" },
  'only-data-touches-rxdb': { 'renderer/party/party.form.tsx': "import type { rx } from 'rxdb';\nexport type R = typeof rx;\n" },
  'only-data-touches-rxdb (server)': { 'sync-server/pull.ts': "import { rx } from 'rxdb-stock';\nexport const r = rx;\n" },
  'storage-engine-knows-no-drover': {
    'renderer/data/storage/page.ts': "import { commit } from '../commit.ts';\nexport const page = commit;\n",
  },
  'storage-engine-knows-no-drover (packages)': {
    'renderer/data/storage/page.ts': "import { Type } from 'typebox';\nexport const page = Type;\n",
  },
  'only-db-touches-pg': { 'sync-server/push.ts': "import type { Pool } from 'pg';\nexport type P = typeof Pool;\n" },
  'only-electron-touches-electron': { 'renderer/app/window.ts': "import electron from 'electron';\nexport const e = electron;\n" },
  'renderer-never-reaches-node': { 'renderer/data/file.ts': "import { readFileSync } from 'node:fs';\nexport const r = readFileSync;\n" },
  'no-test-imports': { 'build/story.ts': "import { tested } from '../tests/domain/party.test.ts';\nexport const s = tested;\n" },
  'zustand-only-in-ui-store': { 'renderer/party/party.form.tsx': "import { create } from 'zustand';\nexport const c = create;\n" },
  'no-orphans': { 'sync-server/left-over.ts': 'export const leftOver = 1;\n' },
};

const PACKAGES = ['rxdb', 'rxdb-stock', 'dexie', 'pg', 'zustand', 'electron', 'typebox', 'fastify'];
const FOLDERS = ['domain', 'electron', 'renderer', 'sync-server', 'build', 'tests'];
const LEAST = Object.fromEntries(FOLDERS.map((folder) => [folder, 1]));
const scratch: string[] = [];
const rulesFile = createRequire(import.meta.url)(join(root, 'build/boundaries.cjs')) as {
  forbidden: IForbiddenRuleType[];
  options: ICruiseOptions;
};

function plant(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'drover-boundaries-'));
  scratch.push(folder);
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  write(
    'package.json',
    JSON.stringify({ name: 'planted', type: 'module', devDependencies: Object.fromEntries(PACKAGES.map((name) => [name, '1.0.0'])) }),
  );
  for (const name of PACKAGES) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'export const rx = 1, Dexie = 1, Pool = 1, create = 1, Type = 1;\nexport default 1;\n');
  }
  mkdirSync(join(folder, 'build'), { recursive: true });
  copyFileSync(join(root, 'build/boundaries.cjs'), join(folder, 'build/boundaries.cjs'));
  return folder;
}

/** As `npm run check` does it: its own process, the configuration from the file. */
async function cruise(folder: string, what: readonly string[] = FOLDERS): Promise<Verdict> {
  const script = scriptOf(root, 'dependency-cruiser', 'depcruise');
  return judgeBoundaries(await runTool(folder, script, ['--config', 'build/boundaries.cjs', '-T', 'json', ...what]), LEAST, new Map());
}
/** The same rules without a process for each seed. */
async function cruiseHere(folder: string): Promise<Verdict> {
  const { forbidden, options } = rulesFile;
  const { output } = await cruiseFolders([...FOLDERS], {
    ...options,
    baseDir: folder,
    ruleSet: { forbidden },
    validate: true,
    outputType: 'json',
  });
  return judgeBoundaries({ code: 0, out: typeof output === 'string' ? output : '', err: '' }, LEAST, new Map());
}
/** Names of the rules in a verdict's findings. */
const rulesIn = (verdict: Verdict): string[] => [...new Set(verdict.findings.map((finding) => finding.split(':')[0] ?? ''))];

const declared = rulesFile.forbidden.map((rule) => rule.name ?? '');

afterAll(() => {
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
});

describe('the import rules', () => {
  const verdicts = new Map<string, Verdict>();
  beforeAll(async () => {
    for (const [seed, files] of Object.entries(SEEDS)) verdicts.set(seed, await cruiseHere(plant({ ...CLEAN, ...files })));
  }, 120_000);

  it('accept the clean tree', async () => {
    const verdict = await cruise(plant(CLEAN));
    expect(verdict.findings).toEqual([]);
    expect(verdict.looked).toBe(Object.keys(CLEAN).length + 1);
    expect(verdict.ok).toBe(true);
  });

  it('are each provoked by a seed', () => {
    expect([...new Set(declared)].toSorted()).toEqual([...new Set(Object.keys(SEEDS).map((seed) => seed.split(' ')[0] ?? ''))].toSorted());
  });

  it.each(Object.keys(SEEDS))('%s fires on its seed', (seed) => {
    const verdict = verdicts.get(seed);
    expect(verdict?.ok).toBe(false);
    expect(verdict ? rulesIn(verdict) : []).toContain(seed.split(' ')[0]);
  });

  it('fail when nothing was cruised', async () => {
    const verdict = await cruise(plant({ 'docs/note.ts': '' }), ['docs']);
    expect(verdict.ok).toBe(false);
    expect(verdict.findings[0]).toContain('looked at no modules');
  });

  it('fail when one folder was not cruised', async () => {
    const verdict = await cruise(
      plant(CLEAN),
      FOLDERS.filter((folder) => folder !== 'renderer'),
    );
    expect(verdict.ok).toBe(false);
    expect(verdict.findings).toEqual(['cruised 0 modules in renderer/, expected at least 1']);
  });
});
