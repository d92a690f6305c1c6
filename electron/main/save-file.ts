/** Save a file: the user picks the place, the window only suggests a name. */
import { basename, join } from 'node:path';
import type { SaveOutcome } from '../ipc-contract.ts';
import { writeWhole } from './json-file.ts';

export interface SavePorts {
  /** Shows the dialog of the operating system; undefined when the user changed their mind. */
  readonly askForPath: (suggestion: string) => Promise<string | undefined>;
  /** Folder to suggest. */
  readonly folder: () => string;
}

const FALLBACK_NAME = 'drover-file';
const forbidden = /[\p{Cc}<>:"/\\|?*]/gu;
/** Names of devices on Windows, with any extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/** A name that every one of our platforms accepts, without a folder in it. */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/u).at(-1) ?? '';
  const clean = last
    .replace(forbidden, '_')
    .replace(/^[.\s]+|[.\s]+$/gu, '')
    .slice(0, 120);
  if (clean === '') return FALLBACK_NAME;
  return device.test(clean) ? `_${clean}` : clean;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EACCES: 'you may not write in that folder',
  EPERM: 'you may not write in that folder',
  EROFS: 'that disk is read-only',
  EBUSY: 'the file is open in another program',
  ENOENT: 'that folder is gone',
};

export async function saveFile(ports: SavePorts, name: string, bytes: Uint8Array): Promise<SaveOutcome> {
  const path = await ports.askForPath(join(ports.folder(), safeFileName(name)));
  if (path === undefined || path === '') return { outcome: 'cancelled' };
  try {
    await writeWhole(path, bytes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { outcome: 'failed', code, message: `The file was not saved: ${reasons[code] ?? code}.` };
  }
  return { outcome: 'saved', name: basename(path).slice(0, 255) };
}
