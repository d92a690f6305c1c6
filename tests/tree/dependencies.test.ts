import { describe, expect, it } from 'vitest';
import { type Installed, type LockEntry, judgeDependencies, readInstalled } from '../../build/checks/dependencies.ts';
import { root } from './sources.ts';

const real = readInstalled(root);
const findings = (more: Partial<Installed>): readonly string[] => judgeDependencies({ ...real, ...more }).findings;
const entry = (more: LockEntry = {}): LockEntry => ({ version: '1.0.0', license: 'MIT', integrity: 'sha512-x', ...more });
const withPackage = (name: string, more: LockEntry = {}): Partial<Installed> => ({
  packages: { ...real.packages, [`node_modules/${name}`]: entry(more) },
});
const importing = (name: string, more: LockEntry = {}): Partial<Installed> => ({
  ...withPackage(name, more),
  imported: new Set([...real.imported, name]),
});
const manifest = (change: Partial<Installed['manifest']>): Partial<Installed> => ({ manifest: { ...real.manifest, ...change } });

describe('what is installed from others', () => {
  it('is as it should be', () => {
    const verdict = judgeDependencies(real);
    expect(verdict.findings).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, unit: 'packages' });
    expect(verdict.looked).toBeGreaterThan(1000);
    expect(real.imported.size).toBeGreaterThan(30);
  });

  it.each<[string, Partial<Installed>, RegExp]>([
    ['a licence that binds whoever hands it on', importing('copyleft', { license: 'AGPL-3.0' }), /copyleft is under AGPL-3.0/],
    ['a weak copyleft in what is handed on', importing('weak', { license: 'MPL-2.0' }), /weak is under MPL-2.0/],
    ['a licence that is both', importing('both', { license: '(MIT AND GPL-3.0)' }), /both is under/],
    [
      'no licence at all',
      { ...importing('bare', { version: '1.0.0' }), packages: { ...real.packages, 'node_modules/bare': { integrity: 'sha512-x' } } },
      /bare says no licence/,
    ],
    [
      'a licence that only tools may have, deep below an import',
      {
        ...importing('top', { dependencies: { below: '1' } }),
        packages: {
          ...real.packages,
          'node_modules/top': entry({ dependencies: { below: '1' } }),
          'node_modules/top/node_modules/below': entry({ license: 'MPL-2.0' }),
        },
      },
      /below is under MPL-2.0/,
    ],
    [
      'the exception used where it must not be',
      importing('rxdb-server', { license: 'SSPL' }),
      /rxdb-server is imported, and is here for comparison only/,
    ],
    [
      'a range instead of a version',
      manifest({ devDependencies: { ...real.manifest.devDependencies, jose: '^6.2.17' } }),
      /jose is asked for as "\^6\.2\.17"/,
    ],
    [
      'a version from somewhere else',
      manifest({ devDependencies: { ...real.manifest.devDependencies, jose: 'github:x/jose' } }),
      /jose is asked for as/,
    ],
    ['a package over plain http', withPackage('far', { resolved: 'http://evil.example/far.tgz' }), /far comes from http:/],
    ['a package out of git', withPackage('far', { resolved: 'git+ssh://git@evil.example/far.git' }), /far comes from git/],
    [
      'no checksum',
      { packages: { ...real.packages, 'node_modules/loose': { version: '1.0.0', license: 'MIT' } } },
      /loose has no checksum/,
    ],
    ['a weak checksum', withPackage('weak', { integrity: 'sha1-x' }), /weak has a weak checksum/],
    ['an install script that nobody decided about', withPackage('script', { hasInstallScript: true }), /script has an install script/],
    [
      'an install script that may run',
      manifest({ allowScripts: { ...real.manifest.allowScripts, keccak: true } }),
      /keccak may run an install script/,
    ],
    [
      'two versions of what keeps secrets',
      { packages: { ...real.packages, 'node_modules/x/node_modules/jose': entry({ version: '5.0.0' }) } },
      /jose is there in versions/,
    ],
    ['home-grown cryptography', importing('crypto-js'), /crypto-js looks like cryptography/],
    ['an import of what its makers gave up', importing('old', { deprecated: 'use another' }), /old is deprecated/],
    ['an import that is not in the lockfile', { imported: new Set([...real.imported, 'phantom']) }, /not in the lockfile/],
  ])('%s is found', (_, more, words) => {
    const found = findings(more);
    expect(found.join('\n')).toMatch(words);
    expect(found.length).toBeLessThan(4);
  });
});
