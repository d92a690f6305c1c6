/** Finds Electron's binary without ever importing `electron`, whose index would try to download it. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Name of the executable inside Electron's folder, as Electron's own installer writes it. */
function executableName(platform: string): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

export interface ElectronPlaces {
  /** Folder of the npm package `electron`; undefined when it is not installed. */
  readonly packageFolder: string | undefined;
  /** ELECTRON_OVERRIDE_DIST_PATH, Electron's own variable for a binary that lies elsewhere. */
  readonly override: string | undefined;
  readonly platform: string;
}

const installed = (): string | undefined => {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return undefined;
  }
};

/** Absolute path of the binary, or undefined where there is none: the package downloads it lazily and may never have. */
export function findElectron(places: Partial<ElectronPlaces> = {}): string | undefined {
  const { packageFolder = installed(), override = process.env['ELECTRON_OVERRIDE_DIST_PATH'], platform = process.platform } = places;
  const candidates: string[] = [];
  if (override) candidates.push(join(override, executableName(platform)));
  if (packageFolder) {
    const pathFile = join(packageFolder, 'path.txt');
    const relative = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : executableName(platform);
    candidates.push(join(packageFolder, 'dist', relative));
  }
  return candidates.find((path) => existsSync(path));
}

/** What to say where there is none. */
export const NO_ELECTRON = 'SKIPPED: no Electron binary (run "npx install-electron" on a machine that may download it).';
