/** `npm run build`: the window for the web and for Electron, and the shell. */
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the window into dist/renderer. */
export async function bundleWindow(): Promise<void> {
  const nodeEnv = process.env.NODE_ENV;
  await build({ root: `${root}renderer`, configFile: `${root}vite.config.ts`, logLevel: 'warn' });
  // Vite leaves "production" behind, which would turn this process, and what it starts, into something it is not.
  if (nodeEnv === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = nodeEnv;
}

if (import.meta.main) {
  await rm(`${root}dist`, { recursive: true, force: true });
  await bundleWindow();
  const { bundleShell } = await import('./bundle-shell.ts');
  await bundleShell();
  process.stdout.write('Built the window into dist/renderer and the shell into dist/electron.\n');
}
