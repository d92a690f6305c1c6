/**
 * Bundles the desktop shell: main as one ES module, preload as one CommonJS file (a sandboxed preload can load nothing else).
 * Ends by reading the bundles back: a bundler that silently swallows or forgets an external ships an app that cannot start.
 */
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type InlineConfig, build } from 'vite';
import { keepingNodeEnv } from './node-env.ts';

const repo = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

export interface ShellBundle {
  readonly main: string;
  readonly preload: string;
}

const isExternal = (id: string): boolean => id === 'electron' || isBuiltin(id);

function config(entry: string, outDir: string, file: string, format: 'es' | 'cjs'): InlineConfig {
  return {
    root: repo,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    // Electron 45 runs Node 24; the server-side mode keeps import.meta and process as they are.
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: join(repo, 'electron', entry),
      outDir,
      emptyOutDir: format === 'es',
      target: 'node24',
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        external: isExternal,
        output: { format, entryFileNames: file, codeSplitting: false, exports: 'none' },
      },
    },
  };
}

/** Builds both files into `outDir` and checks them. Throws, naming the file, when a bundle is not what the shell can load. */
export async function bundleShell(outDir: string = join(repo, 'dist', 'electron')): Promise<ShellBundle> {
  await keepingNodeEnv(async () => {
    await build(config('main.ts', outDir, 'main.js', 'es'));
    await build(config('preload.ts', outDir, 'preload.cjs', 'cjs'));
  });
  const bundle = { main: join(outDir, 'main.js'), preload: join(outDir, 'preload.cjs') };
  await checkShell(outDir);
  return bundle;
}

/** Every module name a bundle loads at run time, by import, by re-export or by require. */
export function loadedModules(code: string): string[] {
  const forms = [
    /(?<=^|[;}])\s*(?:import|export)\b[^'"`;]*?from\s*["']([^"']+)["']/gmu,
    /(?<=^|[;}])\s*import\s*["']([^"']+)["']/gmu,
    /\b(?:require|import)\(\s*["']([^"']+)["']\s*\)/gu,
  ];
  return [...new Set(forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? '')))].sort();
}

/** What a sandboxed preload may require; everything else does not exist there. */
const sandboxed = new Set(['electron', 'events', 'timers', 'url', 'node:events', 'node:timers', 'node:url']);

export async function checkShell(outDir: string): Promise<void> {
  const files = (await readdir(outDir)).filter((name) => /\.[cm]?js$/u.test(name)).sort();
  if (files.join() !== 'main.js,preload.cjs')
    throw new Error(`The shell must be main.js and preload.cjs, but ${outDir} has: ${files.join(', ')}`);
  for (const name of files) {
    const path = join(outDir, name);
    const modules = loadedModules(await readFile(path, 'utf8'));
    const foreign = modules.filter((id) => (name === 'preload.cjs' ? !sandboxed.has(id) : !isExternal(id)));
    if (foreign.length > 0) throw new Error(`${name} loads ${foreign.join(', ')}, which is not there in the packaged app.`);
    if (!modules.includes('electron')) throw new Error(`${name} does not load electron: it was bundled in or lost.`);
    await run(process.execPath, ['--check', path]);
  }
}
