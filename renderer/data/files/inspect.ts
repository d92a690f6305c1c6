/** Reads a content once, and says what it is. Runs in the window for small ones, in a worker for large ones. */
import { SNIFF_BYTES, type Sniffed } from '../../../domain/record/file-rules.ts';

const hex = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
/** SHA-256 in lower-case hex. Needs a secure origin. */
export const sha256Of = async (bytes: ArrayBuffer): Promise<string> => hex(await crypto.subtle.digest('SHA-256', bytes));

export interface Inspected {
  readonly sha256: string;
  readonly sniffed: Sniffed;
  /** The bytes that were hashed and looked at, whatever becomes of the file meanwhile. */
  readonly content: Blob;
}

/** What the content shows itself to be. The same package and the same bytes as on the server. */
async function sniff(bytes: Uint8Array): Promise<Sniffed> {
  // Loaded with the first file that is added: 72 kB that most windows never need.
  const { fileTypeFromBuffer } = await import('file-type');
  const head = bytes.slice(0, SNIFF_BYTES);
  return { mime: (await fileTypeFromBuffer(head))?.mime, head };
}

/** Rejects with a DOMException when the content cannot be read, such as a file that was moved or changed. */
export async function inspect(content: Blob, mime: string): Promise<Inspected> {
  const bytes = await content.arrayBuffer();
  const sniffed = await sniff(new Uint8Array(bytes));
  return { sha256: await sha256Of(bytes), sniffed, content: new Blob([bytes], { type: mime }) };
}
