/** `npm run build`: the window for the web and for Electron, and the shell. */
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { keepingNodeEnv } from './node-env.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the window into dist/renderer. */
export async function bundleWindow(): Promise<void> {
  await keepingNodeEnv(() => build({ root: `${root}renderer`, configFile: `${root}vite.config.ts`, logLevel: 'warn' }));
}

if (import.meta.main) {
  await rm(`${root}dist`, { recursive: true, force: true });
  await bundleWindow();
  const { bundleShell } = await import('./bundle-shell.ts');
  await bundleShell();
  process.stdout.write('Built the window into dist/renderer and the shell into dist/electron.\n');
}
