// Who may import whom (docs/ARCHITECTURE.md, "Folders"). Each comment is what the person who trips the rule reads.
// Run by `npm run check`; tests/tree/boundaries.test.ts seeds a violation of every rule and sees it fire.
const packages = (...names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;
const anyPackage = '(^|/)node_modules/';
const core = { dependencyTypesNot: ['core', 'unknown'] };
const windowBase = '^renderer/(data|sync|search|ui)/';
/** A folder of screens: everything under renderer/ that is neither the base nor the composition. */
const screens = '^renderer/(?!app/|data/|sync/|search/|ui/|public/)([^/]+)/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that import each other are one file in disguise. Move what both need into a third, or merge them.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'The import points at nothing. A checker that cannot follow an import cannot judge it.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-is-the-floor',
      severity: 'error',
      comment: 'domain/ runs on both sides and imports only itself. Pass in what it needs as an argument.',
      from: { path: '^domain/' },
      to: { pathNot: ['^domain/', anyPackage], dependencyTypesNot: ['core', 'unknown'] },
    },
    {
      name: 'domain-has-no-packages',
      severity: 'error',
      comment: 'domain/ is plain TypeScript. Only domain/protocol may use typebox, to state the messages on the wire.',
      from: { path: '^domain/', pathNot: '^domain/protocol/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'] },
    },
    {
      name: 'domain-has-no-packages',
      severity: 'error',
      comment: 'domain/protocol may use typebox and no other package.',
      from: { path: '^domain/protocol/' },
      to: {
        pathNot: packages('typebox'),
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'],
      },
    },
    {
      name: 'domain-base-knows-no-feature',
      severity: 'error',
      comment: 'The kernel, the units, the record commands, the rights and the protocol serve every noun and know none of them.',
      from: { path: '^domain/(access|entity|units|record|protocol)/' },
      to: { path: '^domain/', pathNot: '^domain/(access|entity|units|record|protocol)/' },
    },
    {
      name: 'sync-server-imports',
      severity: 'error',
      comment: 'The server imports itself, domain/ and packages. What it shares with the window belongs into domain/.',
      from: { path: '^sync-server/' },
      to: { pathNot: ['^(sync-server|domain)/', anyPackage], ...core },
    },
    {
      name: 'server-knows-no-noun',
      severity: 'error',
      comment:
        'The server knows entities by the registry, not by name. A noun named here is a rule that leaked out of domain/. Taking an import back is judged alike on device and server.',
      from: { path: '^sync-server/', pathNot: '^sync-server/cli/' },
      to: { path: '^domain/', pathNot: '^domain/(access|entity|units|record|protocol)/|^domain/import/undo\\.ts$|^domain/registry\\.ts$' },
    },
    {
      name: 'renderer-imports',
      severity: 'error',
      comment: 'The window imports itself, domain/, packages, and the types of electron/ipc-contract.ts.',
      from: { path: '^renderer/' },
      to: { pathNot: ['^(renderer|domain)/', '^electron/ipc-contract\\.ts$', anyPackage], ...core },
    },
    {
      name: 'renderer-sees-ipc-as-types-only',
      severity: 'error',
      comment: 'Use `import type`: the contract must leave no code in the window, which also runs in a browser.',
      from: { path: '^renderer/' },
      to: { path: '^electron/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-imports',
      severity: 'error',
      comment: 'The shell imports itself, domain/ and packages. It reaches the window through electron/ipc-contract.ts only.',
      from: { path: '^electron/' },
      to: { pathNot: ['^(electron|domain)/', anyPackage], ...core },
    },
    {
      name: 'screens-do-not-reach-into-screens',
      severity: 'error',
      comment: "One noun's screens never import another noun's. Compose them in renderer/app, or move the shared part to renderer/ui.",
      from: { path: screens },
      to: { path: screens, pathNot: '^renderer/$1/' },
    },
    {
      name: 'window-base-knows-no-screen',
      severity: 'error',
      comment: 'renderer/data, sync, search and ui serve every screen and know none; renderer/app hands them what they need.',
      from: { path: windowBase },
      to: { path: '^renderer/', pathNot: windowBase },
    },
    {
      name: 'only-data-touches-rxdb',
      severity: 'error',
      comment: 'Facts are read and written through renderer/data, replicated by renderer/sync. No one else sees the database.',
      from: { path: '^(domain|renderer|sync-server|electron|build)/', pathNot: '^renderer/(data|sync)/' },
      to: { path: packages('rxdb', 'rxdb-stock', 'rxdb-server', 'dexie') },
    },
    {
      name: 'storage-engine-knows-no-drover',
      severity: 'error',
      comment: 'renderer/data/storage serves any RxDB project: it imports itself, rxdb, dexie and rxjs. Hand in what it needs.',
      from: { path: '^renderer/data/storage/' },
      to: { pathNot: ['^renderer/data/storage/', packages('rxdb', 'dexie', 'rxjs')] },
    },
    {
      name: 'only-db-touches-pg',
      severity: 'error',
      comment: 'SQL lives in sync-server/db, one statement a function. build/postgres.ts starts the engine and asks it nothing else.',
      from: { path: '^(domain|renderer|sync-server|electron|build)/', pathNot: '^sync-server/db/' },
      to: { path: packages('pg', 'pg-[a-z-]+', 'kysely') },
    },
    {
      name: 'only-electron-touches-electron',
      severity: 'error',
      comment: 'Only electron/ knows Electron; everything else gets a port.',
      from: { pathNot: '^electron/' },
      to: { path: packages('electron') },
    },
    {
      name: 'renderer-never-reaches-node',
      severity: 'error',
      comment: 'The window runs in a browser. Node is behind electron/ipc-contract.ts or on the server.',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-test-imports',
      severity: 'error',
      comment: 'Nothing that ships or builds imports tests/ or bench/.',
      from: { pathNot: '^(tests|bench)/' },
      to: { path: '^(tests|bench)/' },
    },
    {
      name: 'zustand-only-in-ui-store',
      severity: 'error',
      comment: 'zustand holds what a user can lose without regret, in <feature>.ui-store.ts. Facts live in RxDB.',
      from: { path: '^(domain|renderer|sync-server|electron|build)/', pathNot: '\\.ui-store\\.ts$' },
      to: { path: packages('zustand') },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing: delete it, or connect it.',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^tests/', '^build/[^/]+$', '^bench/[^/]+$', '^vite\\.config\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: anyPackage },
    exclude: { path: '^(dist|test-results|playwright-report|\\.drover)/' },
    // Without this, type-only imports are invisible and the floor leaks.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default', 'require'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
