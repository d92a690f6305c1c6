/** The repository as a list of files, for tests that read it. Paths are relative to the root, with forward slashes. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const CODE_FOLDERS = ['domain', 'renderer', 'sync-server', 'electron', 'build', 'tests', 'bench'] as const;
const IGNORED = new Set(['node_modules', '.git', 'dist', '.drover', 'test-results', 'playwright-report']);

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.has(entry.name) || entry.name.endsWith('.log')) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function listed(): string[] {
  // A copy without .git (an unpacked archive) is read from the disk instead.
  if (!existsSync(join(root, '.git'))) return walk('');
  const out = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  return out
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)) && statSync(join(root, path)).isFile());
}

/** Every file that is committed or about to be. */
export const files: readonly string[] = [...new Set(listed())].toSorted();
export const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const known = new Set(files.flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))));
/** A file, or a folder that holds one. What only lies on this disk, such as an empty folder, does not count. */
export const exists = (path: string): boolean => known.has(path.replace(/\/$/, ''));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const isCode = (path: string): boolean => /\.(ts|tsx)$/.test(path);
export const code: readonly string[] = files.filter(
  (path) => isCode(path) && (path === 'vite.config.ts' || CODE_FOLDERS.some((f) => path.startsWith(`${f}/`))),
);
export const tests: readonly string[] = code.filter((path) => path.startsWith('tests/'));
export const sources: readonly string[] = code.filter((path) => !path.startsWith('tests/'));
/** Folder names of the nouns: every folder of domain/ that holds an entity file. */
export const nouns: readonly string[] = files.flatMap((path) => /^domain\/([^/]+)\/\1\.entity\.ts$/.exec(path)?.[1] ?? []);
