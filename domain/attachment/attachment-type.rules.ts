/**
 * Which types of files the desk takes, and how a content shows that it is one. The names of detected types are those of the
 * package file-type; both ends ask it, and both judge its answer here. Anything that a browser would run is left out on
 * purpose: pages, SVG, scripts.
 */
import { hard } from '../entity/problem.ts';
import type { ContentProblem, NamedFile, Sniffed } from '../record/file-rules.ts';

interface FileType {
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
  { mime: 'application/pdf', label: 'PDF', endings: ['pdf'], shows: ['application/pdf'] },
  { mime: 'image/jpeg', label: 'JPEG picture', endings: ['jpg', 'jpeg'], shows: ['image/jpeg'] },
  { mime: 'image/png', label: 'PNG picture', endings: ['png'], shows: ['image/png', 'image/apng'] },
  { mime: 'image/gif', label: 'GIF picture', endings: ['gif'], shows: ['image/gif'] },
  { mime: 'image/webp', label: 'WebP picture', endings: ['webp'], shows: ['image/webp'] },
  { mime: 'image/heic', label: 'HEIC picture', endings: ['heic'], shows: heif },
  { mime: 'image/tiff', label: 'TIFF picture', endings: ['tif', 'tiff'], shows: ['image/tiff'] },
  { mime: 'text/plain', label: 'text', endings: ['txt'], shows: [] },
  { mime: 'text/csv', label: 'CSV', endings: ['csv'], shows: [] },
  { mime: 'message/rfc822', label: 'mail', endings: ['eml'], shows: [] },
  { mime: 'application/msword', label: 'Word', endings: ['doc'], shows: [cfb] },
  { mime: docx, label: 'Word', endings: ['docx'], shows: [docx, cfb, 'application/zip'] },
  { mime: 'application/vnd.ms-excel', label: 'Excel', endings: ['xls'], shows: [cfb] },
  { mime: xlsx, label: 'Excel', endings: ['xlsx'], shows: [xlsx, cfb, 'application/zip'] },
  { mime: 'application/vnd.ms-outlook', label: 'Outlook mail', endings: ['msg'], shows: [cfb] },
  { mime: 'application/zip', label: 'zip', endings: ['zip'], shows: ['application/zip', docx, xlsx, pptx] },
];

/** Endings that are taken, without their dots. */
export const fileEndings: readonly string[] = fileTypes.flatMap((type) => type.endings);
/** What is taken, in words. */
export const FILE_KINDS = 'PDF, pictures (JPEG, PNG, GIF, WebP, HEIC, TIFF), text, CSV, mail, Word, Excel and zip';

const byEnding = new Map(fileTypes.flatMap((type) => type.endings.map((ending) => [ending, type])));
const byMime = new Map(fileTypes.map((type) => [type.mime, type]));

const endingOf = (fileName: string): string => /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
/** The media type that a file name promises; undefined for an ending the desk does not take. */
export const mediaTypeOf = (fileName: string): string | undefined => byEnding.get(endingOf(fileName))?.mime;
export const isTakenMediaType = (mime: string): boolean => byMime.has(mime);

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
  if (!type) return hard('mime', 'file_type', `Files of type ${mime} are not taken. Use ${FILE_KINDS}.`, 'D14');
  if (isShownBy(type, found)) return undefined;
  const really = found.mime === undefined ? 'something else' : (byMime.get(found.mime)?.label ?? found.mime);
  return hard(
    'mime',
    'wrong_content',
    `"${name}" is called ${type.label}, but its content is ${really}. Give it the ending it should have, or save it anew from the program that made it.`,
    'D14',
  );
}
