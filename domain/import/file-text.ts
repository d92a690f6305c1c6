/**
 * Bytes of a chosen file -> its text, or a refusal that says what the file is instead and what to do. Pure: the decoder is
 * handed in, because `domain` has no TextDecoder.
 */

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
/** Same contract as `new TextDecoder(encoding).decode(bytes)`; the bytes carry no byte order mark any more. */
export type DecodeBytes = (bytes: Uint8Array, encoding: Encoding) => string;

export interface FileRefusal {
  readonly code: 'empty' | 'too_large' | 'wrong_type' | 'no_table' | 'unreadable';
  readonly message: string;
}
export interface FileText {
  readonly text: string;
  readonly encoding: Encoding;
  /** What a person should know of how the file was read; [] when there was nothing to decide. */
  readonly notes: readonly string[];
}
export type FileReading = { readonly ok: true; readonly file: FileText } | { readonly ok: false; readonly refusal: FileRefusal };

/** Largest file an import reads at once; the whole US carrier census as CSV would be larger and needs another road. */
export const FILE_BYTES_MAX = 100 * 1024 * 1024;

const SAVE_AS = 'Open it in the program it came from and save it as CSV (comma separated, UTF-8), then choose that file.';

/** First bytes of files people pick by mistake. Source: the formats' own specifications. */
const signatures: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'an Excel workbook (.xlsx) or another ZIP file'],
  [[0x50, 0x4b, 0x05, 0x06], 'an empty ZIP file'],
  [[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], 'an old Excel or Office document (.xls, .doc, .msg)'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [[0x47, 0x49, 0x46, 0x38], 'a GIF picture'],
  [[0x1f, 0x8b], 'a gzip archive'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7-Zip archive'],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'an SQLite database'],
];

const refuse = (code: FileRefusal['code'], message: string): FileReading => ({ ok: false, refusal: { code, message } });
const startsWith = (bytes: Uint8Array, mark: readonly number[]): boolean => mark.every((byte, i) => bytes[i] === byte);

/** True when every byte sequence is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
export function isUtf8(bytes: Uint8Array): boolean {
  let i = 0;
  while (i < bytes.length) {
    const first = bytes[i] ?? 0;
    if (first < 0x80) {
      i += 1;
      continue;
    }
    const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    if (length === 0 || i + length > bytes.length) return false;
    const second = bytes[i + 1] ?? 0;
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let k = 2; k < length; k += 1) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return false;
    i += length;
  }
  return true;
}

/** UTF-16 without a mark: Latin text has a zero in every second byte. Looks at the first 4 KiB. */
function unmarkedUtf16(bytes: Uint8Array): Encoding | undefined {
  const seen = Math.min(bytes.length, 4096) & ~1;
  if (seen < 4 || bytes.length % 2 === 1) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < seen; i += 2) {
    if (bytes[i] === 0) even += 1;
    if (bytes[i + 1] === 0) odd += 1;
  }
  const half = seen / 2;
  if (odd > half * 0.6 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.6 && odd < half * 0.05) return 'utf-16be';
  return undefined;
}

/** Control characters that no table holds; tab, line ends and form feed may occur. Ctrl-Z ends old DOS files. */
function looksBinary(bytes: Uint8Array): boolean {
  const seen = Math.min(bytes.length, 65_536);
  let odd = 0;
  for (let i = 0; i < seen; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) return true;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d && byte !== 0x1a) odd += 1;
  }
  return odd > Math.max(2, seen / 1000);
}

function chooseEncoding(bytes: Uint8Array): { encoding: Encoding; skip: number; notes: string[] } | undefined {
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return { encoding: 'utf-8', skip: 3, notes: [] };
  if (startsWith(bytes, [0xff, 0xfe])) return { encoding: 'utf-16le', skip: 2, notes: [] };
  if (startsWith(bytes, [0xfe, 0xff])) return { encoding: 'utf-16be', skip: 2, notes: [] };
  const wide = unmarkedUtf16(bytes);
  if (wide) return { encoding: wide, skip: 0, notes: ['The file does not say its encoding; it was read as UTF-16.'] };
  if (looksBinary(bytes)) return undefined;
  if (isUtf8(bytes)) return { encoding: 'utf-8', skip: 0, notes: [] };
  const notes = ['The file is not UTF-8; it was read as Windows-1252 (Western European). Check names with accents in the preview.'];
  return { encoding: 'windows-1252', skip: 0, notes };
}

/** Decodes a file, or says why it is no table. Never throws for what a person may choose. */
export function readFileText(bytes: Uint8Array, decode: DecodeBytes): FileReading {
  if (bytes.length === 0) return refuse('empty', 'The file is empty. Choose a file that has a header row and at least one row below it.');
  if (bytes.length > FILE_BYTES_MAX) {
    return refuse(
      'too_large',
      `The file has ${Math.ceil(bytes.length / 1024 / 1024)} MB; at most 100 MB are read. Split it and import the parts.`,
    );
  }
  const known = signatures.find(([mark]) => startsWith(bytes, mark));
  if (known) return refuse('wrong_type', `This is ${known[1]}, not a CSV file. ${SAVE_AS}`);
  const chosen = chooseEncoding(bytes);
  if (!chosen) return refuse('wrong_type', `This file holds binary data, not text. ${SAVE_AS}`);
  const text = decode(bytes.subarray(chosen.skip), chosen.encoding).replace(/\u001a+\s*$/u, '');
  const start = text.slice(0, 200).trimStart().toLowerCase();
  if (start === '')
    return refuse('empty', 'The file holds blanks only. Choose a file that has a header row and at least one row below it.');
  if (start.startsWith('<!doctype') || start.startsWith('<html') || start.startsWith('<?xml')) {
    return refuse('wrong_type', 'This is a web page or an XML file, not a CSV file. Download the data itself as CSV and choose that file.');
  }
  if (/^(\{\s*"|\[\s*[{[])/u.test(start)) return refuse('wrong_type', `This is a JSON file, not a CSV file. ${SAVE_AS}`);
  return { ok: true, file: { text, encoding: chosen.encoding, notes: chosen.notes } };
}
