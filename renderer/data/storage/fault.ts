/** What can go wrong in the world below the storage, as values and classes that a host can act on. */

export type StorageFaultCode =
  /** The browser's quota or the disk is used up; what was to be written is not stored and not visible. */
  | 'disk_full'
  /** IndexedDB refused a write for another reason; what was to be written is not stored and not visible. */
  | 'write_failed'
  | 'read_failed'
  /** Another engine opened the same database; this one must not write any more. */
  | 'taken_over'
  | 'closed'
  | 'wrong_key'
  /** The data is encrypted and no key was given. */
  | 'key_missing'
  /** A key was given for data that was stored without one. */
  | 'key_unexpected'
  /** Written by a newer version of this engine. */
  | 'newer_format'
  /** Neither copy of the manifest can be read, nor any page to make it from. Nothing was changed on the disk. */
  | 'manifest_lost'
  | 'attachments_unsupported';

export class StorageFault extends Error {
  readonly code: StorageFaultCode;
  constructor(code: StorageFaultCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StorageFault';
    this.code = code;
  }
}

/**
 * Something on the disk that does not carry what was written. The rest goes on working.
 *
 * - `log_row`: a group commit is unreadable or missing. What it held is unknown; compare with the server.
 * - `log_tail`: the same for the last one; nothing after it was lost.
 * - `body_page`: the documents named by `ids` are lost.
 * - `head_page`: the keys of a page; they were made again from its documents, nothing is lost.
 * - `order_page`: the sorted order of a collection; it was made again, nothing is lost.
 * - `manifest_copy`: one of the two copies; the other one was used, nothing is lost.
 * - `manifest`: both; it was made again from the pages. Documents that had been deleted and forgotten may be back.
 */
export interface Damage {
  readonly kind: 'log_row' | 'log_tail' | 'body_page' | 'head_page' | 'order_page' | 'manifest_copy' | 'manifest';
  /** Number of the log row, of the page, or of the row of a page's body. */
  readonly position: number;
  readonly collection?: string;
  readonly version?: number;
  /** Primary keys of the documents that are lost, where known. */
  readonly ids: readonly string[];
  /** False when something is gone that only another replica has. */
  readonly healed: boolean;
  /** Why it was judged damaged: missing, short, checksum ... */
  readonly reason: string;
}
export type OnDamage = (damage: Damage) => void;

const nameOf = (error: unknown): string => (error instanceof Error || error instanceof DOMException ? error.name : '');

/** Dexie and IndexedDB name the full disk differently, and an aborted transaction carries it inside. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error, depth = 0; at !== null && typeof at === 'object' && depth < 5; depth += 1) {
    if (nameOf(at) === 'QuotaExceededError') return true;
    at = 'inner' in at ? at.inner : 'cause' in at ? at.cause : undefined;
  }
  return false;
}

export const writeFault = (error: unknown): StorageFault =>
  error instanceof StorageFault
    ? error
    : isDiskFull(error)
      ? new StorageFault('disk_full', 'The disk or the room that the browser grants is full; the change is not stored.', error)
      : new StorageFault('write_failed', 'The database of the browser refused the write; the change is not stored.', error);
