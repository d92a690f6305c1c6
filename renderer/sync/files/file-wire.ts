/** The calls about contents of files. Failures of the line are SyncFaults; what the server says of one file is a FileAnswerFault. */
import { type FilesMissingAnswer, UPLOAD_PART_BYTES_MAX, type UploadAnswer } from '../../../domain/protocol/protocol.ts';
import { SyncFault, faultOf, faultOfThrown } from '../fault.ts';
import type { Session } from '../session.ts';

/** The server's own answer about this one file: not found, not taken, out of step. Waiting for the line would not help. */
export class FileAnswerFault extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'FileAnswerFault';
    this.status = status;
    this.code = code;
  }
}

export interface FileAddress {
  readonly recordId: string;
  readonly sha256: string;
}
const pathOf = ({ recordId, sha256 }: FileAddress): string => `/files/${encodeURIComponent(recordId)}/${sha256}`;

/** Milliseconds that a part may take; below a part's size in this time the line is too bad for parts of that size. */
const PART_MS = 45_000;
/** Longest silence within a download. */
const SILENCE_MS = 30_000;
/** Statuses that speak of the file, not of the line or the sign-in. */
const ABOUT_THE_FILE = new Set([400, 403, 404, 409, 411, 413, 415, 416, 422]);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const strange = (): SyncFault =>
  new SyncFault('bad_answer', 'The server answered about a file in a way this Drover does not know. Is it of a fitting version?');

async function throwUnlessOk(response: Response): Promise<void> {
  if (response.ok) return;
  if (!ABOUT_THE_FILE.has(response.status)) throw await faultOf(response);
  // A proxy may answer with a page of its own; the status then says enough.
  const said: unknown = await response.json().catch(() => undefined);
  const code = isRecord(said) && typeof said['code'] === 'string' ? said['code'] : 'refused';
  const message =
    isRecord(said) && typeof said['detail'] === 'string' ? said['detail'] : `The server answered with status ${response.status}.`;
  throw new FileAnswerFault(response.status, code, message);
}

async function uploadAnswerOf(response: Response): Promise<UploadAnswer> {
  await throwUnlessOk(response);
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw strange();
    throw faultOfThrown(error);
  }
  const [received, complete] = isRecord(answer) ? [answer['received'], answer['complete']] : [];
  if (typeof received !== 'number' || typeof complete !== 'boolean') throw strange();
  return { received, complete };
}

/** How much of the file the server has. */
export const askUpload = async (session: Session, file: FileAddress, signal: AbortSignal): Promise<UploadAnswer> =>
  uploadAnswerOf(await session.authorizedFetch(`${pathOf(file)}/upload`, { signal }));

/** Sends one part that begins at `from`. Safe to repeat: a part that is there already is answered with FileAnswerFault 409. */
export async function sendPart(session: Session, file: FileAddress, from: number, part: Blob, signal: AbortSignal): Promise<UploadAnswer> {
  if (part.size > UPLOAD_PART_BYTES_MAX) throw new Error(`a part of ${part.size} bytes is too large`);
  return uploadAnswerOf(
    await session.authorizedFetch(`${pathOf(file)}/upload?from=${from}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/octet-stream' },
      body: part,
      signal,
      timeout: PART_MS,
    }),
  );
}

/** Which of these records the server has no content for. */
export async function askMissing(session: Session, ids: readonly string[]): Promise<FilesMissingAnswer['missing']> {
  const response = await session.authorizedFetch('/files/missing', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ids }),
  });
  await throwUnlessOk(response);
  const answer: unknown = await response.json();
  const missing = isRecord(answer) ? answer['missing'] : undefined;
  if (!Array.isArray(missing) || !missing.every((id) => typeof id === 'string')) throw strange();
  return missing;
}

/** The bytes of the file from `from` on, as they come. Throws SyncFault when the line breaks; what came before it was given. */
export async function* readContent(session: Session, file: FileAddress, from: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new DOMException('the download went silent', 'TimeoutError')), SILENCE_MS);
  };
  try {
    heard();
    const response = await session.authorizedFetch(pathOf(file), {
      ...(from === 0 ? {} : { headers: { range: `bytes=${from}-` } }),
      signal: silence.signal,
      timeout: 0,
    });
    await throwUnlessOk(response);
    if (!response.body || (from > 0 && response.status !== 206)) throw strange();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      yield value;
    }
  } catch (error) {
    if (error instanceof FileAnswerFault) throw error;
    throw faultOfThrown(error);
  } finally {
    clearTimeout(timer);
    // Whoever stops reading has no use for the rest.
    silence.abort();
  }
}
