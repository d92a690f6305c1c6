/**
 * Packages the built desk: `node build/package.ts [--dir] [--linux|--win|--mac]`, after `npm run build`. Needs Electron's
 * archive and the installer tools, which electron-builder downloads, so it is a job for a machine that may do that; `--dir`
 * with ELECTRON_OVERRIDE_DIST_PATH packs from an unpacked Electron that is already there.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Configuration, Platform, build } from 'electron-builder';
import { builderConfig } from './electron-builder.ts';

const repo = fileURLToPath(new URL('..', import.meta.url));

export interface PackageOptions {
  readonly platform: 'linux' | 'win' | 'mac';
  /** Only the unpacked folder, no installer. */
  readonly dir: boolean;
  readonly output?: string;
  /** An unpacked Electron to take instead of a download. */
  readonly electronDist?: string;
  /** Folder that holds `dist/` and package.json; the repository unless a test says otherwise. */
  readonly project?: string;
}

/** Paths of the made files. Throws a sentence when there is nothing built to package. */
export async function packageDesk(options: PackageOptions): Promise<string[]> {
  const project = options.project ?? repo;
  for (const file of ['dist/electron/main.js', 'dist/electron/preload.cjs', 'dist/renderer/index.html']) {
    if (!existsSync(join(project, file))) throw new Error(`${file} is not built yet: run "npm run build" first.`);
  }
  const base = builderConfig();
  const config: Configuration = {
    ...base,
    directories: { ...base.directories, ...(options.output === undefined ? {} : { output: options.output }) },
    ...(options.electronDist === undefined ? {} : { electronDist: options.electronDist }),
  };
  const platform = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC }[options.platform];
  return build({
    projectDir: project,
    config,
    publish: 'never',
    targets: options.dir ? platform.createTarget('dir') : platform.createTarget(),
  });
}

const here = { linux: 'linux', win32: 'win', darwin: 'mac' } as const;

if (import.meta.main) {
  const args = process.argv.slice(2);
  const asked = (['linux', 'win', 'mac'] as const).find((name) => args.includes(`--${name}`));
  const platform = asked ?? here[process.platform as keyof typeof here];
  const electronDist = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const made = await packageDesk({ platform, dir: args.includes('--dir'), ...(electronDist ? { electronDist } : {}) });
  process.stdout.write(made.length > 0 ? `${made.join('\n')}\n` : 'Packed into dist/packages.\n');
}
