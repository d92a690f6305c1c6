/** What the process that listens is told, and what it answers, over Node's own channel between processes. */

import type { Checkpoint } from '../../domain/protocol/protocol.ts';

/** One kind of client: which streams it keeps open and which pages it asks for when it comes back. */
export interface Clients {
  readonly origin: string;
  /** Headers of the signed-in users; clients take them in turn. */
  readonly headers: readonly Readonly<Record<string, string>>[];
  readonly streams: readonly string[];
  readonly count: number;
}
/** A page that a client asks for when it comes back, unless the opening of its stream says that it would be empty. */
export interface Return {
  readonly path: string;
  readonly collection: string;
  /** Where it stood; absent for a client that always asks. */
  readonly stood?: Checkpoint;
}
export type Order =
  /** Opens all streams; answers when each has sent its first bytes. */
  | { readonly do: 'open'; readonly clients: Clients }
  /** Answers what was heard since the last such order. */
  | { readonly do: 'report' }
  /** Opens all streams at once, asks for the pages of each user, and answers when every client has found `documents` in them. */
  | { readonly do: 'reconnect'; readonly clients: Clients; readonly returns: readonly (readonly Return[])[]; readonly documents: number }
  | { readonly do: 'close' };
export interface Heard {
  /** Changes that arrived, over all clients. */
  readonly changes: number;
  /** Milliseconds from the moment a change was sent to the moment a client had it. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}
export interface Caught {
  /** Milliseconds until the last client had everything. */
  readonly all: number;
  /** Milliseconds a client took, median. */
  readonly p50: number;
}
export type Answer = { readonly heard: Heard } | { readonly caught: Caught } | { readonly done: true } | { readonly failed: string };

/** A change carries the moment at which it was sent, in nanoseconds of the clock that all processes of a machine share. */
export const sentMark = (now: bigint): string => `sent ${now}.`;
export const SENT = /sent (\d+)\./gu;
