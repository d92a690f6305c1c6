/** What a content shows itself to be, from its first bytes. The same package and the same bytes as on the server. */
import { SNIFF_BYTES, type Sniffed } from '../../../domain/record/file-rules.ts';

export async function sniff(content: Uint8Array): Promise<Sniffed> {
  // Loaded with the first file that is added: 72 kB that most windows never need.
  const { fileTypeFromBuffer } = await import('file-type');
  const head = content.subarray(0, SNIFF_BYTES);
  return { mime: (await fileTypeFromBuffer(head))?.mime, head };
}
