/** A content on demand: from this device, else from the server, and then kept here. What is damaged is thrown away and fetched. */
import type { Attachment } from '../../../domain/attachment/attachment.entity.ts';
import type { Desk } from '../../data/desk.ts';
import { isFull } from '../../data/room.ts';
import { HELD_BYTES_MAX, dropHeld, heldContent, hold, touchHeld, trimHeld } from '../../data/files/held-files.ts';
import { inspectAway } from '../../data/files/inspect-away.ts';
import { SyncFault } from '../fault.ts';
import type { Session } from '../session.ts';
import { FileAnswerFault, readContent } from './file-wire.ts';

export type WantedFile = Pick<Attachment, 'sha256' | 'size' | 'mime' | 'name'> & { readonly id: string };
export type FetchedFile =
  | { readonly ok: true; readonly content: Blob }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** A broken line is tried again this often within one request of a person, each time from where it broke. */
const TRIES = 3;

/** The content if it is here and whole. A copy that cannot be read or is another one is forgotten. */
async function heldHere(desk: Desk, { id, sha256, mime }: WantedFile): Promise<Blob | undefined> {
  const content = await heldContent(desk.local, sha256);
  if (!content) return undefined;
  try {
    if ((await inspectAway(content, mime)).sha256 === sha256) {
      await touchHeld(desk.local, sha256, id);
      return content;
    }
  } catch (error) {
    // The browser lost the bytes behind the entry.
    if (!(error instanceof DOMException)) throw error;
  }
  await dropHeld(desk.local, [sha256]);
  return undefined;
}

async function download(session: Session, file: WantedFile, onProgress: (received: number) => void): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  for (let tries = 1; ; tries += 1) {
    try {
      for await (const chunk of readContent(session, { recordId: file.id, sha256: file.sha256 }, received)) {
        chunks.push(chunk);
        received += chunk.byteLength;
        onProgress(received);
      }
      if (received >= file.size) return new Blob(chunks, { type: file.mime });
    } catch (error) {
      if (!(error instanceof SyncFault) || error.code !== 'unreachable' || tries === TRIES || received === 0) throw error;
    }
    if (tries === TRIES) throw new SyncFault('unreachable', 'The line broke while the file was on its way. Try again.');
  }
}

/** Keeps a fetched content where there is room; without room the person still gets it. */
async function keep(desk: Desk, file: WantedFile, content: Blob): Promise<void> {
  try {
    await hold(desk.local, file.sha256, content, file.id);
    await trimHeld(desk.local);
  } catch (error) {
    if (!isFull(error)) throw error;
    await trimHeld(desk.local, Math.floor(HELD_BYTES_MAX / 4));
  }
}

/** The content of a file. A refusal is an answer: not here and offline, not sent yet, not yours, damaged on the server. */
export async function fetchFile(
  desk: Desk,
  session: Session,
  file: WantedFile,
  onProgress: (received: number) => void = () => undefined,
): Promise<FetchedFile> {
  const held = await heldHere(desk, file);
  if (held) return { ok: true, content: held };
  try {
    const content = await download(session, file, onProgress);
    if ((await inspectAway(content, file.mime)).sha256 !== file.sha256) {
      const message = `What came of “${file.name}” is damaged and was thrown away. Try again; if it stays so, ask who added the file to add it again.`;
      return { ok: false, code: 'damaged', message };
    }
    await keep(desk, file, content);
    return { ok: true, content };
  } catch (error) {
    if (error instanceof FileAnswerFault) return { ok: false, code: error.code, message: error.message };
    if (!(error instanceof SyncFault)) throw error;
    if (error.code !== 'unreachable') return { ok: false, code: error.code, message: error.message };
    const message = `“${file.name}” is not on this device, and the server cannot be reached now. Open it when you are online again.`;
    return { ok: false, code: 'not_here', message };
  }
}
