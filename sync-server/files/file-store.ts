/**
 * Where contents lie: one port, two drivers (folder, S3). It knows bytes and names, no records and no rights. All drivers
 * pass tests/sync-server/files/file-store.test.ts.
 */
import type { Readable } from 'node:stream';

/** The place for files cannot be used: wrong setting, no right, disk full, bucket gone. The message says which, for the operator. */
export class FileStoreFault extends Error {
  readonly code: 'no_file_store' | 'file_store_unavailable' | 'file_store_full';
  constructor(code: FileStoreFault['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'FileStoreFault';
    this.code = code;
  }
}

/** A content on its way in: nobody can read it before `commit`, and after it everybody reads all of it. */
export interface Incoming {
  write(chunk: Uint8Array): Promise<void>;
  /** Durable when it resolves. The same hash again replaces the content with itself. */
  commit(): Promise<void>;
  /** Leaves nothing behind. Safe after a failed write. */
  abort(): Promise<void>;
}

export interface FileStore {
  /** Throws FileStoreFault with the way out unless contents can be written and read here. */
  check(): Promise<void>;
  /** Keeps one part of an upload under a name of its own; whole and durable when it resolves, absent when it rejects. */
  putPart(upload: string, part: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Undefined when the part is not there. */
  readPart(upload: string, part: string): Promise<Readable | undefined>;
  /** Forgets an upload and its parts, whether there are any or not. */
  dropUpload(upload: string): Promise<void>;
  begin(sha256: string): Promise<Incoming>;
  /** Bytes `from` to `to`, both included; undefined when there is no such content. */
  read(sha256: string, from: number, to: number): Promise<Readable | undefined>;
  /** Removes a content, whether it is there or not. */
  remove(sha256: string): Promise<void>;
  close(): Promise<void>;
}
