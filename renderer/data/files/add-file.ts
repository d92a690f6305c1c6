/**
 * Takes a file into the desk: its content is checked and kept on this device, then the record that names it is written, and
 * both are sent when the server is in reach. Either all of it is there or nothing.
 */
import type { Company } from '../../../domain/access/company.ts';
import { fileBytesMax } from '../../../domain/attachment/attachment.rules.ts';
import { contentProblem, fileKindsText, isTakenMediaType, mediaTypeOf } from '../../../domain/attachment/attachment-type.rules.ts';
import { sizeText } from './size-text.ts';
import type { Desk } from '../desk.ts';
import { newId } from '../ids.ts';
import type { Command, SubmitResult } from '../submit.ts';
import { isFull } from '../room.ts';
import { hold } from './held-files.ts';
import { inspectAway } from './inspect-away.ts';
import type { Inspected } from './inspect.ts';
import { giveUpUpload } from './uploads.ts';

/** What the person chose. A browser's File is one. */
export type ChosenFile = Blob & { readonly name: string };
export type FileRefusal = { readonly ok: false; readonly code: string; readonly message: string };
export type AddedFile = { readonly ok: true; readonly id: string } | FileRefusal;

const refusal = (code: string, message: string): FileRefusal => ({ ok: false, code, message });

/** Bytes that must stay free for records, which matter more. */
const RESERVE = 32 * 1024 * 1024;
/** Whether the browser grants this much more. Where it does not say, the write tells. */
async function hasRoom(bytes: number): Promise<boolean> {
  if (typeof navigator === 'undefined' || !('storage' in navigator)) return true;
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined || quota - usage > bytes + RESERVE;
}

/** What can be said of a file before its content is read; undefined when nothing speaks against it. */
export function refusalOf(
  { name, size }: { readonly name: string; readonly size: number },
  company: Pick<Company, 'settings' | 'options'>,
): FileRefusal | undefined {
  if (!isTakenMediaType(mediaTypeOf(name) ?? '', company.options))
    return refusal('file_type', `Files with a name like “${name}” are not taken. Use ${fileKindsText(company.options)}.`);
  if (size === 0) return refusal('empty_file', `“${name}” is empty. Choose it again when it has been saved or downloaded completely.`);
  const most = fileBytesMax(company);
  if (size > most) {
    return refusal('too_large', `“${name}” has ${sizeText(size)}; at most ${sizeText(most)} are taken. Split it, or save it smaller.`);
  }
  return undefined;
}

interface ReadFile {
  readonly ok: true;
  readonly content: Blob;
  readonly facts: { readonly name: string; readonly mime: string; readonly size: number; readonly sha256: string };
}
/** Reads the whole once, so that what is hashed, judged and kept is the same even if the file changes meanwhile. */
async function readFile(file: ChosenFile, company: Pick<Company, 'settings' | 'options'>): Promise<ReadFile | FileRefusal> {
  const refused = refusalOf(file, company);
  if (refused) return refused;
  const { name } = file;
  // Some systems give names in decomposed letters, which others would not find again.
  const facts = { name: name.normalize('NFC'), mime: mediaTypeOf(name) ?? '', size: file.size };
  if (!('subtle' in crypto))
    return refusal('no_crypto', 'Files can be added only when Drover is opened over https or on this machine. Ask who runs the server.');
  let found: Inspected;
  try {
    found = await inspectAway(file, facts.mime);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return refusal('unreadable', `“${name}” could not be read (${error.name}). It was moved or changed; choose it again.`);
  }
  const problem = contentProblem(facts, found.sniffed);
  if (problem) return refusal(problem.code, problem.message);
  return { ok: true, content: found.content, facts: { ...facts, size: found.content.size, sha256: found.sha256 } };
}

const full = (name: string, size: number): FileRefusal =>
  refusal(
    'disk_full',
    `There is no room for “${name}” (${sizeText(size)}) on this device. Free some space on the disk, then add it again.`,
  );

/** Keeps the content as waiting; `adding` until its record is written. False when there is no room, and nothing is left behind. */
async function keep({ local }: Desk, { content, facts }: ReadFile, recordId: string): Promise<boolean> {
  if (!(await hasRoom(content.size))) return false;
  const { sha256, name, size } = facts;
  try {
    await local.transaction('rw', local.files, local.contents, local.uploads, async () => {
      await hold(local, sha256, content, recordId);
      const addedAt = new Date().toISOString();
      await local.uploads.put({ recordId, sha256, name, size, sent: 0, state: 'adding', addedAt, tries: 0, nextAt: 0 });
    });
    return true;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

async function write(
  desk: Desk,
  file: ChosenFile,
  id: string,
  submit: (facts: ReadFile['facts']) => Promise<SubmitResult>,
): Promise<AddedFile> {
  const read = await readFile(file, desk.company.get());
  if (!read.ok) return read;
  const before = await desk.local.uploads.get(id);
  if (!(await keep(desk, read, id))) return full(file.name, file.size);
  const result = await submit(read.facts);
  if (result.ok) {
    await desk.local.uploads.update(id, { state: 'waiting' });
    return { ok: true, id };
  }
  // The record says what it said before, so the file that waited for it waits again.
  if (before?.sha256 !== read.facts.sha256) await giveUpUpload(desk.local, id);
  if (before) await desk.local.uploads.put(before);
  return refusal(result.rejection.code, result.rejection.message);
}

/** Adds a file to a record. `draft`: the fields of the attachment that are not read from the file. */
export function addFile(
  desk: Desk,
  submit: (command: Command) => Promise<SubmitResult>,
  file: ChosenFile,
  draft: Readonly<Record<string, unknown>>,
): Promise<AddedFile> {
  const id = newId();
  return write(desk, file, id, (facts) => submit({ collection: 'attachments', command: 'create', id, draft: { ...draft, ...facts } }));
}

/** Puts another file in the place of the one that this attachment names, such as one that the server refused. */
export function replaceFile(
  desk: Desk,
  submit: (command: Command) => Promise<SubmitResult>,
  file: ChosenFile,
  id: string,
): Promise<AddedFile> {
  return write(desk, file, id, (facts) => submit({ collection: 'attachments', command: 'change', id, draft: facts }));
}
