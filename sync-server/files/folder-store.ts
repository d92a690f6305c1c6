/**
 * Contents in a folder of this machine: `content/ab/cd/<sha256>`, parts in `parts/<upload>/`. A file appears under its name by
 * a rename after its bytes were forced to the disk, so that a crash leaves the whole file or none. Several server processes
 * may share the folder if their file system is one (a network share that keeps renames atomic).
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { type FileStore, FileStoreFault, type Incoming } from './file-store.ts';

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? '';
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function faultOf(folder: string, cause: unknown): Error {
  const code = codeOf(cause);
  if (FULL.has(code)) return new FileStoreFault('file_store_full', `The disk of ${folder} is full. Make room there.`, cause);
  if (code === '') return cause instanceof Error ? cause : new Error(String(cause));
  return new FileStoreFault(
    'file_store_unavailable',
    `Files cannot be kept in ${folder} (${code}). Set DROVER_FILES to a folder that the server may write.`,
    cause,
  );
}

/** A new name is durable only when its folder is. Windows cannot open a folder; there the rename itself is logged. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A content that is being written beside its place. */
async function startFile(temporary: string, place: string): Promise<Incoming> {
  await mkdir(path.dirname(temporary), { recursive: true });
  const handle: FileHandle = await open(temporary, 'wx');
  let open_ = true;
  const close = async (): Promise<void> => {
    if (!open_) return;
    open_ = false;
    await handle.close();
  };
  return {
    async write(chunk) {
      await handle.appendFile(chunk);
    },
    async commit() {
      await handle.sync();
      await close();
      await mkdir(path.dirname(place), { recursive: true });
      await rename(temporary, place);
      await syncFolder(path.dirname(place));
    },
    async abort() {
      await close();
      await rm(temporary, { force: true });
    },
  };
}

export function folderStore(folder: string): FileStore {
  const placeOf = (sha256: string): string => path.join(folder, 'content', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  const uploadOf = (upload: string): string => path.join(folder, 'parts', upload);
  const begin = (place: string): Promise<Incoming> => startFile(path.join(folder, 'incoming', randomUUID()), place);
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw faultOf(folder, cause);
    }
  };
  const explainedIncoming = ({ write, commit, abort }: Incoming): Incoming => ({
    write: (chunk) => explained(() => write(chunk)),
    commit: () => explained(commit),
    abort: () => explained(abort),
  });
  const read = (place: string, range: { readonly start?: number; readonly end?: number } = {}): Promise<Readable | undefined> =>
    explained(async () => {
      try {
        return (await open(place, 'r')).createReadStream({ ...range, autoClose: true });
      } catch (cause) {
        if (codeOf(cause) === 'ENOENT') return undefined;
        throw cause;
      }
    });
  return {
    async check() {
      await explained(async () => {
        const place = path.join(folder, 'trial', randomUUID());
        const trial = await begin(place);
        await trial.write(Buffer.from('trial'));
        await trial.commit();
        await rm(place, { force: true });
      });
    },
    async putPart(upload, part, bytes) {
      const incoming = explainedIncoming(await explained(() => begin(path.join(uploadOf(upload), part))));
      try {
        for await (const chunk of bytes) await incoming.write(chunk);
        await incoming.commit();
      } catch (cause) {
        await incoming.abort();
        throw cause;
      }
    },
    readPart: (upload, part) => read(path.join(uploadOf(upload), part)),
    dropUpload: (upload) => explained(() => rm(uploadOf(upload), { recursive: true, force: true })),
    begin: async (sha256) => explainedIncoming(await explained(() => begin(placeOf(sha256)))),
    read: (sha256, from, to) => read(placeOf(sha256), { start: from, end: to }),
    remove: (sha256) => explained(() => rm(placeOf(sha256), { force: true })),
    close: () => Promise.resolve(),
  };
}
