/**
 * Which types of files the desk takes, and how a content shows that it is one. The names of detected types are those of the
 * package file-type; both ends ask it, and both judge its answer here. Anything that a browser would run is left out on
 * purpose: pages, SVG, scripts.
 */
import { type ChangedLists, type OptionList, optionsOf } from '../access/option-lists.ts';
import { hard } from '../entity/problem.ts';
import type { ContentProblem, NamedFile, Sniffed } from '../record/file-rules.ts';

interface FileType {
  /** In the list of kinds from which the company may retire some. */
  readonly kind: string;
  readonly mime: string;
  readonly label: string;
  readonly endings: readonly string[];
  /** Detected types that this one may show; none for plain text, which has no marks. */
  readonly shows: readonly string[];
}

const office = 'application/vnd.openxmlformats-officedocument.';
const docx = `${office}wordprocessingml.document`;
const xlsx = `${office}spreadsheetml.sheet`;
const pptx = `${office}presentationml.presentation`;
/** The old container of Office, which also holds a new document that is locked with a password. */
const cfb = 'application/x-cfb';
const heif = ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence'];

const fileTypes: readonly FileType[] = [
  { kind: 'pdf', mime: 'application/pdf', label: 'PDF', endings: ['pdf'], shows: ['application/pdf'] },
  { kind: 'jpeg', mime: 'image/jpeg', label: 'JPEG picture', endings: ['jpg', 'jpeg'], shows: ['image/jpeg'] },
  { kind: 'png', mime: 'image/png', label: 'PNG picture', endings: ['png'], shows: ['image/png', 'image/apng'] },
  { kind: 'gif', mime: 'image/gif', label: 'GIF picture', endings: ['gif'], shows: ['image/gif'] },
  { kind: 'webp', mime: 'image/webp', label: 'WebP picture', endings: ['webp'], shows: ['image/webp'] },
  { kind: 'heic', mime: 'image/heic', label: 'HEIC picture', endings: ['heic'], shows: heif },
  { kind: 'tiff', mime: 'image/tiff', label: 'TIFF picture', endings: ['tif', 'tiff'], shows: ['image/tiff'] },
  { kind: 'text', mime: 'text/plain', label: 'text', endings: ['txt'], shows: [] },
  { kind: 'csv', mime: 'text/csv', label: 'CSV', endings: ['csv'], shows: [] },
  { kind: 'mail', mime: 'message/rfc822', label: 'mail', endings: ['eml'], shows: [] },
  { kind: 'word', mime: 'application/msword', label: 'Word', endings: ['doc'], shows: [cfb] },
  { kind: 'word', mime: docx, label: 'Word', endings: ['docx'], shows: [docx, cfb, 'application/zip'] },
  { kind: 'excel', mime: 'application/vnd.ms-excel', label: 'Excel', endings: ['xls'], shows: [cfb] },
  { kind: 'excel', mime: xlsx, label: 'Excel', endings: ['xlsx'], shows: [xlsx, cfb, 'application/zip'] },
  { kind: 'outlook', mime: 'application/vnd.ms-outlook', label: 'Outlook mail', endings: ['msg'], shows: [cfb] },
  { kind: 'zip', mime: 'application/zip', label: 'zip', endings: ['zip'], shows: ['application/zip', docx, xlsx, pptx] },
];

/** What a company takes. Closed: only what can be told by its content is ever taken. */
export const fileKinds: OptionList = {
  key: 'file_kinds',
  label: 'Kinds of files',
  closed: true,
  options: {
    pdf: 'PDF',
    jpeg: 'JPEG pictures',
    png: 'PNG pictures',
    gif: 'GIF pictures',
    webp: 'WebP pictures',
    heic: 'HEIC pictures',
    tiff: 'TIFF pictures',
    text: 'Text',
    csv: 'CSV',
    mail: 'Mail',
    outlook: 'Outlook mail',
    word: 'Word',
    excel: 'Excel',
    zip: 'Zip',
  },
};
const takenKinds = (changed: ChangedLists) => optionsOf(fileKinds, changed).filter(({ retired }) => retired !== true);
/** What the company takes, in words. */
export const fileKindsText = (changed: ChangedLists): string =>
  takenKinds(changed)
    .map(({ label }) => label)
    .join(', ');

/** Endings of what the company takes, without their dots. */
export function fileEndings(changed: ChangedLists): string[] {
  const taken = new Set(takenKinds(changed).map(({ key }) => key));
  return fileTypes.filter(({ kind }) => taken.has(kind)).flatMap(({ endings }) => endings);
}

const byEnding = new Map(fileTypes.flatMap((type) => type.endings.map((ending) => [ending, type])));
const byMime = new Map(fileTypes.map((type) => [type.mime, type]));

const endingOf = (fileName: string): string => /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
/** The media type that a file name promises; undefined for an ending the desk does not take. */
export const mediaTypeOf = (fileName: string): string | undefined => byEnding.get(endingOf(fileName))?.mime;
/** `changed`: the lists of the company. */
export function isTakenMediaType(mime: string, changed: ChangedLists): boolean {
  const kind = byMime.get(mime)?.kind;
  return kind !== undefined && takenKinds(changed).some(({ key }) => key === kind);
}

/** Tab, line feed, vertical tab, form feed, carriage return, escape. */
const TEXT_CONTROLS = new Set([9, 10, 11, 12, 13, 27]);
/** No byte that texts do not have; UTF-16 with its mark passes. */
function looksLikeText(head: Uint8Array): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return head.every((byte) => (byte >= 32 && byte !== 127) || TEXT_CONTROLS.has(byte));
}

const PDF_MARK = [0x25, 0x50, 0x44, 0x46, 0x2d];
/** Readers of PDF bear up to a thousand bytes before the mark, and scanners and mail programs write them. */
const PDF_MARK_WITHIN = 1024;
const hasLatePdfMark = (head: Uint8Array): boolean =>
  head.subarray(0, PDF_MARK_WITHIN).some((_, at) => PDF_MARK.every((byte, i) => head[at + i] === byte));

function isShownBy(type: FileType, { mime, head }: Sniffed): boolean {
  if (type.shows.length === 0) return looksLikeText(head);
  if (mime !== undefined && type.shows.includes(mime)) return true;
  return type.mime === 'application/pdf' && mime === undefined && hasLatePdfMark(head);
}

/** Why this content is not what its name and its record say; undefined when it is. */
export function contentProblem({ name, mime }: Pick<NamedFile, 'name' | 'mime'>, found: Sniffed): ContentProblem | undefined {
  const type = byMime.get(mime);
  if (!type) return hard('mime', 'file_type', `Files of type ${mime} are not taken. Use ${fileKindsText({})}.`, 'D14');
  if (isShownBy(type, found)) return undefined;
  const really = found.mime === undefined ? 'something else' : (byMime.get(found.mime)?.label ?? found.mime);
  return hard(
    'mime',
    'wrong_content',
    `"${name}" is called ${type.label}, but its content is ${really}. Give it the ending it should have, or save it anew from the program that made it.`,
    'D14',
  );
}
