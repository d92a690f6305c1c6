/** A copy of the repository's sources that a test may break; the packages are linked, not copied. */
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { files, root } from './sources.ts';

/** The folder of the copy; the caller removes it. */
export function copyOfTree(name: string): string {
  const copy = mkdtempSync(join(tmpdir(), `drover-${name}-`));
  for (const path of files.filter((file) => /\.(ts|tsx|mjs|cjs|json|css|html|sql|md)$/.test(file))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  return copy;
}
