/** Files as people choose them, with the beginnings that their types have. */
import { attachmentNoun } from '../../../../domain/attachment/attachment.rules.ts';
import type { ChosenFile } from '../../../../renderer/data/files/add-file.ts';
import type { Desk } from '../../../../renderer/data/desk.ts';
import { newId } from '../../../../renderer/data/ids.ts';
import { type Command, type SubmitResult, submit } from '../../../../renderer/data/submit.ts';
import { actor } from '../desk-kit.ts';

export const nouns = [attachmentNoun];

const beginnings: Readonly<Record<string, readonly number[]>> = {
  pdf: [0x25, 0x50, 0x44, 0x46, 0x2d, 0x31, 0x2e, 0x37, 0x0a],
  jpg: [0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46, 0],
  exe: [0x4d, 0x5a, 0x90, 0],
};
/** Bytes of this kind; every call gives others. */
export function bytesOf(kind: 'pdf' | 'jpg' | 'exe', size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  // The platform gives at most 64 KiB of random bytes a call; what makes contents differ may be at the end.
  crypto.getRandomValues(bytes.subarray(Math.max(0, size - 4096)));
  bytes.set((beginnings[kind] ?? []).slice(0, size));
  return bytes;
}
export const chosen = (name: string, bytes: Uint8Array<ArrayBuffer>): ChosenFile => new File([bytes], name);

export const owner = { kind: 'bol', recordCollection: 'orders', recordId: newId() };
export const submitOn =
  (desk: Desk) =>
  (command: Command): Promise<SubmitResult> =>
    submit(desk, command, actor);
