/** What a content shows itself to be, from its first bytes. The same package and the same bytes as on the device. */
import { fileTypeFromBuffer } from 'file-type';
import type { Sniffed } from '../../domain/record/file-rules.ts';

export async function sniff(head: Uint8Array): Promise<Sniffed> {
  const found = await fileTypeFromBuffer(head);
  return { mime: found?.mime, head };
}
