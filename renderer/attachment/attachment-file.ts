/** Takes a file into the desk: checks type and size, keeps the content under its SHA-256, writes the record that names it. */
import { ATTACHMENT_BYTES_MAX } from '../../domain/attachment/attachment.entity.ts';
import { formatDecimal } from '../../domain/units/decimal.ts';
import type { Desk } from '../data/desk.ts';
import { newId } from '../data/ids.ts';
import { putBlob } from '../data/local-store.ts';
import type { Command, SubmitResult } from '../data/submit.ts';

/** Papers and pictures of the trade. Programs and web pages are refused: they could run when opened. */
const EXTENSIONS = [
  'pdf',
  'jpg',
  'jpeg',
  'png',
  'gif',
  'webp',
  'heic',
  'tif',
  'tiff',
  'txt',
  'csv',
  'doc',
  'docx',
  'xls',
  'xlsx',
  'eml',
  'msg',
  'zip',
] as const;
export const ACCEPTED = EXTENSIONS.map((extension) => `.${extension}`).join(',');
/** How the desk opens a file: it shows pictures and plain text itself, a browser shows PDF in a tab, the rest is saved. */
export type Opening = 'picture' | 'text' | 'tab' | 'save';
const openings: Readonly<Record<string, Opening>> = {
  'image/jpeg': 'picture',
  'image/png': 'picture',
  'image/gif': 'picture',
  'image/webp': 'picture',
  'text/plain': 'text',
  'application/pdf': 'tab',
};
/** The desktop shell opens no windows, so what a browser shows in a tab is saved there. Nothing that could run is ever shown. */
export function openingOf(mime: string, inShell: boolean): Opening {
  const opening = Object.hasOwn(openings, mime) ? (openings[mime] ?? 'save') : 'save';
  return opening === 'tab' && inShell ? 'save' : opening;
}

const KILO = 1024;
/** 1,536 bytes -> "1.5 KB". */
export function sizeText(bytes: number): string {
  if (bytes < KILO) return `${bytes} B`;
  const [unit, by] = bytes < KILO * KILO ? ['KB', KILO] : ['MB', KILO * KILO];
  return `${formatDecimal(Math.round((bytes * 10) / Number(by)), 1)} ${unit}`;
}

/** Why a file is not taken; '' when it is. */
export function refusalOf(file: { readonly name: string; readonly size: number }): string {
  const extension = file.name.split('.').at(-1)?.toLowerCase() ?? '';
  if (!(EXTENSIONS as readonly string[]).includes(extension))
    return `Files of the type “.${extension}” are not taken. Use PDF, pictures, text, Word, Excel, mail or zip.`;
  if (file.size === 0) return 'The file is empty.';
  if (file.size > ATTACHMENT_BYTES_MAX) return `The file has ${sizeText(file.size)}; at most ${sizeText(ATTACHMENT_BYTES_MAX)} are taken.`;
  return '';
}

export interface FileOwner {
  readonly kind: string;
  readonly recordCollection: string;
  readonly recordId: string;
}
export type KeptFile = { readonly ok: true } | { readonly ok: false; readonly message: string };

export async function keepFile(
  desk: Desk,
  submit: (command: Command) => Promise<SubmitResult>,
  file: File,
  owner: FileOwner,
): Promise<KeptFile> {
  const refusal = refusalOf(file);
  if (refusal !== '') return { ok: false, message: refusal };
  const id = newId();
  // The content goes first: a record without its content would promise a file that nobody has.
  const sha256 = await putBlob(desk.local, file, { name: file.name, attachmentId: id });
  const draft = { ...owner, name: file.name, sha256, size: file.size, mime: file.type === '' ? 'application/octet-stream' : file.type };
  const result = await submit({ collection: 'attachments', command: 'create', id, draft });
  return result.ok ? { ok: true } : { ok: false, message: result.rejection.message };
}
