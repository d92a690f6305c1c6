/** Takes a file into the desk: checks type and size, keeps the content under its SHA-256, writes the record that names it. */
import { ATTACHMENT_BYTES_MAX } from '../../domain/attachment/attachment.entity.ts';
import { FILE_KINDS, fileEndings, mediaTypeOf } from '../../domain/attachment/attachment-type.rules.ts';
import { formatDecimal } from '../../domain/units/decimal.ts';
import type { Desk } from '../data/desk.ts';
import { newId } from '../data/ids.ts';
import { putBlob } from '../data/local-store.ts';
import type { Command, SubmitResult } from '../data/submit.ts';

export const ACCEPTED = fileEndings.map((ending) => `.${ending}`).join(',');
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
  if (mediaTypeOf(file.name) === undefined) return `Files with a name like “${file.name}” are not taken. Use ${FILE_KINDS}.`;
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
  const draft = { ...owner, name: file.name, sha256, size: file.size, mime: mediaTypeOf(file.name) };
  const result = await submit({ collection: 'attachments', command: 'create', id, draft });
  return result.ok ? { ok: true } : { ok: false, message: result.rejection.message };
}
