/**
 * Contents on their way in. Parts are kept until the whole is there; then it is read once, checked against what the record
 * says (size, SHA-256, type by content) and moved into its place. Nothing here waits for, or holds up, the records.
 *
 * A hash proves nothing: a record gets a content by sending it, or because the caller could read it through another record.
 * Asked for anything else, the server behaves as if it had never seen the hash.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileRules, type NamedFile, SNIFF_BYTES } from '../../domain/record/file-rules.ts';
import type { ProblemCode } from '../../domain/protocol/problem-codes.ts';
import type { UploadAnswer } from '../../domain/protocol/protocol.ts';
import type { Caller } from '../auth/authenticate.ts';
import type { Database, Runner } from '../db/database.ts';
import {
  type FileEvent,
  type FileNames,
  type Upload,
  addContent,
  addPart,
  beginUpload,
  endUpload,
  findUpload,
  isKept,
  linkContent,
  linkedSize,
  logFile,
  openBytes,
  recordsById,
  recordsShowing,
  withContentLock,
} from '../db/files.ts';
import { HttpError } from '../error-answer.ts';
import type { Log } from '../log.ts';
import type { FileRightsOf } from './file-rights.ts';
import type { FileStore } from './file-store.ts';
import { sniff } from './sniff.ts';
import type { turnstile } from './turnstile.ts';

export interface FileDependencies {
  readonly db: Database;
  readonly store: FileStore;
  readonly rules: FileRules;
  readonly names: FileNames;
  readonly rightsOf: FileRightsOf;
  readonly now: () => Date;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** Holds back the work that keeps a database connection while it reads a whole content. */
  readonly inTurn: ReturnType<typeof turnstile>;
}
/** A file that the caller may send, as its record names it. */
export interface Sending {
  readonly recordId: string;
  readonly file: NamedFile;
  readonly caller: Caller;
}

/** What one account may have under way at once: ten of the largest files, a day of photos. */
const OPEN_BYTES_MAX = 512 * 1024 * 1024;

const eventOf = ({ recordId, file, caller }: Sending, what: FileEvent['what'], code?: string): FileEvent => ({
  what,
  recordId,
  sha256: file.sha256,
  size: file.size,
  actor: caller.user.id,
  device: caller.device,
  ...(code === undefined ? {} : { code }),
});

/** Writes down what happened, in the database for good and in the log of the process. */
async function note({ log }: FileDependencies, runner: Runner, event: FileEvent): Promise<void> {
  await logFile(runner, event);
  log.info(event, `file ${event.what}`);
}

async function refuse(dependencies: FileDependencies, sending: Sending, code: ProblemCode, message: string): Promise<HttpError> {
  await note(dependencies, dependencies.db, eventOf(sending, 'refused', code));
  return new HttpError(422, code, message);
}

/** Links the record to a content that its sender can read anyway. */
async function linkKnown(dependencies: FileDependencies, sending: Sending): Promise<boolean> {
  const { db, names } = dependencies;
  const { recordId, file, caller } = sending;
  const showing = await recordsShowing(db, names, file.sha256);
  if (showing.length === 0) return false;
  const { records, mayRead } = await dependencies.rightsOf(caller);
  const shown = await recordsById(
    records,
    names.collection,
    showing.map(({ id }) => id),
  );
  if (!shown.some(mayRead)) return false;
  return dependencies.inTurn(() =>
    withContentLock(db, file.sha256, async (runner) => {
      if (!(await linkContent(runner, recordId, file.sha256))) return false;
      await note(dependencies, runner, eventOf(sending, 'linked'));
      return true;
    }),
  );
}

const wrongSize = (file: NamedFile, size: number): string =>
  `"${file.name}" has ${size} bytes, its record says ${file.size}. Add the file again.`;

/** How much of this file the server has from this caller. */
export async function uploadState(dependencies: FileDependencies, sending: Sending): Promise<UploadAnswer> {
  const { db } = dependencies;
  const { recordId, file, caller } = sending;
  const done = (): Promise<number | undefined> => linkedSize(db, recordId, file.sha256);
  const size = (await done()) ?? ((await linkKnown(dependencies, sending)) ? await done() : undefined);
  if (size === file.size) return { received: size, complete: true };
  if (size !== undefined) throw await refuse(dependencies, sending, 'wrong_size', wrongSize(file, size));
  const upload = await findUpload(db, recordId, file.sha256, caller.user.id);
  if (!upload) return { received: 0, complete: false };
  // All parts came, and the process ended before it could look at them.
  return upload.received === upload.size ? finish(dependencies, sending, upload) : { received: upload.received, complete: false };
}

async function openUpload({ db, now }: FileDependencies, { recordId, file, caller }: Sending): Promise<Upload> {
  const account = caller.user.id;
  const known = await findUpload(db, recordId, file.sha256, account);
  if (known) return known;
  if ((await openBytes(db, account)) + file.size > OPEN_BYTES_MAX) {
    throw new HttpError(429, 'too_many_uploads', 'Too many files of yours are half sent. Let those finish first.', {
      headers: { 'retry-after': '60' },
    });
  }
  return beginUpload(db, { id: randomUUID(), recordId, sha256: file.sha256, size: file.size, account, at: now().toISOString() });
}

/** Takes one part that begins at `from`. `bytes` must yield exactly `length` bytes. */
export async function takePart(
  dependencies: FileDependencies,
  sending: Sending,
  part: { readonly from: number; readonly length: number; readonly bytes: AsyncIterable<Uint8Array> },
): Promise<UploadAnswer> {
  const { db, store, now } = dependencies;
  const { file } = sending;
  if ((await linkedSize(db, sending.recordId, file.sha256)) === file.size) return { received: file.size, complete: true };
  const upload = await openUpload(dependencies, sending);
  if (upload.received !== part.from) throw outOfStep(upload.received);
  if (part.from + part.length > file.size)
    throw await refuse(dependencies, sending, 'wrong_size', wrongSize(file, part.from + part.length));
  // A name of its own: two requests that send the same part never write one object.
  const name = `${String(part.from).padStart(12, '0')}-${randomUUID()}`;
  await store.putPart(upload.id, name, exactly(part.bytes, part.length));
  const next = await addPart(db, upload.id, { name, from: part.from, bytes: part.length, at: now().toISOString() });
  if (!next) {
    const other = await findUpload(db, sending.recordId, file.sha256, sending.caller.user.id);
    // Another request has ended this upload; what was written after it would lie there for good.
    if (other?.id !== upload.id) await store.dropUpload(upload.id);
    throw outOfStep(other?.received ?? 0);
  }
  return next.received === next.size ? finish(dependencies, sending, next) : { received: next.received, complete: false };
}

const outOfStep = (received: number): HttpError =>
  new HttpError(409, 'wrong_offset', `The server has ${received} bytes of this file. Go on from there.`, { more: { received } });

async function* exactly(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  try {
    for await (const chunk of bytes) {
      seen += chunk.byteLength;
      if (seen > length) break;
      yield chunk;
    }
  } catch (cause) {
    // The line broke: what the socket says of it is no fault of ours, and nobody is left to hear an answer.
    throw (cause as NodeJS.ErrnoException).code === 'ECONNRESET' ? new HttpError(400, 'connection_lost', 'The part came in half.') : cause;
  }
  if (seen !== length) throw new HttpError(400, 'bad_content_length', 'The length of the part is not what its header says.');
}

/** The parts of an upload are not in the file store: somebody emptied it. The device sends the file again from the beginning. */
class PartsLost extends Error {}

async function* contentOf({ store }: FileDependencies, upload: Upload): AsyncGenerator<Uint8Array> {
  for (const name of upload.parts) {
    const part = await store.readPart(upload.id, name);
    if (!part) throw new PartsLost();
    yield* part as AsyncIterable<Uint8Array>;
  }
}

interface Wrong {
  readonly code: ProblemCode;
  readonly message: string;
}

/** Reads the whole once: into its place, through the hash, and its first bytes past the judge. Keeps it only if all is right. */
async function place(dependencies: FileDependencies, { file }: Sending, upload: Upload, runner: Runner): Promise<Wrong | undefined> {
  const { store, rules } = dependencies;
  const hash = createHash('sha256');
  const head = Buffer.alloc(Math.min(SNIFF_BYTES, file.size));
  let seen = 0;
  const incoming = await store.begin(file.sha256);
  try {
    for await (const chunk of contentOf(dependencies, upload)) {
      if (seen < head.byteLength) head.set(chunk.subarray(0, head.byteLength - seen), seen);
      seen += chunk.byteLength;
      hash.update(chunk);
      await incoming.write(chunk);
    }
    const wrong = judge(hash.digest('hex'), file) ?? rules.contentProblem(file, await sniff(new Uint8Array(head)));
    if (wrong || (await isKept(runner, file.sha256))) await incoming.abort();
    else await incoming.commit();
    return wrong;
  } catch (cause) {
    await incoming.abort();
    throw cause;
  }
}
const judge = (sha256: string, file: NamedFile): Wrong | undefined =>
  sha256 === file.sha256
    ? undefined
    : { code: 'wrong_hash', message: `The content of "${file.name}" is not the one its record names. Add the file again.` };

/** Checks the whole and moves it into its place. What is wrong is thrown away, so that a new try begins from nothing. */
async function finish(dependencies: FileDependencies, sending: Sending, upload: Upload): Promise<UploadAnswer> {
  const { db, store } = dependencies;
  const { recordId, file, caller } = sending;
  const wrong = await dependencies.inTurn(() =>
    withContentLock(db, file.sha256, async (runner) => {
      // Another request for the same upload may have come first.
      if ((await findUpload(runner, recordId, file.sha256, caller.user.id))?.id !== upload.id) return undefined;
      try {
        const found = await place(dependencies, sending, upload, runner);
        if (!found) {
          await addContent(runner, file.sha256, file.size);
          await linkContent(runner, recordId, file.sha256);
          await note(dependencies, runner, eventOf(sending, 'stored'));
        }
        await endUpload(runner, upload.id);
        return found;
      } catch (cause) {
        if (!(cause instanceof PartsLost)) throw cause;
        await endUpload(runner, upload.id);
        return undefined;
      }
    }),
  );
  await store.dropUpload(upload.id);
  if (wrong) throw await refuse(dependencies, sending, wrong.code, wrong.message);
  return (await linkedSize(db, recordId, file.sha256)) === file.size
    ? { received: file.size, complete: true }
    : { received: 0, complete: false };
}
