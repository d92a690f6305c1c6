import { expect, it } from 'vitest';
import { expectNone } from './expect-none.ts';
import { text } from './sources.ts';

interface LockEntry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(text('package-lock.json')) as { readonly packages: Readonly<Record<string, LockEntry>> };

/** Where Node would find a dependency of the package at `from`: its own folder first, then those above it. */
function isLocked(from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in lock.packages) return true;
    if (folder === '') return false;
  }
}

// npm writes no entry for a platform's package that the registry at hand lacks, and `npm ci` of npm 11 then refuses the
// whole file on a clean clone. An entry without integrity is enough: it is only fetched on that platform.
it('the lockfile names every optional package of every platform, so that npm ci accepts it', () => {
  const optional = Object.entries(lock.packages).flatMap(([from, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).map((name) => ({ from, name })),
  );
  expect(optional.length).toBeGreaterThan(20);
  expectNone(
    optional
      .filter(({ from, name }) => !isLocked(from, name))
      .map(({ from, name }) => `${name}, of ${from}: add an entry with version, os, cpu and libc`),
  );
});
